import type { UnixSeconds } from '../../clock.ts';
import { WORKFLOW_ID_BYTES_MAX } from '../../limits.ts';

export const FEED_BLOCK_ID_BYTES_MAX = 128; // An Ed25519 signature has 64.

/** What can be revoked by id. */
export type IdKind = 'workflow' | 'block';

/** The code of each in a record, which fingerprints use as well. */
export const REVOKED_ID_CODES: Readonly<Record<IdKind, number>> = { workflow: 2, block: 3 };

const encoder = new TextEncoder();

/**
 * The input of a fingerprint: the code of the kind, so that a block's id never matches a
 * workflow's, and the id. One buffer serves every call, because a decision asks for several ids.
 */
export class IdBytes {
  readonly bytes = new Uint8Array(1 + Math.max(FEED_BLOCK_ID_BYTES_MAX, WORKFLOW_ID_BYTES_MAX));
  readonly #id = this.bytes.subarray(1);

  /** Returns how many of `bytes` are the input; 0 for an id that no entry can have. */
  write(kind: IdKind, id: string): number {
    this.bytes[0] = REVOKED_ID_CODES[kind];
    return kind === 'block' ? this.#writeHex(id) : this.#writeText(id);
  }

  #writeText(id: string): number {
    const { read, written } = encoder.encodeInto(id, this.#id);
    return read === id.length ? written + 1 : 0;
  }

  #writeHex(id: string): number {
    const length = id.length / 2;
    if (length > this.#id.length) return 0;
    for (let i = 0; i < length; i++) {
      this.#id[i] = (hexDigit(id.charCodeAt(2 * i)) << 4) | hexDigit(id.charCodeAt(2 * i + 1));
    }
    return length + 1;
  }
}

/**
 * Returns the minute by whose end an entry has expired. Snapshots and replicas keep expiry in
 * minutes, in four bytes.
 */
export const minuteOf = (expires: UnixSeconds): number =>
  Math.min(Math.ceil(expires / 60), 0xffff_ffff);

/** Of a lower-case digit. */
const hexDigit = (code: number): number => (code > 57 ? code - 87 : code - 48);
