import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../clock.ts';

/**
 * Times as the console shows them: in the zone of the person, in 24 hours. `zone` is an IANA name;
 * the default is the zone of the browser.
 */
const LOCALE = 'en-GB';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const format = (
  at: UnixMilliseconds,
  parts: Intl.DateTimeFormatOptions,
  zone: string | undefined,
): string =>
  new Intl.DateTimeFormat(LOCALE, {
    ...parts,
    ...(zone !== undefined && { timeZone: zone }),
  }).format(at);

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** Returns the time of day, such as `10:42:07`. */
export const clockTime = (at: UnixMilliseconds, zone?: string): string => format(at, CLOCK, zone);

/** Returns the hour and minute, such as `10:42`. */
export const clockMinute = (at: UnixMilliseconds, zone?: string): string =>
  format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, zone);

/** Returns the time of day, with the day before it if that is not the day of `now`. */
export function moment(at: UnixMilliseconds, now: UnixMilliseconds, zone?: string): string {
  const day = (time: UnixMilliseconds): string =>
    format(time, { day: 'numeric', month: 'short', year: 'numeric' }, zone);
  if (day(at) === day(now)) return clockTime(at, zone);
  const isThisYear =
    format(at, { year: 'numeric' }, zone) === format(now, { year: 'numeric' }, zone);
  return `${isThisYear ? format(at, { day: 'numeric', month: 'short' }, zone) : day(at)}, ${clockTime(at, zone)}`;
}

/** Returns the short name of the zone at a time, such as `CET` or `GMT+5:30`. */
export const zoneName = (at: UnixMilliseconds, zone?: string): string =>
  new Intl.DateTimeFormat(LOCALE, {
    timeZoneName: 'short',
    ...(zone !== undefined && { timeZone: zone }),
  })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';

/** Returns a time for `datetime` and `title`: ISO 8601 in UTC, to the second. */
export const isoTime = (at: UnixMilliseconds): string =>
  new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** Returns the time that the admin API writes as RFC 3339 text, and undefined for anything else. */
export function readIso(text: string | null | undefined): UnixMilliseconds | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Returns a span of time in words. `coarse` has one unit, for lists that change while they are
 * read; `exact` has two. A negative span, from clocks that differ, is zero.
 */
export function span(milliseconds: number, detail: 'coarse' | 'exact' = 'exact'): string {
  const rest = Math.max(0, Math.round(milliseconds / SECOND) * SECOND);
  if (rest < MINUTE) return `${rest / SECOND} s`;
  const two = (unit: number, name: string, below: number, belowName: string): string => {
    const whole = `${Math.floor(rest / unit)} ${name}`;
    const part = Math.floor((rest % unit) / below);
    return detail === 'coarse' || part === 0 ? whole : `${whole} ${part} ${belowName}`;
  };
  if (rest < HOUR) return two(MINUTE, 'min', SECOND, 's');
  if (rest < 2 * DAY) return two(HOUR, 'h', MINUTE, 'min');
  return two(DAY, 'days', HOUR, 'h');
}

/** Returns the span between two times of the admin API, in words. */
export const spanSince = (
  since: UnixSeconds,
  now: UnixMilliseconds,
  detail: 'coarse' | 'exact' = 'exact',
): string => span(now - toMilliseconds(since), detail);
