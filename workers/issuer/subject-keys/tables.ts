import { blob, integer, table, text } from '../platform/table.ts';

export const subjectKeyTable = table('subject_key', {
  person: text(
    'SHA-256 of the person, in hex: the subject of records, or the agent of records without one.',
  ),
  id: text(
    'Random, after the digit of the object. What is beside the entries names the key by it.',
  ),
  key: blob('32 random bytes. Erasing the person deletes the row.'),
});

export const holdTable = table('hold', {
  id: text('Random.'),
  subject: text('The person whose key must not be erased.'),
  reason: text("The operator's reason."),
  actor: text('Who set it, as in the audit log.'),
  at: integer('Unix milliseconds.'),
});
