/**
 * True where `since` is at most `span` ago, all three in one unit.
 *
 * A wall clock steps: it is put right, a machine is resumed, an operator types a wrong year. Where
 * `since` lies ahead of `now` the clock has gone back, and how much time has passed is unknown. A
 * plain `now - since < span` would then hold until the clock has caught up, which is how a cache
 * stays fresh, and a retry stays away, for hours.
 */
export const isWithin = (since: number, now: number, span: number): boolean =>
  since <= now && now - since < span;
