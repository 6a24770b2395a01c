/** The request of the user: its digest in a token, and the text that a call brings. */
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';
import { PROMPT_BYTES_MAX } from '../limits.ts';
import type { AttachedPrompt } from './attached.ts';

const SALT_BYTES = 16; // Drawn after the text is known, so it also stands against a second preimage.
const DOMAIN = utf8('hewn prompt\0');

/**
 * Returns whether a text can be the request of a user: 1 to 2048 bytes of well-formed text. What is
 * longer is a document, in which strangers may have written.
 */
export const isPromptText = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.trim() !== '' &&
  text.length <= PROMPT_BYTES_MAX &&
  text.isWellFormed() &&
  utf8(text).length <= PROMPT_BYTES_MAX;

/** Returns a new salt, in base64url. */
export const newPromptSalt = (): string =>
  toBase64Url(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));

/**
 * Returns the digest of a request that a token has: SHA-256 over the salt and the text. Undefined
 * for a text or a salt that no issuer would have signed.
 */
export async function promptDigest({
  text,
  salt,
}: AttachedPrompt): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = typeof salt === 'string' && salt.length <= 32 ? fromBase64Url(salt) : undefined;
  if (bytes?.length !== SALT_BYTES || !isPromptText(text)) return undefined;
  const written = concatBytes(DOMAIN, bytes, utf8(text));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', written));
}
