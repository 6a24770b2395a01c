import type { UnixSeconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { CommandContext } from './command.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
const DAY_MINUTES = 24 * 60;

/** Reads a duration such as `30s`, `10m` or `2h`. */
export function readDuration(
  flag: string,
  text: string,
  secondsMax: number,
): Result<number, string> {
  const [, count = '0', unit = 's'] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  return seconds >= 1 && seconds <= secondsMax
    ? ok(seconds)
    : refuse(`${flag} must be a time such as 30s, 10m or 2h, at most ${secondsMax / 3_600}h`);
}

/**
 * Reads an end: `18:00` of today or tomorrow in the person's zone, a time in RFC 3339, or a
 * duration from now.
 */
export function readEnd(
  { now, zone }: Pick<CommandContext, 'now' | 'zone'>,
  flag: string,
  text: string,
  secondsMax: number,
): Result<UnixSeconds, string> {
  const start = Math.floor(now().getTime() / 1_000);
  const end = /^\d{1,2}:\d{2}$/.test(text)
    ? nextTime(start, text.padStart(5, '0'), zone)
    : /^\d{4}-\d{2}-\d{2}T/.test(text)
      ? Math.floor(Date.parse(text) / 1_000)
      : undefined;
  if (end === undefined) {
    const seconds = readDuration(flag, text, secondsMax);
    return seconds.ok ? ok(start + seconds.value) : seconds;
  }
  return end > start && end <= start + secondsMax
    ? ok(end)
    : refuse(`${flag} must be a time in the future, at most ${secondsMax / 3_600} hours away`);
}

/** The next minute at which a clock of this zone shows the text, also where a clock changes. */
function nextTime(start: UnixSeconds, text: string, zone: string | undefined): UnixSeconds {
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...(zone !== undefined && { timeZone: zone }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const minute = Math.ceil((start + 1) / 60) * 60;
  for (let offset = 0; offset <= DAY_MINUTES; offset++) {
    const at = minute + offset * 60;
    if (clock.format(at * 1_000) === text) return at;
  }
  return Number.NaN;
}
