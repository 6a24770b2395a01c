/** Reads the checks of a token back as bounds, for a retrieval that is not one call. */
export {
  type CheckBound,
  type CheckReading,
  type CheckReads,
  readChecks,
  sourceOf,
} from './read-check.ts';
