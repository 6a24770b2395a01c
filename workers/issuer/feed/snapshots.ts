import { createHash } from 'node:crypto';
import type { UnixSeconds } from '../../../src/clock.ts';
import { concatBytes } from '../../../src/encoding.ts';
import type { SnapshotReference } from '../../../src/feed/index.ts';
import { encodeSnapshot } from '../../../src/feed/log/index.ts';
import { SNAPSHOT_ENTRIES, SNAPSHOT_SECONDS } from '../../../src/limits.ts';
import { REFERENCE } from './columns.ts';
import type { LogEntries, LogState } from './entries.ts';

const SNAPSHOT_SHARE = 8; // A large log makes one when an eighth of its live entries is new,
export const SNAPSHOT_ENTRIES_MAX = 16 * 1_024; // and at the latest after sixteen deltas.

/** Bytes of one row, of the 2 MB that SQLite in a Durable Object allows. */
const PART_BYTES = 1024 * 1024;

/** A cache may still serve a head that names the snapshot before, so two are kept. */
const SNAPSHOTS_KEPT = 2;

/** A stored snapshot. */
export interface StoredSnapshot extends SnapshotReference {
  readonly epoch: number;
  readonly madeAt: UnixSeconds;
}

/** The stored snapshots, from which new verifiers start. */
export class LogSnapshots {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  get #sql(): SqlStorage {
    return this.#storage.sql;
  }

  /** Newest first. */
  get made(): readonly StoredSnapshot[] {
    return this.#sql
      .exec('SELECT epoch, body, made_at FROM snapshot_reference ORDER BY epoch DESC, seq DESC')
      .toArray()
      .map(({ epoch, body, made_at }) => ({
        ...REFERENCE.read(body),
        epoch: Number(epoch),
        madeAt: Number(made_at),
      }));
  }

  /** Returns what a head of this epoch says about its snapshot. */
  newest(epoch: number): SnapshotReference | null {
    const made = this.made.find((one) => one.epoch === epoch);
    if (!made) return null;
    const { seq, chain, hash, bytes, count } = made;
    return { seq, chain, hash, bytes, count };
  }

  /** Returns the bytes of a snapshot, or undefined if it is not stored. */
  read(epoch: number, seq: number): Uint8Array<ArrayBuffer> | undefined {
    const parts = this.#sql
      .exec('SELECT bytes FROM snapshot WHERE epoch = ? AND seq = ? ORDER BY part', epoch, seq)
      .toArray()
      .map(({ bytes }) => new Uint8Array(bytes as ArrayBuffer));
    return parts.length === 0 ? undefined : concatBytes(...parts);
  }

  /** Returns the bytes of a snapshot that some head has named, or undefined if it is gone. */
  named(epoch: number, seq: number, hash: string): Uint8Array<ArrayBuffer> | undefined {
    const isKnown = this.made.some(
      (one) => one.epoch === epoch && one.seq === seq && one.hash === hash,
    );
    return isKnown ? this.read(epoch, seq) : undefined;
  }

  /** Makes a snapshot of everything live, so new verifiers need not read the log from its start. */
  make(entries: LogEntries, now: UnixSeconds): void {
    const { epoch, seq, chain } = entries.state;
    // A snapshot that was served under a name must never change.
    if (this.made.some((one) => one.epoch === epoch && one.seq === seq)) return;
    const { bytes, count } = encodeUnderNewSalt(entries, now);
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
        ...[epoch, seq, REFERENCE.write(reference), now],
      );
      for (const old of this.made.slice(SNAPSHOTS_KEPT)) {
        for (const table of ['snapshot', 'snapshot_reference']) {
          this.#sql.exec(`DELETE FROM ${table} WHERE epoch = ? AND seq = ?`, old.epoch, old.seq);
        }
      }
    });
  }
}

/**
 * Encodes a snapshot. The salt is drawn after its content is settled, and drawn again in the rare
 * case that two ids have the same fingerprint. Rows go from the cursor into typed arrays, because a
 * million objects exceed the memory of an isolate.
 */
function encodeUnderNewSalt(entries: LogEntries, now: UnixSeconds) {
  const stops = entries.stops(now);
  for (;;) {
    let count = 0;
    const counted = function* () {
      for (const entry of entries.revoked(now)) {
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
 * Returns whether the deltas since the last snapshot have grown long. A snapshot reads every live
 * entry in the one thread that revocations wait for, so a large log waits for more new entries.
 */
export function isSnapshotNear(state: LogState, last: StoredSnapshot | undefined): boolean {
  const after = state.seq - (last?.epoch === state.epoch ? last.seq : 0);
  const worth = Math.max(SNAPSHOT_ENTRIES, state.live / SNAPSHOT_SHARE);
  return after >= Math.min(worth, SNAPSHOT_ENTRIES_MAX);
}

/**
 * Returns whether a snapshot is due: the deltas are long, the last snapshot is old and not of the
 * newest entry, or the epoch has none. `stoppedAt` is the newest entry that is worth one: a
 * snapshot itself changes the head, which takes a `seq` where the log has witnesses.
 */
export function isSnapshotDue(
  state: LogState,
  last: StoredSnapshot | undefined,
  now: UnixSeconds,
  stoppedAt = state.seq,
): boolean {
  if (last?.epoch !== state.epoch) return state.seq > 0;
  return (
    isSnapshotNear(state, last) || (stoppedAt > last.seq && now - last.madeAt >= SNAPSHOT_SECONDS)
  );
}
