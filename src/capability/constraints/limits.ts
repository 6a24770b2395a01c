/** Limits of constraints on arguments. Every call of the token carries every byte of them. */
export const CONSTRAINTS_MAX = 32; // Of one grant.
export const CONSTRAINT_ARGUMENTS_MAX = 64; // Names of one tool's arguments.
export const CONSTRAINT_VALUES_MAX = 64; // Of one list. A longer one is a data set.
export const CONSTRAINT_ORIGINS_MAX = 64; // Of one `from`, its values included; as of one list.
export const CONSTRAINT_ALL_MAX = 8; // Parts of one constraint.
export const CONSTRAINT_TEXT_BYTES_MAX = 512; // Longer text is content, not a destination.
// Instructions of a compiled pattern. On a text of 500 characters, such a pattern takes half of the
// steps that the engine allows for all patterns of one call (its `regexStepsMax`).
export const CONSTRAINT_PROGRAM_MAX = 200;
export const CONSTRAINT_PATTERN_BYTES_MAX = 256; // Of a regular expression or a glob.
// Alternatives of one constraint. On the elements of an array, n of them are up to 2^n checks.
export const CONSTRAINT_ANY_MAX = 4;
export const CONSTRAINT_MEMBERS_MAX = 12; // Of the objects in an array; each is a few checks.
