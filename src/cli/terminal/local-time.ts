import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import type { Screen } from './screen.ts';

/** The last moment that `Date` can hold: a head or a record can contain a later one. */
const DATE_MAX: UnixMilliseconds = 8.64e15;

/**
 * Renders a time: on a terminal in the person's zone, with its distance from UTC, and otherwise as
 * RFC 3339 in UTC. `--since` and `--until` accept both forms, so that a time can be copied.
 */
export function showTime(
  screen: Screen,
  at: UnixMilliseconds,
  precision: 'seconds' | 'milliseconds' = 'seconds',
): string {
  const date = new Date(Math.min(at, DATE_MAX));
  const iso = date.toISOString();
  if (!screen.outIsTerminal) return precision === 'seconds' ? iso.replace(/\.\d+Z$/, 'Z') : iso;
  const parts = new Map(
    new Intl.DateTimeFormat('en-u-ca-iso8601', {
      ...(screen.zone !== undefined && { timeZone: screen.zone }),
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
    })
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  const fraction = precision === 'seconds' ? '' : iso.slice(19, 23);
  // The zone is `GMT+01:00`, or `GMT` alone for UTC.
  const zone = part('timeZoneName').slice(3) || '+00:00';
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return `${day} ${part('hour')}:${part('minute')}:${part('second')}${fraction} ${zone}`;
}

/** Renders a time of a token, a feed or a workflow. */
export const showSeconds = (screen: Screen, at: UnixSeconds): string =>
  showTime(screen, toMilliseconds(at));

/** Renders a time that the issuer answers with as text. What is no time is left as it is. */
export function showTimestamp(screen: Screen, text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : showTime(screen, at);
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Renders a duration coarsely, such as `5m` or `2d`. */
function showDuration(seconds: number): string {
  const [unit, size] = UNITS.find(([, one]) => seconds >= one) ?? (['s', 1] as const);
  return `${Math.max(0, Math.floor(seconds / size))}${unit}`;
}

/** Renders how long ago a time was, or how far ahead it is: `5m ago`, `in 2h`. */
export function showAge(now: UnixMilliseconds, at: UnixMilliseconds): string {
  const seconds = (now - at) / 1000;
  return seconds < 0 ? `in ${showDuration(Math.ceil(-seconds))}` : `${showDuration(seconds)} ago`;
}
