/**
 * Bytes as text: hex, base64url (RFC 4648 section 5, without padding on output) and UTF-8.
 *
 * Every decoder is strict and returns `undefined` unless the input is canonical. Two spellings of
 * one token or one id would be two keys in a cache and two rows in a revocation list.
 */

const HEX = /^(?:[0-9a-f]{2})*$/;

/** The two digits of every byte. Precomputed, because every request writes revocation ids. */
const HEX_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_DIGITS[byte] ?? '';
  return text;
}

/** Accepts lower-case hex only. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!HEX.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
/** By character code. Negative for other characters, so one sign check covers a whole text. */
const VALUES = new Int8Array(128).fill(-1);
CODES.forEach((code, value) => {
  VALUES[code] = value;
});

/** Encodes through one buffer of ASCII, because every narrowing writes a token. */
export function toBase64Url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text[at++] = CODES[group >> 18] ?? 0;
    text[at++] = CODES[(group >> 12) & 63] ?? 0;
    text[at++] = CODES[(group >> 6) & 63] ?? 0;
    text[at++] = CODES[group & 63] ?? 0;
  }
  return decoder.decode(text.subarray(0, Math.ceil((bytes.length * 4) / 3)));
}

const digitAt = (text: string, at: number): number => VALUES[text.charCodeAt(at)] ?? -1;

/**
 * Accepts up to two `=` of correct padding. Rejects other alphabets, white space and stray bits.
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  let length = text.length;
  if (length % 4 === 0) while (length > text.length - 2 && text[length - 1] === '=') length--;
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let written = 0;
  let all = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const high = (digitAt(text, i) << 6) | digitAt(text, i + 1);
    const group = (high << 12) | (digitAt(text, i + 2) << 6) | digitAt(text, i + 3);
    all |= group;
    bytes[written++] = group >> 16;
    bytes[written++] = group >> 8;
    bytes[written++] = group;
  }
  if (i < length) {
    const third = i + 2 < length ? digitAt(text, i + 2) : 0;
    const group = (digitAt(text, i) << 18) | (digitAt(text, i + 1) << 12) | (third << 6);
    const stray = i + 2 < length ? 0xff : 0xffff;
    if ((group & stray) !== 0) return undefined;
    all |= group;
    bytes[written++] = group >> 16;
    bytes[written] = group >> 8;
  }
  return all < 0 ? undefined : bytes;
}

const encoder = new TextEncoder();
// `ignoreBOM` keeps a leading U+FEFF, which would otherwise vanish and make two names equal.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> =>
  encoder.encode(text) as Uint8Array<ArrayBuffer>;

/** Returns undefined if the bytes are not UTF-8. Replaces nothing. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Compares public data only: it returns at the first difference. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
