/**
 * Characters that a reader does not see, whatever is drawn in their place: two texts that differ by
 * one look the same. Default_Ignorable_Code_Point of Unicode 16.0, of which many count as letters
 * and marks (the Hangul fillers, variation selectors, the grapheme joiner), and what is blank
 * without being ignorable: Tifinagh's joiner, a Braille cell without dots, Khitan's filler, a note
 * without a head, blank hieroglyphs, the sign for a missing object.
 *
 * A list and no property: the platform's is that of its version, and two verifiers would disagree.
 * What is blank and a space is not among them, nor what is no character to anybody (\p{C}).
 */
export const UNSEEN =
  /[\ufe00-\ufe0f\u180b-\u180f\u034f\u17b4\u17b5\u2d7f\u{16fe4}\u00ad\u061c\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffc\u{13441}\u{13442}\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u;
