import type { UnixMilliseconds } from '../clock.ts';
import { clockTime, readIso } from './time.ts';

/** Which state of the issuer an answer describes. */
export interface AsOf {
  readonly seq?: number | undefined;
  readonly at: string;
}

/** Returns since when an answer holds: the clock of the issuer, and the newest stop it knew. */
export function asOfWords({ seq, at }: AsOf, now: UnixMilliseconds, zone?: string): string {
  const time = clockTime(readIso(at) ?? now, zone);
  return seq === undefined
    ? `As of ${time}. The trust feed did not answer.`
    : `As of ${time}, with entry ${seq} of the trust feed.`;
}
