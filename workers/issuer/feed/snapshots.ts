import { createHash } from 'node:crypto';
import { concatBytes } from '../../../src/encoding.ts';
import type { SnapshotReference } from '../../../src/feed/index.ts';
import { encodeSnapshot } from '../../../src/feed/log/index.ts';
import { SNAPSHOT_ENTRIES, SNAPSHOT_SECONDS } from '../../../src/limits.ts';
import { REFERENCE } from './columns.ts';
import type { LogEntries, LogState } from './entries.ts';

const SNAPSHOT_SHARE = 8; // Of a large log, one when an eighth of what lives is new,
export const SNAPSHOT_ENTRIES_MAX = 16 * 1_024; // but never more than sixteen deltas behind it.

/** Bytes of one row: SQLite in a Durable Object holds 2 MB in one. */
const PART_BYTES = 1024 * 1024;

/** Of which there are always two: a head that a cache still hands out names the one before. */
const KEPT = 2;

export interface Made extends SnapshotReference {
  readonly epoch: number;
  /** Unix seconds. */
  readonly madeAt: number;
}

/** The snapshots that a verifier starts from, as rows. */
export class LogSnapshots {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  get #sql(): SqlStorage {
    return this.#storage.sql;
  }

  /** Newest first. */
  get made(): readonly Made[] {
    return this.#sql
      .exec('SELECT epoch, body, made_at FROM snapshot_reference ORDER BY epoch DESC, seq DESC')
      .toArray()
      .map(({ epoch, body, made_at }) => ({
        ...REFERENCE.read(body),
        epoch: Number(epoch),
        madeAt: Number(made_at),
      }));
  }

  /** What a head of this epoch may say of it. */
  newest(epoch: number): SnapshotReference | null {
    const made = this.made.find((one) => one.epoch === epoch);
    if (!made) return null;
    const { seq, chain, hash, bytes, count } = made;
    return { seq, chain, hash, bytes, count };
  }

  /** The bytes; undefined for one that is not, or no more, here. */
  read(epoch: number, seq: number): Uint8Array<ArrayBuffer> | undefined {
    const parts = this.#sql
      .exec('SELECT bytes FROM snapshot WHERE epoch = ? AND seq = ? ORDER BY part', epoch, seq)
      .toArray()
      .map(({ bytes }) => new Uint8Array(bytes as ArrayBuffer));
    return parts.length === 0 ? undefined : concatBytes(...parts);
  }

  /** All that lives at `state`: whoever starts anew need not read the log from its start. */
  make(entries: LogEntries, nowSeconds: number): void {
    const { epoch, seq, chain } = entries.state;
    // What has once been handed out under a name stays what it is.
    if (this.made.some((one) => one.epoch === epoch && one.seq === seq)) return;
    const { bytes, count } = encodeUnderNewSalt(entries, nowSeconds);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const reference = { seq, chain, hash, bytes: bytes.length, count };
    this.#storage.transactionSync(() => {
      for (let part = 0; part * PART_BYTES < bytes.length; part++) {
        this.#sql.exec(
          'INSERT INTO snapshot (epoch, seq, part, bytes) VALUES (?, ?, ?, ?)',
          ...[epoch, seq, part, bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES)],
        );
      }
      this.#sql.exec(
        'INSERT INTO snapshot_reference (epoch, seq, body, made_at) VALUES (?, ?, ?, ?)',
        ...[epoch, seq, REFERENCE.write(reference), nowSeconds],
      );
      for (const old of this.made.slice(KEPT)) {
        for (const table of ['snapshot', 'snapshot_reference']) {
          this.#sql.exec(`DELETE FROM ${table} WHERE epoch = ? AND seq = ?`, old.epoch, old.seq);
        }
      }
    });
  }
}

/**
 * Drawn after the content is settled, and again in the rare case that two ids are one under it.
 * Rows go from the cursor into typed arrays: a million objects are more than the isolate has.
 */
function encodeUnderNewSalt(entries: LogEntries, nowSeconds: number) {
  const stops = entries.stops(nowSeconds);
  for (;;) {
    let count = 0;
    const counted = function* () {
      for (const entry of entries.revoked(nowSeconds)) {
        count += 1;
        yield entry;
      }
    };
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const bytes = encodeSnapshot({ revoked: counted(), stops }, salt);
    if (bytes) return { bytes, count };
  }
}

/**
 * Whether the deltas since the last one have grown long. A snapshot is work on all that lives, in
 * the one thread that revocations wait for: a large log makes it for more new entries than a small.
 */
export function isSnapshotNear(state: LogState, last: Made | undefined): boolean {
  const after = state.seq - (last?.epoch === state.epoch ? last.seq : 0);
  const worth = Math.max(SNAPSHOT_ENTRIES, state.live / SNAPSHOT_SHARE);
  return after >= Math.min(worth, SNAPSHOT_ENTRIES_MAX);
}

/** The same, or it has grown old while the log moved on, or its epoch has none. */
export function isSnapshotDue(
  state: LogState,
  last: Made | undefined,
  nowSeconds: number,
): boolean {
  if (last?.epoch !== state.epoch) return state.seq > 0;
  return (
    isSnapshotNear(state, last) ||
    (state.seq > last.seq && nowSeconds - last.madeAt >= SNAPSHOT_SECONDS)
  );
}
