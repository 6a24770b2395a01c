import { concatBytes, fromBase64Url, fromHex, toHex } from './encoding.ts';

// RFC 8410: WebCrypto imports an Ed25519 seed only in a PKCS #8 wrapper.
const PKCS8_PREFIX = Uint8Array.of(
  ...[
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ],
);

const PRIVATE_KEY = /^ed25519-private\/([0-9a-f]{64})$/;

const imported = new Map<string, CryptoKey>();

/** Whether a string is a private key: `ed25519-private/<64 hex digits>`. */
export const isPrivateKey = (text: string): boolean => PRIVATE_KEY.test(text);

/** Imports a private key, once per isolate. */
export async function signingKey(privateKey: string): Promise<CryptoKey> {
  const known = imported.get(privateKey);
  if (known) return known;
  const key = await importSeed(privateKey, false);
  imported.set(privateKey, key);
  return key;
}

/** Returns the public half as a JWK (RFC 8037). */
export async function publicJwk(
  privateKey: string,
): Promise<{ kty: 'OKP'; crv: 'Ed25519'; x: string }> {
  const { x } = (await crypto.subtle.exportKey(
    'jwk',
    await importSeed(privateKey, true),
  )) as JsonWebKey;
  if (x === undefined) throw new Error('an Ed25519 key was exported without its public half');
  return { kty: 'OKP', crv: 'Ed25519', x };
}

const publicHalves = new Map<string, string>();

/**
 * Returns the public half as verifiers take it, 32 bytes in hex. It is derived once per isolate.
 */
export async function publicHex(privateKey: string): Promise<string> {
  const known = publicHalves.get(privateKey);
  if (known !== undefined) return known;
  const { x } = await publicJwk(privateKey);
  const hex = toHex(fromBase64Url(x) ?? new Uint8Array());
  publicHalves.set(privateKey, hex);
  return hex;
}

function importSeed(privateKey: string, extractable: boolean): Promise<CryptoKey> {
  const seed = fromHex(PRIVATE_KEY.exec(privateKey)?.[1] ?? '');
  if (seed?.length !== 32) throw new Error('a private key must be ed25519-private/<64 hex digits>');
  return crypto.subtle.importKey('pkcs8', concatBytes(PKCS8_PREFIX, seed), 'Ed25519', extractable, [
    'sign',
  ]);
}
