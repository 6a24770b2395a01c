/** Private keys: their text form (`ed25519-private/<hex>`), their JWKs, and their public keys. */
import { concatBytes, fromBase64Url, fromHex, toBase64Url, toHex } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { KeyAlgorithm, PublicKey } from '../datalog/index.ts';
import type { FormatError } from '../errors.ts';
import { samePublicKey } from '../format/index.ts';
import { IMPORT, SIGN } from './algorithms.ts';
import { signatureToDer } from './der.ts';
import { keyMalformed, type PublicJwk, publicKeyFromJwk, publicKeyToJwk } from './public-key.ts';

/** The seed of RFC 8032 section 5.1.5, or a big-endian P-256 scalar. */
const SECRET_BYTES = 32;

/** An Ed25519 private key as a JWK (RFC 8037). */
export type PrivateJwk = PublicJwk & { readonly d?: string };
/** A private key and its public half. */
export type KeyPair = { readonly privateKey: PrivateKey; readonly publicKey: PublicKey };

/**
 * WebCrypto does not import a bare secret, so these PKCS#8 bytes go in front (RFC 8410, RFC 5915).
 */
const PKCS8 = {
  ed25519: /* @__PURE__ */ bytesOf('302e020100300506032b657004220420'),
  secp256r1: /* @__PURE__ */ bytesOf(
    '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420',
  ),
} as const satisfies Record<KeyAlgorithm, Uint8Array>;

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return fromHex(hex) ?? new Uint8Array(0);
}

/**
 * The order of P-256, big endian. A valid scalar is at least 1 and below it (SEC 1 section 3.2.1).
 */
const P256_ORDER = /* @__PURE__ */ bytesOf(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
);

/**
 * A private key. The secret is in no property that a log, `JSON.stringify` or a structured clone
 * reads.
 */
export class PrivateKey {
  readonly algorithm: KeyAlgorithm;
  readonly #secret: Uint8Array<ArrayBuffer>;
  #imported: Promise<CryptoKey> | undefined;
  #publicKey: Promise<PublicKey> | undefined;

  /** Use `privateKeyFromBytes`, which refuses invalid keys. */
  constructor(algorithm: KeyAlgorithm, secret: Uint8Array) {
    this.algorithm = algorithm;
    this.#secret = new Uint8Array(secret);
  }

  /** Returns a copy of the 32 bytes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#secret.slice();
  }

  toText(): string {
    return `${this.algorithm}-private/${toHex(this.#secret)}`;
  }

  /**
   * Derives the public key from the secret. A public key stored with the secret is never trusted.
   */
  publicKey(): Promise<PublicKey> {
    this.#publicKey ??= this.#derive();
    return this.#publicKey;
  }

  /** Signs `payload`. P-256 signatures are DER. */
  async sign(payload: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const key = await this.#import();
    const signature = await crypto.subtle.sign(SIGN[this.algorithm], key, payload);
    const raw = new Uint8Array(signature);
    return this.algorithm === 'ed25519' ? raw : signatureToDer(raw);
  }

  #import(): Promise<CryptoKey> {
    this.#imported ??= crypto.subtle.importKey(
      'pkcs8',
      concatBytes(PKCS8[this.algorithm], this.#secret),
      IMPORT[this.algorithm],
      true,
      ['sign'],
    );
    return this.#imported;
  }

  async #derive(): Promise<PublicKey> {
    const jwk = await crypto.subtle.exportKey('jwk', await this.#import());
    const { x = '', y = '' } = jwk as JsonWebKey;
    const bytes = fromBase64Url(x) ?? new Uint8Array(0);
    if (this.algorithm === 'ed25519') return { algorithm: 'ed25519', bytes };
    // Compressed SEC 1: the parity of y, then x.
    const parity = (fromBase64Url(y)?.at(-1) ?? 0) & 1;
    return { algorithm: 'secp256r1', bytes: concatBytes(Uint8Array.of(2 + parity), bytes) };
  }
}

/** Reads a private key from its 32 bytes. Refuses other sizes and values that are no key. */
export function privateKeyFromBytes(
  algorithm: KeyAlgorithm,
  bytes: Uint8Array,
): Result<PrivateKey, FormatError> {
  if (bytes.length !== SECRET_BYTES)
    return refuse({ code: 'key_size_invalid', bytes: bytes.length });
  if (algorithm === 'secp256r1' && !isP256Scalar(bytes))
    return refuse(keyMalformed('a P-256 scalar out of range'));
  return ok(new PrivateKey(algorithm, bytes));
}

function isP256Scalar(bytes: Uint8Array): boolean {
  const at = bytes.findIndex((byte, index) => byte !== P256_ORDER[index]);
  const isBelowOrder = at >= 0 && (bytes[at] ?? 0) < (P256_ORDER[at] ?? 0);
  return isBelowOrder && bytes.some((byte) => byte !== 0);
}

/** Parses `ed25519-private/<hex>` or `secp256r1-private/<hex>`, in lower case. */
export function privateKeyFromText(text: string): Result<PrivateKey, FormatError> {
  const [prefix, hex = '', ...rest] = text.split('/');
  const bytes = fromHex(hex);
  if (bytes === undefined || rest.length > 0) return refuse(keyMalformed('not lower-case hex'));
  if (prefix === 'ed25519-private') return privateKeyFromBytes('ed25519', bytes);
  if (prefix === 'secp256r1-private') return privateKeyFromBytes('secp256r1', bytes);
  return refuse(keyMalformed('an unknown algorithm'));
}

/**
 * Imports a JWK. If `x` is present, it must be the public key of `d`: not every platform checks
 * that.
 */
export async function privateKeyFromJwk(jwk: PrivateJwk): Promise<Result<PrivateKey, FormatError>> {
  const secret = typeof jwk.d === 'string' ? fromBase64Url(jwk.d) : undefined;
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || secret === undefined)
    return refuse(keyMalformed('not a private Ed25519 JWK'));
  const key = privateKeyFromBytes('ed25519', secret);
  if (!key.ok || jwk.x === undefined) return key;
  const stated = publicKeyFromJwk(jwk);
  if (!stated.ok) return stated;
  return samePublicKey(stated.value, await key.value.publicKey())
    ? key
    : refuse(keyMalformed('x does not belong to d'));
}

/** Exports an Ed25519 key only, like `publicKeyToJwk`. */
export async function privateKeyToJwk(key: PrivateKey): Promise<Required<PrivateJwk> | undefined> {
  const jwk = publicKeyToJwk(await key.publicKey());
  return jwk === undefined ? undefined : { ...jwk, d: toBase64Url(key.toBytes()) };
}

/**
 * Generates a key pair from the platform's random source.
 *
 * @example
 * ```ts
 * import { generateKeyPair, publicKeyToText } from 'hewn/biscuit';
 *
 * const { publicKey } = await generateKeyPair();
 * console.log(publicKeyToText(publicKey));
 * ```
 */
export async function generateKeyPair(algorithm: KeyAlgorithm = 'ed25519'): Promise<KeyPair> {
  for (;;) {
    const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
    const key = privateKeyFromBytes(algorithm, secret);
    // A random P-256 scalar is out of range once in 2^32 times.
    if (key.ok) return { privateKey: key.value, publicKey: await key.value.publicKey() };
  }
}
