import type { NowFilter } from './filter.ts';
import { filterWords } from './filter.ts';

/** A workflow that an order for a whole list would reach, or has left alone. */
export interface ManyRow {
  readonly id: string;
  readonly task: string;
  readonly owner: string;
  readonly standing: 'will stop' | 'stopped' | 'left alone';
  /** Why it is left alone. */
  readonly why?: string | undefined;
}

/** What an order for a whole list has found so far. */
export interface ManyFound {
  readonly rows: readonly ManyRow[];
  /** Where the next part begins. */
  readonly next: string | undefined;
}

/** One part of the answer to an order, as the issuer sends it. */
export interface ManyPart {
  readonly matched: readonly {
    readonly id: string;
    readonly task?: string | undefined;
    readonly owner?: string | undefined;
  }[];
  readonly done: readonly { readonly id: string }[];
  readonly skipped: readonly { readonly id: string; readonly words: string }[];
  readonly next?: string | undefined;
}

export const NOTHING_FOUND: ManyFound = { rows: [], next: undefined };

/** Adds a part of the answer to what was found before. */
export function withPart(before: ManyFound, part: ManyPart, isDryRun: boolean): ManyFound {
  const skipped = new Map(part.skipped.map(({ id, words }) => [id, words]));
  const rows = part.matched.map(({ id, task = 'a task that was erased', owner = 'no owner' }) => {
    const why = skipped.get(id);
    const standing = why !== undefined ? 'left alone' : isDryRun ? 'will stop' : 'stopped';
    return { id, task, owner, standing, ...(why !== undefined && { why }) } as const;
  });
  return { rows: [...before.rows, ...rows], next: part.next };
}

/** How many of the rows the order reaches. */
export const reached = ({ rows }: ManyFound): number =>
  rows.filter(({ standing }) => standing !== 'left alone').length;

/** Returns what the dialog says above the list. */
export function manyWords(filter: NowFilter, { rows }: ManyFound): string {
  const words = filterWords(filter);
  const left = rows.filter(({ standing }) => standing === 'left alone').length;
  const rest =
    left === 0 ? '' : ` ${left} of ${rows.length} are left alone, for the reasons below.`;
  return `The list matches ${words === '' ? 'every running workflow' : words}.${rest} Nothing has been done yet.`;
}

/**
 * Returns what an order for the list matches: its filter, and only what runs. Undefined for a list
 * that shows what is stopped already.
 */
export function selectorOf(filter: NowFilter): NowFilter | undefined {
  if (filter.show === 'stopped') return undefined;
  return filter.show === undefined ? { ...filter, show: 'running' } : filter;
}
