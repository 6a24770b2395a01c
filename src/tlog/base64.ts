import { fromBase64Url, toBase64Url } from '../encoding.ts';

/** Base64 of RFC 4648 section 4, with padding, as notes and proofs write it. */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** Returns undefined unless the text is canonical, with its padding. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || /[-_]/.test(text)) return undefined;
  return fromBase64Url(text.replaceAll('+', '-').replaceAll('/', '_'));
}

/** Returns the number of a decimal without leading zeros; undefined for other texts. */
export function readDecimal(text: string): number | undefined {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
