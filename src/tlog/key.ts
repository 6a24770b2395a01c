import { concatBytes, fromHex, toHex, utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { publicHex, signingKey } from '../signing-keys.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { sha256 } from './hash.ts';
import { isKeyName } from './note.ts';

/**
 * What a key signs. `log`: the text of a note, with Ed25519 (type 0x01). `witness`: a checkpoint
 * and the time at which it was seen, with Ed25519 (type 0x04).
 */
export type KeyUse = 'log' | 'witness';

const TYPES: Readonly<Record<KeyUse, number>> = { log: 0x01, witness: 0x04 };

/** A public key by the name under which it signs. */
export interface NoteKey {
  readonly name: string;
  readonly use: KeyUse;
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** The first four bytes of SHA-256 over name, type and key, as hex. */
  readonly keyId: string;
}

const KEY_BYTES = 32;

/** Returns a key. Throws a TypeError for a name that no note can carry, or for another length. */
export function noteKey(name: string, use: KeyUse, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) {
    throw new TypeError(`A key cannot be named ${JSON.stringify(name)}: no spaces, and no plus.`);
  }
  if (publicKey.length !== KEY_BYTES) {
    throw new TypeError(`An Ed25519 key has 32 bytes, and not ${publicKey.length}.`);
  }
  return {
    name,
    use,
    publicKey: publicKey.slice() as Uint8Array<ArrayBuffer>,
    keyId: idOf(name, TYPES[use], publicKey),
  };
}

const idOf = (name: string, type: number, key: Uint8Array): string =>
  toHex(sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(type), key)).subarray(0, 4));

/** Returns a key as a verifier key: name, key id and key, joined by `+`. */
export const formatVerifierKey = ({ name, use, publicKey, keyId }: NoteKey): string =>
  `${name}+${keyId}+${toBase64(concatBytes(Uint8Array.of(TYPES[use]), publicKey))}`;

/**
 * `key_unsupported`: well-formed, and of a type that is neither a log's nor a witness's Ed25519.
 */
export type VerifierKeyFault = 'key_malformed' | 'key_unsupported';

/**
 * Reads a verifier key, `name+id+key`. Recomputes its id, so that a mistyped key is refused and not
 * ignored later as unknown.
 *
 * @example
 * ```ts
 * import { readVerifierKey } from 'hewn/tlog';
 *
 * const text = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
 * const key = readVerifierKey(text);
 * console.assert(key.ok && key.value.name === 'example.com/foo' && key.value.use === 'log');
 * ```
 */
export function readVerifierKey(text: string): Result<NoteKey, VerifierKeyFault> {
  // The key in base64 may contain further pluses.
  const [, name = '', keyId = '', encoded = ''] =
    /^([^+]*)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  const [type] = bytes ?? [];
  if (!isKeyName(name) || !bytes || type === undefined) return refuse('key_malformed');
  const uses = Object.keys(TYPES) as KeyUse[];
  const use = uses.find((one) => TYPES[one] === type);
  if (!use) return refuse('key_unsupported');
  const publicKey = bytes.slice(1);
  if (publicKey.length !== KEY_BYTES || idOf(name, type, publicKey) !== keyId) {
    return refuse('key_malformed');
  }
  return ok({ name, use, publicKey, keyId });
}

/** A key with its private half. */
export interface NoteSigner extends NoteKey {
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Returns a signer from a private key as the issuer's secrets have it,
 * `ed25519-private/<64 hex digits>`. Rejects for other texts.
 */
export async function noteSigner(
  name: string,
  use: KeyUse,
  privateKey: string,
): Promise<NoteSigner> {
  const key = await signingKey(privateKey);
  const publicKey = fromHex(await publicHex(privateKey)) ?? new Uint8Array();
  return {
    ...noteKey(name, use, publicKey),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, message)),
  };
}

const imported = new Map<string, Promise<CryptoKey>>();
const IMPORTED_MAX = 64;

/** Returns whether a key signed a message. */
export async function isSignedBy(
  key: NoteKey,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const name = toHex(key.publicKey);
  let verifying = imported.get(name);
  if (!verifying) {
    if (imported.size >= IMPORTED_MAX) imported.clear();
    verifying = crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
    imported.set(name, verifying);
  }
  try {
    return await crypto.subtle.verify('Ed25519', await verifying, signature, message);
  } catch {
    // A key that is no point of the curve has signed nothing.
    return false;
  }
}
