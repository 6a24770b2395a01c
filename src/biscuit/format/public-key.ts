/** The message `PublicKey` of schema.proto. */
import { sameBytes } from '../../encoding.ts';
import type { KeyAlgorithm, PublicKey } from '../datalog/index.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** The index is the number on the wire and in the signed payloads. */
const KEY_ALGORITHMS: readonly KeyAlgorithm[] = ['ed25519', 'secp256r1'];

/** RFC 8032 section 5.1.2. */
const ED25519_KEY_BYTES = 32;
/** SEC 1 section 2.3.3, compressed: one byte 02 or 03, then x. */
const P256_KEY_BYTES = 33;

export const algorithmNumber = (algorithm: KeyAlgorithm): number =>
  algorithm === 'ed25519' ? 0 : 1;

export function readPublicKey(wire: WireReader): PublicKey {
  const outer = wire.enter();
  let seen = 0;
  let algorithm: KeyAlgorithm = 'ed25519';
  let bytes: Uint8Array = new Uint8Array(0);
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) {
      seen = wire.once(seen);
      algorithm = KEY_ALGORITHMS[wire.enumeration(KEY_ALGORITHMS.length)] ?? 'ed25519';
    } else if (field === 2) {
      seen = wire.once(seen);
      bytes = new Uint8Array(wire.bytes());
    } else wire.skip();
  }
  wire.require(seen, 0b110, 'PublicKey');
  wire.leave(outer);
  const key = { algorithm, bytes };
  const fault = publicKeyFault(key);
  if (fault !== undefined) wire.fail(fault);
  return key;
}

/**
 * Checks whether the bytes can be a key. A point off the curve is detected when it is first used.
 */
export function publicKeyFault({ algorithm, bytes }: PublicKey) {
  const size = algorithm === 'ed25519' ? ED25519_KEY_BYTES : P256_KEY_BYTES;
  if (bytes.length !== size) return { code: 'key_size_invalid', bytes: bytes.length } as const;
  if (algorithm === 'ed25519' || bytes[0] === 2 || bytes[0] === 3) return undefined;
  return { code: 'key_malformed', detail: 'a P-256 key that is not compressed' } as const;
}

export function writePublicKey(wire: WireWriter, field: number, key: PublicKey): void {
  wire.message(field, () => {
    wire.uint32(1, algorithmNumber(key.algorithm));
    wire.bytes(2, key.bytes);
  });
}

export const samePublicKey = (one: PublicKey, other: PublicKey): boolean =>
  one === other || (one.algorithm === other.algorithm && sameBytes(one.bytes, other.bytes));
