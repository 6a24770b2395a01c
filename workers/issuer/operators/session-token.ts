import { toBase64Url, toHex, utf8 } from '../../../src/encoding.ts';

/** Begins the token of a session, so that a scanner of secrets and a reader recognize one. */
const PREFIX = 'hewn-session_';
const TOKEN_BYTES = 32;

/** Returns a new token of a session. The issuer keeps only its digest. */
export const newSessionToken = (): string => `${PREFIX}${randomText(TOKEN_BYTES)}`;

export const isSessionToken = (text: string): boolean =>
  /^hewn-session_[A-Za-z0-9_-]{43}$/.test(text);

export const randomText = (bytes: number): string =>
  toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)));

/** Returns the SHA-256 of a text, in hex. */
export const hexDigest = async (text: string): Promise<string> => toHex(await sha256(text));

/** Returns the SHA-256 of a text in base64url, as PKCE and nonces have it. */
export const base64UrlDigest = async (text: string): Promise<string> =>
  toBase64Url(await sha256(text));

const sha256 = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));
