/** The limits of receipts, on both sides. */

/** Of one receipt: an answer has 4 marked values in the median, and 42 in the longest seen. */
export const RECEIPT_LEAVES_MAX = 32;
/** Of one answer: 256 values are a search with 64 hits of 4 marked fields. */
export const ANSWER_RECEIPTS_MAX = 8;
/** A longer text is content, and no one's address. */
export const LEAF_TEXT_BYTES_MAX = 512;
/** The pointer of a leaf, as long as any pointer into arguments. */
export const LEAF_POINTER_UNITS_MAX = 512;
/** A receipt is for the next steps of a task. What was read may change afterwards. */
export const RECEIPT_SECONDS = 300;
/** How far the clock of a gateway may be ahead of a verifier's. */
export const RECEIPT_AHEAD_SECONDS_MAX = 60;
/** As text: 32 leaves, the longest names and the signature. */
export const RECEIPT_CHARACTERS_MAX = 8 * 1024;

// What one call may bring. Checked before any signature, of which each takes about 0.1 ms.
export const CALL_RECEIPTS_MAX = 16;
export const CALL_LEAVES_MAX = 64;
export const CALL_BYTES_MAX = 48 * 1024;
/** Of the header `Hewn-Receipts`: a token may have 8 KiB and a proof 4, of Node's 16 for all. */
export const HEADER_BYTES_MAX = 3 * 1024;

// What is kept for one workflow, the newest.
export const KEPT_LEAVES_MAX = 256;
export const KEPT_BYTES_MAX = 64 * 1024; // 256 leaves of 80 bytes, and 32 receipts of 1.4 kB.
