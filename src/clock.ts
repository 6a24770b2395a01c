/** A time as `Date.now()` returns it: milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMilliseconds = number & { readonly unit?: 'milliseconds since 1970' };

/**
 * A time as tokens and protocols carry it: whole seconds since 1970-01-01T00:00:00Z.
 *
 * The two types do not mix: a function that takes one does not compile with the other, which is
 * the mistake that makes a token live a thousand times too long. A plain `number` passes as either,
 * so arithmetic and literals need no cast. The result of arithmetic is a plain number: give it a
 * type where you name it.
 */
export type UnixSeconds = number & { readonly unit?: 'seconds since 1970' };

/** Returns the current time. Decisions take `now` as an argument; only shells read the clock. */
export type Clock = () => UnixMilliseconds;

/** The wall clock of this machine: the one place that reads it. */
export const readClock: Clock = () => Date.now();

/** Returns the current time of `clock` in whole seconds, rounded down. */
export const readSeconds = (clock: Clock = readClock): UnixSeconds => toSeconds(clock());

/** Rounds down: a time that is compared with an expiry is never ahead of the clock. */
export const toSeconds = (time: UnixMilliseconds): UnixSeconds => Math.floor(time / 1000);

export const toMilliseconds = (time: UnixSeconds): UnixMilliseconds => time * 1000;

/**
 * True if `since` is at most `span` ago, all three in one unit.
 *
 * A wall clock steps: NTP corrects it, a machine resumes, an operator types a wrong year. If
 * `since` is ahead of `now`, the clock has gone back and the time that passed is unknown. A plain
 * `now - since < span` would then hold until the clock has caught up, so a cache would stay fresh,
 * or a retry stay away, for hours.
 */
export const isWithin = (since: number, now: number, span: number): boolean =>
  since <= now && now - since < span;
