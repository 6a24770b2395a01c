import { isJsonObject, type Json } from '../canonical-json.ts';
import type { AuditRecord } from './record.ts';

/**
 * The record in a form that the log can hash, whatever its texts hold: half of a character becomes
 * U+FFFD, and a number that JSON cannot carry becomes null, as storing it does. A record that the
 * log could never write would be owed to it as long as its object lives.
 */
export const writable = (record: AuditRecord): AuditRecord =>
  repaired(JSON.parse(JSON.stringify(record)) as Json) as unknown as AuditRecord;

function repaired(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(repaired);
  if (!isJsonObject(value)) return value;
  // Not by assignment: a member named `__proto__` would be none.
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toWellFormed(), repaired(member)]),
  );
}
