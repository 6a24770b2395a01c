import type { RecordOutbox } from '../outbox.ts';

/**
 * How full the way to the log may be for a call of each tier to be made. While the log takes
 * nothing, records wait at the verifier. What is irreversible stops first: its record has to be in
 * the log before the call, so it stops as soon as the log cannot take it, and before the rest of
 * the room is used up. What changes things stops next, and plain reads stop when a further record
 * would be lost.
 */
export const FILL_MAX_OF_TIER = [1, 0.9, 0.75, 0.5] as const;

/** Returns whether a call of a tier can still be recorded. */
export const hasRoomFor = (tier: 0 | 1 | 2 | 3, outbox: RecordOutbox): boolean =>
  outbox.fill() < FILL_MAX_OF_TIER[tier];
