import * as v from 'valibot';
import { toHex } from './encoding.ts';

/**
 * SHA-256 digests of what a shell hashes if the credential is missing: nothing, a line break, or an
 * unset variable. With one of these configured, a request without a credential would be accepted.
 */
const OF_NOTHING = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', // ''
  '01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b', // a line break
  '7eb70257593da06f682a3ddda54a9d260d4fc514f645237f5ca74b08f8da61a6', // CR, LF
  '36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068', // a space
  '74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b', // null
  'eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c', // undefined
];

/** The SHA-256 of a non-empty credential, in lower-case hex. */
export const isCredentialDigest = (text: string): boolean =>
  /^[0-9a-f]{64}$/.test(text) && !OF_NOTHING.includes(text);

/** 64 bits tell the credentials of a deployment apart. The whole digest would not fit a name. */
const CREDENTIAL_NAME_CHARACTERS = 16;

/** Returns the name of a credential in records, from its SHA-256: the first 16 hex digits. */
export const credentialNameOf = (digest: Uint8Array): string =>
  toHex(digest).slice(0, CREDENTIAL_NAME_CHARACTERS);

export const credentialDigestSchema = v.pipe(
  v.string(),
  v.check(isCredentialDigest, 'not the SHA-256 of a credential in lower-case hex'),
);
