/** Alphabets with letters that have the shape of Latin ones. */
const LIKE_LATIN =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Coptic}\p{Script=Cherokee}]/u;

/**
 * Returns whether a person may take a text for another one: it has Latin letters next to those of
 * an alphabet that looks like it, or letters in another form, such as full-width ones. An attacker
 * whose recipient looks like a known one gets past the person.
 */
export const mixesAlphabets = (text: string): boolean =>
  (/\p{Script=Latin}/u.test(text) && LIKE_LATIN.test(text)) ||
  text.normalize('NFKC') !== text.normalize('NFC');
