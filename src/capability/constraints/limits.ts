/** Limits of constraints on arguments. Every byte of them is carried by every call of the token. */
export const CONSTRAINTS_MAX = 32; // Of one grant.
export const CONSTRAINT_ARGUMENTS_MAX = 64;
export const CONSTRAINT_VALUES_MAX = 64; // Of one list of values; a longer one is a data set.
export const CONSTRAINT_ALL_MAX = 8; // Joined on one argument.
export const CONSTRAINT_TEXT_BYTES_MAX = 512;
// Instructions of a compiled pattern. Over a text of 500 characters it costs half of the steps that
// the engine gives to all patterns of one call (its `regexStepsMax`).
export const CONSTRAINT_PROGRAM_MAX = 200;
export const CONSTRAINT_PATTERN_BYTES_MAX = 256; // Of a regular expression or a glob.
