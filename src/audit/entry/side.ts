import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { concatBytes, fromHex, fromUtf8, toHex, utf8 } from '../../encoding.ts';
import { type Key, nonceOf, recordKey, sealingKey } from './commitment.ts';

/**
 * The side of a record: its personal members, encrypted for each person apart. A side is the
 * concatenation of boxes: the 16 bytes of a key's id, a length (u16, big-endian), and so many bytes
 * of nonce (12) and AES-256-GCM ciphertext with its tag. A record without such members has an empty
 * side.
 */
export interface Box {
  /** The id of the person's key, 32 lower-case hex digits. It says nothing about the person. */
  readonly keyId: string;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

const KEY_ID_BYTES = 16;
const HEADER_BYTES = KEY_ID_BYTES + 2;
const NONCE_BYTES = 12;

/** Returns the bytes of a side. Throws a TypeError for a key's id of another form. */
export function writeSide(boxes: readonly Box[]): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ...boxes.flatMap(({ keyId, sealed }) => {
      const id = fromHex(keyId);
      if (id?.length !== KEY_ID_BYTES) throw new TypeError('a key id has 32 lower-case hex digits');
      return [id, Uint8Array.of(sealed.length >> 8, sealed.length & 0xff), sealed];
    }),
  );
}

/** Returns the boxes of a side; undefined if it has another form. */
export function readSide(side: Uint8Array): readonly Box[] | undefined {
  const boxes: Box[] = [];
  let at = 0;
  while (at < side.length) {
    const length = ((side[at + KEY_ID_BYTES] ?? 0) << 8) | (side[at + KEY_ID_BYTES + 1] ?? 0);
    const end = at + HEADER_BYTES + length;
    if (length < NONCE_BYTES || end > side.length) return undefined;
    boxes.push({
      keyId: toHex(side.subarray(at, at + KEY_ID_BYTES)),
      sealed: side.slice(at + HEADER_BYTES, end),
    });
    at = end;
  }
  return boxes;
}

/** Encrypts the members of one record that belong to one person. */
export async function seal(
  subjectKey: Key,
  recordId: string,
  members: JsonObject,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = recordKey(subjectKey, recordId);
  const content = utf8(canonicalJson(members));
  const nonce = nonceOf(key, content);
  const algorithm = { name: 'AES-GCM', iv: nonce };
  const sealed = await crypto.subtle.encrypt(algorithm, await aesKey(key), content);
  return concatBytes(nonce, new Uint8Array(sealed));
}

/**
 * Decrypts what `seal` has encrypted, with the record's key. Returns undefined if it was encrypted
 * under another key or was changed. What it says counts only if it fits the entry's commitments.
 */
export async function unseal(
  key: Key,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Readonly<Record<string, Json>> | undefined> {
  const algorithm = { name: 'AES-GCM', iv: sealed.slice(0, NONCE_BYTES) };
  try {
    const content = await crypto.subtle.decrypt(
      algorithm,
      await aesKey(key),
      sealed.slice(NONCE_BYTES),
    );
    const members: unknown = JSON.parse(fromUtf8(new Uint8Array(content)) ?? 'null');
    return isJsonObject(members) ? (members as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

const aesKey = (key: Key): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', sealingKey(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
