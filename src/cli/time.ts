import type { UnixMilliseconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time with its zone: RFC 3339, or as a terminal shows it. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads the time of a flag: how long it is from now, or when. `direction` says whether `2h` was two
 * hours ago or is in two hours. Undefined if there is no flag.
 */
export function readTime(
  flag: string,
  text: string | undefined,
  now: Date,
  direction: 'ago' | 'ahead' = 'ago',
): Result<UnixMilliseconds | undefined, string> {
  if (text === undefined) return ok(undefined);
  const [, count, unit] = /^(\d{1,5})(s|m|h|d)$/.exec(text) ?? [];
  if (count !== undefined) {
    const distance = Number(count) * UNITS[unit as keyof typeof UNITS];
    return ok(now.getTime() + (direction === 'ago' ? -distance : distance));
  }
  const [, day, time, zone] = TIME.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at)
    ? refuse(
        `--${flag} must be 7d, 24h, 30m or RFC 3339, such as 2026-11-23T10:00:00Z (got ${text})`,
      )
    : ok(at);
}
