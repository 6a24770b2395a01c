/** Whether a value stands in the request of the user, as a whole and in the user's own spelling. */
import { dateStandsIn } from './request-dates.ts';
import { isNumberKind, numberStandsIn } from './request-numbers.ts';

/** A single letter stands in nearly every text. */
const VALUE_UNITS_MIN = 2;

/**
 * Returns whether a request names a value. It does if the value stands in it between characters
 * that cannot belong to a name, an address or a host. A part of a longer word is not named. Case
 * does not count, except for letters that only look alike, such as the Kelvin sign and `k`. The
 * scheme `http` or `https` and the last slash of a URL may be missing. A date may be written with
 * the name of its month.
 *
 * A bare number is named only if `kind`, the kind of the sink, is one of numbers: "at 4 pm" names
 * no object 4.
 */
export function standsInRequest(text: string, value: string | number, kind?: string): boolean {
  if (typeof value === 'number') return isNumberKind(kind) && numberStandsIn(text, value);
  if (/^[\d.,]+$/.test(value)) {
    const number = Number(value);
    return isNumberKind(kind) && String(number) === value && numberStandsIn(text, number);
  }
  const request = foldRequest(text);
  const wanted = foldCase(value);
  if (isWhole(request, wanted)) return true;
  return urlStandsIn(request, wanted) || dateStandsIn(request, wanted, kind);
}

/** The last request. All values of a call are looked for in the same one. */
let last = { text: '', folded: '' };

function foldRequest(text: string): string {
  if (last.text !== text) {
    last = { text, folded: foldCase(text.normalize('NFC').replace(/\s+/gu, ' ')) };
  }
  return last.folded;
}

/** Only pairs of a capital and a small letter that each name the other. */
const foldCase = (text: string): string =>
  text.replace(/\p{Lu}/gu, (letter) => {
    const small = letter.toLowerCase();
    return small.toUpperCase() === letter ? small : letter;
  });

/** A URL may be written without its scheme, and without the slash at its end. */
function urlStandsIn(request: string, wanted: string): boolean {
  const [, scheme, rest = ''] = /^(https?):\/\/(.+?)\/?$/.exec(wanted) ?? [];
  if (scheme === undefined) {
    const bare = /^([^/\s]+\..+?)\/?$/.exec(wanted)?.[1];
    return (
      bare !== undefined && ['https://', 'http://', ''].some((one) => isUrl(request, one, bare))
    );
  }
  return [`${scheme}://`, ''].some((one) => isUrl(request, one, rest));
}

const isUrl = (request: string, scheme: string, rest: string): boolean =>
  isWhole(request, scheme + rest) || isWhole(request, `${scheme}${rest}/`);

/** Whether a text stands in another, and no character around it belongs to the same word. */
function isWhole(request: string, wanted: string): boolean {
  if (wanted.length < VALUE_UNITS_MIN || wanted.trim() !== wanted) return false;
  for (let at = request.indexOf(wanted); at >= 0; at = request.indexOf(wanted, at + 1)) {
    if (startsWord(request, at) && endsWord(request, at + wanted.length)) return true;
  }
  return false;
}

/** What may belong to a name, an address, an account, a host or a URL, visible or not. */
const JOINED = /[\p{L}\p{M}\p{N}\p{Pc}\p{Cf}\p{Co}\p{Cn}\p{Cs}@.+\-/:\\%&=?#~*|^]/u;
/** Of these, a sentence may have some behind a word. */
const PUNCTUATION = /^[.:?]+(?=[\s"'’”»)\]}>,;!]|$)/u;
const APOSTROPHE = /['’]/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;

/** The `@` of a mention and the `#` of a channel stand before a word. */
function startsWord(request: string, at: number): boolean {
  const [outer = '', before = ''] = [...`  ${request.slice(Math.max(0, at - 4), at)}`].slice(-2);
  if (/[@#]/.test(before)) return !JOINED.test(outer);
  if (APOSTROPHE.test(before)) return !LETTER.test(outer);
  return !JOINED.test(before);
}

/** An apostrophe joins two letters, except in the `'s` of a possessive. */
function endsWord(request: string, at: number): boolean {
  const rest = request.slice(at);
  const [next = ''] = rest;
  if (next === '') return true;
  if (APOSTROPHE.test(next)) {
    return !/^.[\p{L}\p{M}\p{N}]/u.test(rest) || /^.s(?![\p{L}\p{M}\p{N}\p{Pc}\p{Cf}])/u.test(rest);
  }
  return !JOINED.test(next) || PUNCTUATION.test(rest);
}
