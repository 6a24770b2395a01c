import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson, type Json } from '../../canonical-json.ts';
import { concatBytes, toBase64Url, utf8 } from '../../encoding.ts';

/** A key of a person or of one record: 32 bytes. */
export type Key = Uint8Array<ArrayBuffer>;

/**
 * Returns the key of one record of a person. A reader who is given it can open that record, and no
 * other one of the same person.
 */
export const recordKey = (subjectKey: Key, recordId: string): Key =>
  mac(subjectKey, utf8('hewn/record-key/v1'), framed(utf8(recordId)));

/**
 * Returns the commitment to a member of a record, as the entry contains it. A text is committed to
 * as it is and any other value in its RFC 8785 form, under another label: `"1"` is not `1`.
 */
export function commitmentOf(key: Key, name: string, value: Json): string {
  const isText = typeof value === 'string';
  const label = utf8(isText ? 'hewn/commit/v1' : 'hewn/commit-json/v1');
  const content = utf8(isText ? value : canonicalJson(value));
  return toBase64Url(mac(key, label, framed(utf8(name)), framed(content)));
}

/** Returns the key under which the clear members of one record are encrypted. */
export const sealingKey = (key: Key): Key => hash(utf8('enc'), key);

const NONCE_BYTES = 12;

/**
 * Returns the nonce for a content. It depends on the content, so two contents under one key, which
 * a verifier that uses a record id twice can cause, have two nonces.
 */
export const nonceOf = (key: Key, content: Uint8Array): Uint8Array<ArrayBuffer> =>
  mac(key, utf8('hewn/nonce/v1'), content).slice(0, NONCE_BYTES);

function mac(key: Key, ...parts: readonly Uint8Array[]): Key {
  return hmac(sha256, key, concatBytes(...parts)) as Key;
}

const hash = (...parts: readonly Uint8Array[]): Key => sha256(concatBytes(...parts)) as Key;

/** The bytes after their length, so that no two lists of parts are the same bytes. */
function framed(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}
