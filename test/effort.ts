/**
 * Randomised tests have two lengths. `npm test` runs the short one. `npm run test:product` sets
 * `HEWN_TEST_EFFORT=long`; the assertions are the same.
 */
const isLong = process.env.HEWN_TEST_EFFORT === 'long';

/** Returns the number of cases, clients or runs that this run of the tests takes. */
export const effort = (short: number, long: number): number => (isLong ? long : short);
