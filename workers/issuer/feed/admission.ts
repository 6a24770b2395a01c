import { readClock, readSeconds } from '../../../src/clock.ts';

const MINT_CLOCK_MILLISECONDS_MAX = 2_000; // By how much the log's clock may be behind.

/**
 * A mint's clock may be ahead: a denial of this moment would not stop its token. False where it is
 * too far ahead to be waited for.
 */
export async function hasReached(issuedAt: number): Promise<boolean> {
  const waitsUntil = readClock() + MINT_CLOCK_MILLISECONDS_MAX;
  while (readSeconds() < issuedAt && readClock() < waitsUntil) {
    await new Promise((passed) => setTimeout(passed, 50));
  }
  return readSeconds() >= issuedAt;
}
