import type { CryptoKey } from 'jose';
import { utf8 } from '../encoding.ts';
import { thumbprintOf } from '../jwk-thumbprint.ts';
import type { DpopKey } from './key.ts';

/** 256 bits as base64 or hexadecimal text, or a long passphrase of a generator. */
const SECRET_CHARACTERS_MIN = 32;

/** Separates these keys from others that are derived from the same secret. */
const PURPOSE = utf8('hewn dpop key v1');

/** RFC 8410 section 7: what precedes the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_PREFIX = [
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06],
  ...[0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20],
];

/**
 * Derives the key of one run from a secret (HKDF, RFC 5869): an Ed25519 key, the same each time. A
 * run that is resumed in another process, as durable objects and workflows are, has its key again,
 * and no key is stored. Each run needs a name of its own. The secret
 * gives the keys of all runs: keep it where the agent's own credentials are, and use it for nothing
 * else.
 *
 * Throws a TypeError for a secret of fewer than 32 characters and for an empty name.
 *
 * @example
 * ```ts
 * import { deriveDpopKey } from 'hewn/dpop';
 *
 * const secret = 'a secret of at least 32 characters, from your secret store';
 * const key = await deriveDpopKey(secret, 'run-42');
 * console.log(key.thumbprint === (await deriveDpopKey(secret, 'run-42')).thumbprint);
 * ```
 */
export async function deriveDpopKey(secret: string, name: string): Promise<DpopKey> {
  if (typeof secret !== 'string' || secret.length < SECRET_CHARACTERS_MIN) {
    throw new TypeError(
      `deriveDpopKey: \`secret\` must be a text of at least ${SECRET_CHARACTERS_MIN} characters`,
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('deriveDpopKey: `name` must be a text that names the run');
  }
  const material = await crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, [
    'deriveBits',
  ]);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: PURPOSE, info: utf8(name) };
  const seed = new Uint8Array(await crypto.subtle.deriveBits(derivation, material, 256));
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  // WebCrypto gives the public half only with the private one, so the key is imported twice.
  const readable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x = '' } = (await crypto.subtle.exportKey('jwk', readable)) as JsonWebKey;
  const privateKey = (await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, [
    'sign',
  ])) as CryptoKey;
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  return { algorithm: 'EdDSA', privateKey, publicJwk, thumbprint: await thumbprintOf(publicJwk) };
}
