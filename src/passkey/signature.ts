import { fromBase64Url } from '../encoding.ts';

/** The algorithms that passkeys have, by their number in COSE, and how WebCrypto calls them. */
const ALGORITHMS = {
  [-7]: {
    import: { name: 'ECDSA', namedCurve: 'P-256' },
    verify: { name: 'ECDSA', hash: 'SHA-256' },
  },
  [-8]: { import: { name: 'Ed25519' }, verify: { name: 'Ed25519' } },
  [-257]: {
    import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    verify: { name: 'RSASSA-PKCS1-v1_5' },
  },
} as const;

export type PasskeyAlgorithm = -7 | -8 | -257;

/** In the order in which a browser should choose. */
export const PASSKEY_ALGORITHMS: readonly PasskeyAlgorithm[] = [-7, -8, -257];

const P256_BYTES = 32;
const RSA_BITS_MIN = 2_048;

/**
 * Imports a public key in base64url of its SubjectPublicKeyInfo. Returns undefined if it is not
 * one.
 */
export async function importPasskey(
  algorithm: PasskeyAlgorithm,
  publicKey: string,
): Promise<CryptoKey | undefined> {
  const bytes = fromBase64Url(publicKey);
  if (!bytes) return undefined;
  try {
    const how = ALGORITHMS[algorithm].import;
    const key = (await crypto.subtle.importKey('spki', bytes, how, true, ['verify'])) as CryptoKey;
    const { modulusLength = RSA_BITS_MIN } = key.algorithm as { modulusLength?: number };
    return modulusLength >= RSA_BITS_MIN ? key : undefined;
  } catch {
    return undefined;
  }
}

export async function isSignedByPasskey(
  { algorithm, publicKey }: { readonly algorithm: PasskeyAlgorithm; readonly publicKey: string },
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await importPasskey(algorithm, publicKey);
  const raw = algorithm === -7 ? fromDer(signature) : signature;
  return (
    key !== undefined &&
    raw !== undefined &&
    crypto.subtle.verify(ALGORITHMS[algorithm].verify, key, raw, signed)
  );
}

/** An ECDSA signature as WebCrypto takes it: two numbers of 32 bytes, and not a DER sequence. */
function fromDer(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return undefined;
  const first = integerAt(bytes, 2);
  const second = first && integerAt(bytes, first.end);
  if (!first || !second || second.end !== bytes.length) return undefined;
  const raw = new Uint8Array(2 * P256_BYTES);
  raw.set(first.digits, P256_BYTES - first.digits.length);
  raw.set(second.digits, 2 * P256_BYTES - second.digits.length);
  return raw;
}

/** A number without the zero that only keeps it positive. Undefined if it has over 32 bytes. */
function integerAt(bytes: Uint8Array, at: number) {
  const length = bytes[at + 1] ?? 0;
  const end = at + 2 + length;
  if (bytes[at] !== 0x02 || length === 0 || end > bytes.length) return undefined;
  const digits = bytes.subarray(bytes[at + 2] === 0 ? at + 3 : at + 2, end);
  return digits.length > P256_BYTES ? undefined : { digits, end };
}
