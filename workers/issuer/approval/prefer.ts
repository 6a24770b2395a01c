import { APPROVAL_WAIT_SECONDS_MAX } from '../../../src/limits.ts';

/** Reads how many seconds a request prefers to wait (RFC 7240 section 4.3), within the bound. */
export function preferredWait(headers: Headers): number {
  const preference = /(?:^|,)\s*wait\s*=\s*"?(\d{1,4})"?\s*(?:[;,]|$)/i;
  const [, seconds = '0'] = preference.exec(headers.get('prefer') ?? '') ?? [];
  return Math.min(Number(seconds), APPROVAL_WAIT_SECONDS_MAX);
}
