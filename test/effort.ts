/**
 * Randomised tests have two lengths with the same assertions: the short one, and the long one where
 * `HEWN_TEST_EFFORT` is `long`, as before a release.
 */
const isLong = process.env.HEWN_TEST_EFFORT === 'long';

/** Returns the number of cases, clients or runs that this run of the tests takes. */
export const effort = (short: number, long: number): number => (isLong ? long : short);
