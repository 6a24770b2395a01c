import type { UnixSeconds } from '../../../src/clock.ts';
import type { FeedEntry, ResumptionEntry, SuspensionEntry } from '../../../src/feed/index.ts';
import { decodeRecords, type EntryKind, RECORD_KINDS } from '../../../src/feed/log/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import type { ArchivedEntry } from './archive-binding.ts';
import { CHANGES, type EntryDraft, stopKey } from './entry-draft.ts';

/** The rows of the `entry` table of a log. */
export class EntryRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  insert({ seq, ordered, kind, expires, record, chain }: ArchivedEntry): void {
    this.#sql.exec(
      'INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (?, ?, ?, ?, ?, ?)',
      ...[seq, ordered, kind, expires, record, chain],
    );
  }

  /** Returns the `seq` of the entry with this draft key. */
  find(ordered: string): number | undefined {
    const [row] = this.#sql.exec('SELECT seq FROM entry WHERE ordered = ?', ordered).toArray();
    return row && Number(row.seq);
  }

  /** Returns the `seq` of the newest entry that is not one of `changeAfter`, or 0. */
  newestButChanges(): number {
    const [row] = this.#sql
      .exec('SELECT seq FROM entry WHERE ordered NOT LIKE ? ORDER BY seq DESC LIMIT 1', CHANGES)
      .toArray();
    return row ? Number(row.seq) : 0;
  }

  isTaken(seq: number): boolean {
    return this.#sql.exec('SELECT 1 FROM entry WHERE seq = ?', seq).toArray().length > 0;
  }

  /** Returns the chain after an entry, or undefined if the entry was purged. */
  chainAfter(seq: number): string | undefined {
    const [row] = this.#sql.exec('SELECT chain FROM entry WHERE seq = ?', seq).toArray();
    return row && String(row.chain);
  }

  /** Returns the records of `(from, to]` that are still stored, in order. */
  records(from: number, to: number): readonly Uint8Array<ArrayBuffer>[] {
    return this.#sql
      .exec('SELECT record FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq', from, to)
      .toArray()
      .map(({ record }) => new Uint8Array(record as ArrayBuffer));
  }

  /** Returns up to a delta's worth of entries after `seq`, in order. */
  since(seq: number): readonly ArchivedEntry[] {
    return this.#sql
      .exec('SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?', seq, FEED_DELTA_ENTRIES_MAX)
      .toArray()
      .map(readRow);
  }

  /** Returns live entries from a cursor, because there may be a million. */
  *living(now: UnixSeconds, learnedFrom: 'fingerprints' | 'records'): Generator<FeedEntry> {
    const kinds = Object.entries(RECORD_KINDS)
      .filter(([, kind]) => kind.learnedFrom === learnedFrom)
      .map(([name]) => name);
    const rows = this.#sql.exec(
      `SELECT record FROM entry WHERE expires >= ? AND kind IN (${kinds.map(() => '?').join()})`,
      ...[now, ...kinds],
    );
    for (const row of rows) {
      const [read] = decodeRecords(new Uint8Array(row.record as ArrayBuffer)) ?? [];
      if (!read) throw new Error('The log holds a record that is not an entry.');
      yield read.entry;
    }
  }

  /** Returns the suspensions and resumptions of a workflow that are still stored. */
  stopsOf(id: string): readonly (SuspensionEntry | ResumptionEntry)[] {
    return this.#sql
      .exec(`SELECT record FROM entry WHERE ${HAS_STOP_KEY}`, ...stopKeyRange(id))
      .toArray()
      .flatMap(({ record }) => decodeRecords(new Uint8Array(record as ArrayBuffer)) ?? [])
      .flatMap(({ entry }) =>
        entry.kind === 'suspension' || entry.kind === 'resumption' ? [entry] : [],
      );
  }

  /**
   * Returns the `seq` of a suspension that makes a resumption stale: one of the same generation or
   * of a later one. Written after it, a delayed resumption would undo the suspension.
   */
  suspensionAfter(draft: EntryDraft): number | undefined {
    if (draft.kind !== 'resumption') return undefined;
    const prefix = stopKey(draft.id).length;
    const row = this.#sql
      .exec(
        `SELECT seq, ordered FROM entry WHERE ${HAS_STOP_KEY} AND kind = 'suspension'`,
        ...stopKeyRange(draft.id),
      )
      .toArray()
      .find(({ ordered }) => Number.parseInt(String(ordered).slice(prefix), 10) >= draft.gen);
    return row && Number(row.seq);
  }

  /** Deletes dead entries that no delta needs any more. Returns the kinds of those deleted. */
  purge(now: UnixSeconds): readonly EntryKind[] {
    const purged = this.#sql
      .exec(
        `DELETE FROM entry WHERE expires < ? AND seq <= (SELECT delta_from FROM log)
         RETURNING kind`,
        now,
      )
      .toArray()
      .map(({ kind }) => String(kind) as EntryKind);
    // A lifted denial never expires, but nothing needs it: its watermark is a separate entry.
    this.#sql.exec(
      `DELETE FROM entry WHERE kind = 'denial' AND seq <= (SELECT delta_from FROM log)
         AND ordered NOT IN (SELECT ordered FROM denial)`,
    );
    return purged;
  }
}

const HAS_STOP_KEY = 'ordered >= ? AND ordered < ?';

/** A generation follows the prefix, and `:` sorts after every digit. */
const stopKeyRange = (id: string): readonly [string, string] => [stopKey(id), `${stopKey(id)}:`];

function readRow(row: Record<string, SqlStorageValue>): ArchivedEntry {
  return {
    seq: Number(row.seq),
    ordered: String(row.ordered),
    kind: String(row.kind) as EntryKind,
    expires: Number(row.expires),
    record: new Uint8Array(row.record as ArrayBuffer),
    chain: String(row.chain),
  };
}
