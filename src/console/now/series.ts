import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import { plural } from '../plural.ts';
import { clockMinute } from '../time.ts';

/** One step of the series: when it began, and how many calls, denials and mints it has. */
export type SeriesPoint = readonly [at: UnixSeconds, calls: number, denials: number, mints: number];

/** The series as a plot takes it: one array for each line, all of one length. */
export interface Columns {
  readonly at: readonly UnixSeconds[];
  readonly calls: readonly number[];
  readonly denials: readonly number[];
  readonly mints: readonly number[];
}

/** A series with the length of its steps in seconds. */
export interface Series {
  readonly step: SeriesStep;
  readonly points: readonly SeriesPoint[];
}

/** The lengths that the issuer can answer with. */
const STEPS = [60, 300, 900, 3600] as const;
type SeriesStep = (typeof STEPS)[number];

/** More steps than this are closer together than a person can tell apart. */
const STEPS_SHOWN_MAX = 180;

/** Returns the shortest step with which a span of seconds can still be read. */
export const stepOf = (seconds: number): SeriesStep =>
  STEPS.find((step) => seconds / step <= STEPS_SHOWN_MAX) ?? 3600;

export const toColumns = (points: readonly SeriesPoint[]): Columns => ({
  at: points.map(([at]) => at),
  calls: points.map(([, calls]) => calls),
  denials: points.map(([, , denials]) => denials),
  mints: points.map(([, , , mints]) => mints),
});

/** Returns one step in words, for a reading mark that arrow keys move. */
export const stepWords = ([at, calls, denials, mints]: SeriesPoint, zone?: string): string =>
  `${clockMinute(toMilliseconds(at), zone)}: ${plural(calls, 'call')}, ${plural(mints, 'mint')}, ${plural(denials, 'denial')}`;

/** Returns the sentence that says what the plot shows, for people who do not see it. */
export function seriesWords(points: readonly SeriesPoint[], zone?: string): string {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return 'No calls yet.';
  const sum = (index: 1 | 2 | 3): number => points.reduce((all, point) => all + point[index], 0);
  const worst = points.reduce((a, b) => (b[2] > a[2] ? b : a));
  const total = `From ${clockMinute(toMilliseconds(first[0]), zone)} to ${clockMinute(toMilliseconds(last[0]), zone)}: ${plural(sum(1), 'call')}, ${plural(sum(3), 'mint')} and ${plural(sum(2), 'denial')}.`;
  return worst[2] === 0
    ? total
    : `${total} Most denials at once: ${worst[2]}, at ${clockMinute(toMilliseconds(worst[0]), zone)}.`;
}

/** A row of the table that says what the plot shows. */
export interface SeriesRow {
  readonly from: UnixMilliseconds;
  readonly calls: number;
  readonly denials: number;
  readonly mints: number;
}

/** Returns the series as at most `count` rows, newest first. */
export function seriesRows(points: readonly SeriesPoint[], count = 6): readonly SeriesRow[] {
  const size = Math.max(1, Math.ceil(points.length / count));
  const rows: SeriesRow[] = [];
  for (let start = 0; start < points.length; start += size) {
    const part = points.slice(start, start + size);
    const sum = (index: 1 | 2 | 3): number => part.reduce((all, point) => all + point[index], 0);
    rows.push({
      from: toMilliseconds(part[0]?.[0] ?? 0),
      calls: sum(1),
      denials: sum(2),
      mints: sum(3),
    });
  }
  return rows.reverse();
}
