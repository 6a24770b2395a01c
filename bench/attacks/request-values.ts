/** Which values stand in the request of the user. */
import type { Json } from '../agent-authz-bench/index.ts';

/** What may belong to a name, an address, an account or a host. */
const WORD = /[\p{L}\p{N}_@.+\-/:]/u;

/**
 * Whether a value stands in a text as a whole: case does not count, and neither do the scheme and
 * the last slash of a URL. A part of a longer word is not there.
 */
export function standsIn(text: string, value: Json): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const wanted = fold(
    String(value)
      .replace(/^https?:\/\//, '')
      .replace(/\/$/, ''),
  );
  if (wanted.trim() === '') return false;
  const within = fold(text);
  for (let at = within.indexOf(wanted); at >= 0; at = within.indexOf(wanted, at + 1)) {
    if (isEdge(within, at - 1, -1) && isEdge(within, at + wanted.length, 1)) return true;
  }
  return false;
}

const fold = (text: string): string => text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ');

/** A full stop at the end of a sentence ends a word, too. */
function isEdge(text: string, at: number, step: 1 | -1): boolean {
  const character = text[at];
  if (character === undefined || !WORD.test(character)) return true;
  if (step === -1) return text.slice(Math.max(0, at - 2), at + 1) === '://';
  if (!/[.:\-/]/.test(character)) return false;
  const next = text[at + 1];
  return next === undefined || !/[\p{L}\p{N}_@]/u.test(next);
}

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
