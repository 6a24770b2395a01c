/**
 * An entry as bytes: one form for each entry, and one entry for each form, so that a chain over
 * records is a chain over entries (docs/reference/feed.md, "Records"). Integers are big-endian.
 *
 *   kind u8 · seq u48 · at u48 · expires u48 · then by kind
 *   1 watermark: scope u8 · before u48 · length u16 · value
 *   2 workflow, 3 block, 4 suspension: length u8 · id
 *   5 resumption: gen u48 · length u8 · id
 *
 * Withdrawals, denials and lifts have the form of a watermark, told apart by `before` and
 * `expires`. A kind of their own would be refused by every verifier of the release before, with all
 * that comes after it: one denial would stop a whole fleet that is not upgraded yet.
 */
export const RECORD_KINDS = ['watermark', 'workflow', 'block', 'suspension', 'resumption'] as const;
