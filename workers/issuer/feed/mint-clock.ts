import { MINT_CLOCK_MILLISECONDS_MAX } from '../../../src/limits.ts';

/**
 * A mint's clock may be ahead: a denial of this moment would not stop its token. False where it is
 * too far ahead to be waited for.
 */
export async function hasReached(issuedAt: number): Promise<boolean> {
  const waitsUntil = Date.now() + MINT_CLOCK_MILLISECONDS_MAX;
  while (seconds() < issuedAt && Date.now() < waitsUntil) {
    await new Promise((passed) => setTimeout(passed, 50));
  }
  return seconds() >= issuedAt;
}

const seconds = (): number => Math.floor(Date.now() / 1000);
