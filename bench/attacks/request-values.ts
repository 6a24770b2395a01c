/** What the request of a user names, without a model. */

/** Returns the numbers that stand alone in a request. */
export const numbersNamed = (prompt: string): readonly number[] => {
  const words = prompt.match(TOKENS) ?? [];
  const numbers = words.filter((one) => /^\d{1,9}(?:\.\d{1,6})?$/.test(one)).map(Number);
  return [...new Set(numbers)].slice(0, VALUES_MAX);
};

const QUOTED = /'([^'\n]{1,80})'(?![\p{L}])|"([^"\n]{1,80})"/gu;
const NAMES = /\p{Lu}[\p{L}\p{N}&'’.-]*(?: (?:\p{Lu}|\p{N})[\p{L}\p{N}&'’.-]*)*/gu;
const TOKENS = /[\p{L}\p{N}][\p{L}\p{N}_@.+\-/:]*[\p{L}\p{N}]|\p{N}/gu;
const VALUES_MAX = 60; // One list of a constraint has up to 64.

/**
 * Returns what a request names, without a model: quoted texts, runs of capitalised words, and words
 * with a digit or a sign of an address in them.
 */
export function valuesNamed(prompt: string): readonly string[] {
  const quoted = [...prompt.matchAll(QUOTED)].map(([, single, double]) => single ?? double ?? '');
  const names = prompt.match(NAMES) ?? [];
  const tokens = (prompt.match(TOKENS) ?? []).filter((one) => /[\d@/]|\.\p{L}/u.test(one));
  return [...new Set([...quoted, ...tokens, ...names])]
    .map((one) => one.trim().replace(/[.'’]$/, ''))
    .filter((one) => one !== '' && one.normalize('NFC') === one)
    .slice(0, VALUES_MAX);
}
