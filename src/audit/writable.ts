import type { Json } from '../canonical-json.ts';
import type { AuditRecord } from './record.ts';

/** Deeper than any record; what goes on below is cut, as what contains itself is. */
const DEPTH_MAX = 32;

/**
 * The record in a form that the log can hash, whatever it holds: half of a character becomes
 * U+FFFD, and what JSON cannot carry becomes what storing it makes of it. A record that the log
 * could never write would be owed to it as long as its object lives.
 */
export const writable = (record: AuditRecord): AuditRecord =>
  plain(record, 0) as unknown as AuditRecord;

function plain(value: unknown, depth: number): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX) return null;
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  // Not by assignment: a member named `__proto__` would be none.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && typeof member !== 'function')
      .map(([name, member]) => [name.toWellFormed(), plain(member, depth + 1)]),
  );
}
