import type { AuditRecord, Outcome } from '../../audit/index.ts';

/** The records of a workflow that the page has so far. */
export interface RecordsRead {
  readonly records: readonly AuditRecord[];
  /** Where the next page begins: of older answers, or of what is recorded from now on. */
  readonly cursor: string | undefined;
  /** Everything that is recorded was read. */
  readonly isWhole: boolean;
}

export const NOTHING_READ: RecordsRead = { records: [], cursor: undefined, isWhole: false };

/** A page of records, as the issuer answers. */
export interface RecordsPage {
  readonly records: readonly { readonly record: AuditRecord; readonly effect?: Outcome }[];
  /** Effects of decisions of an earlier page. */
  readonly effects: readonly { readonly decision: string; readonly effect: Outcome }[];
  readonly next: string;
  readonly end: boolean;
}

/** Adds a page: its records with their effects, and effects of decisions that came before. */
export function withPage(
  before: RecordsRead,
  { records, effects, next, end }: RecordsPage,
): RecordsRead {
  const late = new Map(effects.map(({ decision, effect }) => [decision, effect]));
  const known = new Set(before.records.map(({ id }) => id));
  const added = records.map(({ record, effect }) => withEffect(record, effect));
  const all = [
    ...before.records.map((record) => withEffect(record, late.get(record.id))),
    ...added.filter(({ id }) => !known.has(id)),
  ];
  // A record of another log can be older than one that was read before it.
  return { records: all.sort((a, b) => a.at - b.at), cursor: next, isWhole: end };
}

const withEffect = (record: AuditRecord, effect: Outcome | undefined): AuditRecord =>
  effect !== undefined && record.event === 'decision' ? { ...record, outcome: effect } : record;
