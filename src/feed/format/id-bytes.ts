import { WORKFLOW_ID_BYTES_MAX } from '../../limits.ts';

export const FEED_BLOCK_ID_BYTES_MAX = 128; // An Ed25519 signature has 64.

/** What can be revoked by name. */
export type IdKind = 'workflow' | 'block';

const KIND_BYTES = { workflow: 2, block: 3 } as const;
const encoder = new TextEncoder();

/**
 * The bytes that a fingerprint is taken of: the kind as in a record, so that a block's id never
 * passes for a workflow's, and the id. One buffer for all: a decision asks for several.
 */
export class IdBytes {
  readonly bytes = new Uint8Array(1 + Math.max(FEED_BLOCK_ID_BYTES_MAX, WORKFLOW_ID_BYTES_MAX));
  readonly #id = this.bytes.subarray(1);

  /** How many of `bytes` are of it; 0 for an id that no entry can have. */
  write(kind: IdKind, id: string): number {
    this.bytes[0] = KIND_BYTES[kind];
    return kind === 'block' ? this.#hex(id) : this.#text(id);
  }

  #text(id: string): number {
    const { read, written } = encoder.encodeInto(id, this.#id);
    return read === id.length ? written + 1 : 0;
  }

  #hex(id: string): number {
    const length = id.length / 2;
    if (length > this.#id.length) return 0;
    for (let i = 0; i < length; i++) {
      this.#id[i] = (digit(id.charCodeAt(2 * i)) << 4) | digit(id.charCodeAt(2 * i + 1));
    }
    return length + 1;
  }
}

/**
 * Returns the minute by whose end something has expired. Snapshots and replicas count expiry in
 * minutes, in four bytes.
 */
export const minuteOf = (expiresSeconds: number): number =>
  Math.min(Math.ceil(expiresSeconds / 60), 0xffff_ffff);

/** Returns the value of a lower-case hex digit. */
const digit = (code: number): number => (code > 57 ? code - 87 : code - 48);
