/**
 * Characters that a reader does not see: two texts that differ by one look the same. These are
 * Default_Ignorable_Code_Point of Unicode 16.0, many of which count as letters and marks (the
 * Hangul fillers, variation selectors, the grapheme joiner), and characters that are blank without
 * being ignorable: Tifinagh's joiner, a Braille cell without dots, Khitan's filler, a note without
 * a head, blank hieroglyphs, the sign for a missing object.
 *
 * A list and not a Unicode property: the platform has the properties of its own Unicode version,
 * and two verifiers would disagree. Excludes spaces, and code points that are no visible character
 * anywhere (\p{C}).
 */
export const UNSEEN =
  /[\ufe00-\ufe0f\u180b-\u180f\u034f\u17b4\u17b5\u2d7f\u{16fe4}\u00ad\u061c\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffc\u{13441}\u{13442}\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u;
