/**
 * A workflow renews twice a minute and steps up now and then; each mint is a signature and rows.
 */
export const MINTS_PER_MINUTE_MAX = 60;
const WINDOW_SECONDS = 60;

/**
 * After how many seconds a workflow may be minted for again; undefined where it may be now.
 * `newest` are the times of its newest mints, newest first, as many as a minute may have.
 */
export function pauseAfter(newest: readonly number[], now: number): number | undefined {
  const oldest = newest.length < MINTS_PER_MINUTE_MAX ? undefined : newest.at(-1);
  if (oldest === undefined) return undefined;
  const age = now - oldest;
  // A clock that was set back makes ages negative: they count as within the window, and wait it
  // out.
  if (age >= WINDOW_SECONDS) return undefined;
  return Math.min(WINDOW_SECONDS, WINDOW_SECONDS - age);
}
