import type { UnixMilliseconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads the time of a flag: how long ago it was, or when. Undefined if there is no flag. */
export function readTime(
  flag: string,
  text: string | undefined,
  now: Date,
): Result<UnixMilliseconds | undefined, string> {
  if (text === undefined) return ok(undefined);
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    return ok(now.getTime() - Number(count) * UNITS[unit as keyof typeof UNITS]);
  }
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at)
    ? refuse(
        `--${flag} must be 7d, 24h, 30m or RFC 3339, such as 2026-11-23T10:00:00Z (got ${text})`,
      )
    : ok(at);
}
