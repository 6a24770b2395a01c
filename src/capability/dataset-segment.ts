import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';

/**
 * One segment in the name of a dataset, and the one spelling of a text that is not plain: a
 * character that a plain segment does not have is `~`, its code point in upper-case hex, and `~`.
 *
 *     Q3: draft   Q3~3A~ draft
 *     100%        100~25~
 *     ~3A~        ~7E~3A~7E~
 *     ..          ~2E~~2E~
 *
 * No plain segment has a tilde, so no encoded text equals another plain or encoded one.
 */

/** The ASCII part of `SEGMENT`, whose Unicode tables take 2 ms to compile on first use. */
const ASCII_SEGMENT = /^[A-Za-z0-9._\-+@=,()&#!]+(?: [A-Za-z0-9._\-+@=,()&#!]+)*$/;
const SEGMENT = /^[\p{L}\p{M}\p{N}._\-+@=,()&#!]+(?: [\p{L}\p{M}\p{N}._\-+@=,()&#!]+)*$/u;
const ESCAPE = /~([1-9A-F][0-9A-F]{1,5})~/g;
const CODE_POINT_MAX = 0x10ffff;

/** Whether a segment needs no escapes. A dot segment looks plain, and its callers refuse it. */
export const isPlainSegment = (segment: string): boolean =>
  ASCII_SEGMENT.test(segment) || (SEGMENT.test(segment) && !UNSEEN.test(segment));

/** Whether a segment has escapes, and is the one spelling of the text that it stands for. */
export function isEncodedSegment(segment: string): boolean {
  if (!segment.includes('~')) return false;
  const encoded = encodeSegment(unescaped(segment) ?? '');
  return encoded.ok && encoded.value === segment;
}

/**
 * Returns the spelling of a text as one segment. Every text but an empty or unprintable has one.
 */
export function encodeSegment(text: string): Result<string, string> {
  if (text === '') return refuse('empty');
  if (!text.isWellFormed()) return refuse('a lone surrogate');
  if (text.normalize('NFC') !== text) return refuse('not in Unicode form NFC');
  if (/\p{Cc}/u.test(text)) return refuse('a control character');
  if (text === '.' || text === '..') return ok(text.replaceAll('.', escaped('.')));
  if (isPlainSegment(text)) return ok(text);
  const characters = [...text];
  const encoded = characters.map((character, index) =>
    isPlainAt(characters, index) ? character : escaped(character),
  );
  return ok(encoded.join(''));
}

/** Returns the text that a valid segment stands for. */
export const decodeSegment = (segment: string): string =>
  segment.includes('~') ? (unescaped(segment) ?? segment) : segment;

/** A space is plain between two other characters. */
function isPlainAt(characters: readonly string[], index: number): boolean {
  const character = characters[index] ?? '';
  if (character !== ' ') return isPlainSegment(character);
  const around = [characters[index - 1], characters[index + 1]];
  return around.every((one) => one !== undefined && one !== ' ');
}

const escaped = (character: string): string =>
  `~${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}~`;

/** Undefined for a code point that no character has. */
function unescaped(segment: string): string | undefined {
  let isFit = true;
  const text = segment.replace(ESCAPE, (_, hex: string) => {
    const codePoint = Number.parseInt(hex, 16);
    if (codePoint <= CODE_POINT_MAX) return String.fromCodePoint(codePoint);
    isFit = false;
    return '';
  });
  return isFit ? text : undefined;
}
