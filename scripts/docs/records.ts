import { RECORD_KINDS } from '../../src/audit/index.ts';
import { markdownTable } from './table.ts';

/** Renders the kinds of records in the audit log: when each is written, and what it contains. */
export function renderRecordKinds(): string {
  const rows = Object.entries(RECORD_KINDS).map(([event, { written, contents }]) => [
    `\`${event}\``,
    written,
    contents,
  ]);
  return markdownTable(['event', 'written', 'what it contains'], rows);
}
