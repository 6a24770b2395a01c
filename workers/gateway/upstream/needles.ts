import { utf8 } from '../../../src/encoding.ts';

/**
 * Returns how a secret may be written in an answer: as it is, in base64 and base64url at each of
 * the three alignments, and in hex. Upper and lower case are compared as one. Percent-encoding and
 * the escapes of JSON, HTML and programming languages are undone before the comparison: see
 * unescape.ts.
 */
export function spellingsOf(secret: string): readonly string[] {
  const needle = needleOf(secret);
  const bytes = utf8(needle);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = [0, 1, 2].map((offset) => aligned(bytes, offset));
  const base64Url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  // A form writes a space as a plus sign.
  const form = needle.replaceAll(' ', '+');
  return [...new Set([needle, form, hex, ...base64, ...base64Url])];
}

/** Longer ones add states and no certainty. */
const NEEDLE_CHARACTERS_MAX = 128;

/**
 * Returns the part of a secret that is looked for. Tokens in the form of a JWT begin alike, and
 * only the signature makes one usable. Of any other, the beginning: nothing of it goes out.
 */
function needleOf(secret: string): string {
  const [, signature] = /^[\w-]+\.[\w-]+\.([\w-]{16,})$/.exec(secret) ?? [];
  return (signature ?? secret).slice(0, NEEDLE_CHARACTERS_MAX);
}

/**
 * Returns the base64 of bytes that begin at an offset within a group of three, without the
 * characters that depend on what stands before and after them.
 */
function aligned(bytes: Uint8Array, offset: number): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(offset), ...bytes));
  const start = [0, 2, 3][offset] ?? 0;
  const rest = (offset + bytes.length) % 3;
  const whole = text.replace(/=+$/, '');
  return whole.slice(start, rest === 0 ? undefined : -1);
}
