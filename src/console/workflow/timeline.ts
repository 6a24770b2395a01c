import type { AuditRecord } from '../../audit/index.ts';
import type { UnixMilliseconds } from '../../clock.ts';
import { plural } from '../plural.ts';
import type { TimelineEvent } from './record-event.ts';

/**
 * Leaves out the records that were written before a call and that a decision names: the decision
 * says the same and more.
 */
export function withoutDecided(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const decided = new Set(
    records.flatMap((record) =>
      record.event === 'decision' && record.dispatch !== undefined ? [record.dispatch] : [],
    ),
  );
  return records.filter(({ event, id }) => event !== 'dispatch' || !decided.has(id));
}

/** Which events the page shows: `` for all of them. */
export type Only = '' | 'denied' | 'effects';

/**
 * Narrows the events. No choice hides a denial or a stop: a summary without them would show a run
 * in which nothing went wrong.
 */
export const narrowEvents = (
  events: readonly TimelineEvent[],
  only: Only,
): readonly TimelineEvent[] =>
  events.filter(
    ({ kind, changes }) =>
      only === '' ||
      kind === 'denied' ||
      kind === 'stopped' ||
      (only === 'effects' && (changes || kind === 'unknown')),
  );

/** A mark of the strip that shows a whole run at a glance: `at` is 0 at its begin and 1 now. */
export interface StripMark {
  readonly id: string;
  readonly at: number;
  readonly kind: TimelineEvent['kind'];
}

/** Returns the marks of the strip. */
export function stripMarks(
  events: readonly TimelineEvent[],
  range: { readonly from: UnixMilliseconds; readonly to: UnixMilliseconds },
): readonly StripMark[] {
  const length = Math.max(1, range.to - range.from);
  return events.map(({ id, at, kind }) => ({
    id,
    at: Math.min(1, Math.max(0, (at - range.from) / length)),
    kind,
  }));
}

/** Returns what the strip shows, for people who do not see it. */
export function stripWords(events: readonly TimelineEvent[]): string {
  const count = (kind: TimelineEvent['kind']): number =>
    events.filter((event) => event.kind === kind).length;
  const calls = count('allowed') + count('denied') + count('unknown');
  const parts = [
    `${count('allowed')} allowed`,
    `${count('denied')} denied`,
    count('unknown') > 0 && `${count('unknown')} with an unknown effect`,
  ].filter(Boolean);
  return `${plural(calls, 'call')}: ${parts.join(', ')}. The list below has each.`;
}
