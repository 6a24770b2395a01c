/**
 * Reads the checks of a token back as bounds: for a retrieval that is not one call, and to show
 * what the holder of a token may do.
 */
export { type ArgumentBound, type BlockBound, readArgumentBounds } from './argument-bounds.ts';
export { type CheckReading, readChecks, sourceOf } from './read-check.ts';
export type { ValueBound } from './value-bound.ts';
