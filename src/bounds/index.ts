/** Reads the checks of a token back as bounds, for a retrieval that is not one call. */
export { type CheckReading, readChecks, sourceOf } from './read-check.ts';
