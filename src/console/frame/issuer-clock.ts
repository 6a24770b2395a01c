import { readClock, type UnixMilliseconds } from '../../clock.ts';

/** How far the issuer's clock is ahead of this machine's. */
let ahead = 0;
let isKnown = false;

/** A `Date` header has whole seconds, so a smaller difference says nothing. */
const RESOLUTION_MILLISECONDS = 2000;

/** Notes the time of an answer. */
export function heardFrom(date: string | null): void {
  const at = Date.parse(date ?? '');
  if (Number.isNaN(at)) return;
  const difference = at - readClock();
  if (isKnown && Math.abs(difference - ahead) < RESOLUTION_MILLISECONDS) return;
  ahead = Math.abs(difference) < RESOLUTION_MILLISECONDS ? 0 : difference;
  isKnown = true;
}

/** Returns the time by the issuer's clock, which counts here and not that of the laptop. */
export const issuerNow = (): UnixMilliseconds => readClock() + ahead;
