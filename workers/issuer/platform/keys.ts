import { concatBytes, fromBase64Url, fromHex, toBase64Url, toHex } from '../../../src/encoding.ts';

// RFC 8410: a PKCS #8 wrapper around a raw Ed25519 seed, which WebCrypto does not import bare.
const PKCS8_PREFIX = Uint8Array.of(
  ...[
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ],
);

const PRIVATE_KEY = /^ed25519-private\/([0-9a-f]{64})$/;

const imported = new Map<string, Promise<CryptoKey>>();

/** True for the text form of a private key, `ed25519-private/<64 hex digits>`. */
export const isPrivateKey = (text: string): boolean => PRIVATE_KEY.test(text);

/** Imported once per isolate. */
export function signingKey(privateKey: string): Promise<CryptoKey> {
  let key = imported.get(privateKey);
  if (!key) {
    key = importSeed(privateKey, false);
    imported.set(privateKey, key);
  }
  return key;
}

/** The public half as a JWK (RFC 8037), for the JWKS document. */
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

const publicHalves = new Map<string, Promise<string>>();

/** The public half as verifiers take it, 32 bytes in hex; derived once per isolate. */
export function publicHex(privateKey: string): Promise<string> {
  let hex = publicHalves.get(privateKey);
  if (!hex) {
    hex = publicJwk(privateKey).then(({ x }) => toHex(fromBase64Url(x) ?? new Uint8Array()));
    publicHalves.set(privateKey, hex);
  }
  return hex;
}

function importSeed(privateKey: string, extractable: boolean): Promise<CryptoKey> {
  const seed = fromHex(PRIVATE_KEY.exec(privateKey)?.[1] ?? '');
  if (seed?.length !== 32) throw new Error('a private key is not ed25519-private/<64 hex digits>');
  return crypto.subtle.importKey('pkcs8', concatBytes(PKCS8_PREFIX, seed), 'Ed25519', extractable, [
    'sign',
  ]);
}

/** RFC 7638 thumbprint, which names a key in the JWKS. */
export async function thumbprint(jwk: { kty: string; crv: string; x: string }): Promise<string> {
  const canonical = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x });
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical));
  return toBase64Url(new Uint8Array(digest));
}
