import { createHash } from 'node:crypto';
import { readSeconds } from '../../../src/clock.ts';
import { concatBytes } from '../../../src/encoding.ts';
import type {
  BlockEntry,
  FeedEntry,
  HeadWatermark,
  Position,
  ResumptionEntry,
  SuspensionEntry,
  WorkflowEntry,
} from '../../../src/feed/index.ts';
import {
  chainInput,
  decodeRecords,
  encodeEntry,
  epochInput,
  isEntry,
} from '../../../src/feed/log/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import type { ArchivedEntry } from './archived-entry.ts';
import { CARRIED } from './carried.ts';
import { PREVIOUS } from './columns.ts';
import { Denials } from './denials.ts';
import { draftKey, type EntryDraft, keptUntil, stopKey, toEntry } from './entry-draft.ts';
import { suspendedSince } from './late.ts';
import { NamedScopes } from './named-scopes.ts';
import { Watermarks } from './watermarks.ts';

/** Where the log is. */
export interface LogState extends Position {
  readonly previous: Position | null;
  readonly deltaFrom: number;
  /** Workflow and block entries that were not purged yet. */
  readonly live: number;
  readonly issuedAt: number;
}

export interface Appended {
  readonly epoch: number;
  readonly seq: number;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Which log this is: what its chains begin with. */
export interface LogName {
  readonly issuer: string;
  readonly shard: number;
}

/**
 * The rows of the log. Every change is one synchronous step: an `await` between reading the chain's
 * end and writing would let another event read the same end, and the chain would fork.
 */
export class LogEntries {
  readonly #storage: DurableObjectStorage;
  readonly #name: LogName;
  readonly watermarks: Watermarks;
  readonly denials: Denials;
  readonly named: NamedScopes;

  constructor(storage: DurableObjectStorage, name: LogName) {
    this.#storage = storage;
    this.#name = name;
    this.watermarks = new Watermarks(storage.sql);
    this.denials = new Denials(storage.sql);
    this.named = new NamedScopes(storage.sql);
    this.#sql.exec(
      `INSERT OR IGNORE INTO log (one, epoch, seq, chain, previous, delta_from, live, issued_at)
       VALUES (1, 1, 0, ?, NULL, 0, 0, 0)`,
      sha256(epochInput({ ...name, epoch: 1, previous: null })),
    );
  }

  get #sql(): SqlStorage {
    return this.#storage.sql;
  }

  get state(): LogState {
    const row = this.#sql.exec('SELECT * FROM log').one();
    return {
      epoch: Number(row.epoch),
      seq: Number(row.seq),
      chain: String(row.chain),
      previous: row.previous === null ? null : PREVIOUS.read(row.previous),
      deltaFrom: Number(row.delta_from),
      live: Number(row.live),
      issuedAt: Number(row.issued_at),
    };
  }

  /** All of them or none; each answered with its place, old or new. */
  append(orders: readonly EntryDraft[]): readonly Appended[] {
    return this.#storage.transactionSync(() => {
      const { epoch, ...end } = this.state;
      let { seq, chain, live } = end;
      const places = orders.map((order) => {
        const ordered = draftKey(order);
        const [known] = this.#sql
          .exec('SELECT seq FROM entry WHERE ordered = ?', ordered)
          .toArray();
        const before = known ? Number(known.seq) : suspendedSince(this.#sql, order);
        if (before !== undefined) return { epoch, seq: before };
        seq += 1;
        const entry = toEntry(order, seq);
        if (!isEntry(entry)) throw new TypeError(`an order of kind ${order.kind} that is no entry`);
        const record = encodeEntry(entry);
        chain = sha256(chainInput(chain, record));
        if (isCounted(entry.kind)) live += 1;
        this.#insert({ seq, ordered, kind: entry.kind, expires: keptUntil(entry), record, chain });
        return { epoch, seq };
      });
      this.#sql.exec('UPDATE log SET seq = ?, chain = ?, live = ?', seq, chain, live);
      return places;
    });
  }

  /** The records of `(from, to]` in a row; undefined for what is not, or no more, here. */
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined {
    const { state } = this;
    if (epoch !== state.epoch || from < state.deltaFrom || to > state.seq) return undefined;
    if (to <= from || to - from > FEED_DELTA_ENTRIES_MAX) return undefined;
    const rows = this.#sql
      .exec('SELECT record FROM entry WHERE seq > ? AND seq <= ? ORDER BY seq', from, to)
      .toArray();
    return concatBytes(...rows.map(({ record }) => new Uint8Array(record as ArrayBuffer)));
  }

  /**
   * Entries after `seq` in their order, for the archive; at most a delta's worth. By their count
   * and not by their numbers: after a thousand that were purged there may be more.
   */
  since(seq: number): readonly ArchivedEntry[] {
    return this.#sql
      .exec('SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?', seq, FEED_DELTA_ENTRIES_MAX)
      .toArray()
      .map(archived);
  }

  /** Live revocations of workflows and blocks, one at a time: there may be a million. */
  *revoked(nowSeconds: number): Generator<WorkflowEntry | BlockEntry> {
    yield* this.#living(nowSeconds, 'revoked') as Generator<WorkflowEntry | BlockEntry>;
  }

  /** Live suspensions and resumptions in their order. */
  stops(nowSeconds: number): readonly (SuspensionEntry | ResumptionEntry)[] {
    const stops = this.#living(nowSeconds, 'stops') as Generator<SuspensionEntry | ResumptionEntry>;
    return [...stops].sort((a, b) => a.seq - b.seq);
  }

  *#living(nowSeconds: number, part: 'revoked' | 'stops') {
    const kinds = Object.entries(CARRIED).flatMap(([kind, by]) => (by === part ? [kind] : []));
    const rows = this.#sql.exec(
      `SELECT record FROM entry WHERE expires >= ? AND kind IN (${kinds.map(() => '?').join()})`,
      ...[nowSeconds, ...kinds],
    );
    for (const row of rows) {
      const [read] = decodeRecords(new Uint8Array(row.record as ArrayBuffer)) ?? [];
      if (!read) throw new Error('the log holds what is no entry');
      yield read.entry;
    }
  }

  /** The chain after an entry that is still here. */
  chainAt(seq: number): string | undefined {
    const [row] = this.#sql.exec('SELECT chain FROM entry WHERE seq = ?', seq).toArray();
    return row && String(row.chain);
  }

  /** All that a head lists. */
  listed(nowSeconds: number): readonly HeadWatermark[] {
    return [...this.watermarks.inForce(nowSeconds), ...this.denials.tools(nowSeconds)];
  }

  has(kind: 'workflow' | 'block', id: string): boolean {
    const key = `${kind} ${id}`;
    return this.#sql.exec('SELECT 1 FROM entry WHERE ordered = ?', key).toArray().length > 0;
  }

  /** All suspensions and resumptions of a workflow that are still here. */
  stopsOf(id: string): readonly (SuspensionEntry | ResumptionEntry)[] {
    return this.#sql
      .exec(
        'SELECT record FROM entry WHERE ordered >= ? AND ordered < ?',
        ...[stopKey(id), `${stopKey(id)}:`], // Digits come next, and the colon follows them.
      )
      .toArray()
      .flatMap(({ record }) => decodeRecords(new Uint8Array(record as ArrayBuffer)) ?? [])
      .flatMap(({ entry }) =>
        entry.kind === 'suspension' || entry.kind === 'resumption' ? [entry] : [],
      );
  }

  /** Says when the newest head was issued; answers what it must say. Time never goes back. */
  stamp(nowSeconds: number): LogState {
    return this.#storage.transactionSync(() => {
      this.#sql.exec('UPDATE log SET issued_at = MAX(issued_at, ?)', nowSeconds);
      return this.state;
    });
  }

  /** Forgets what is dead and older than any delta that is still handed out. */
  compact(deltaFrom: number, nowSeconds: number): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec('UPDATE log SET delta_from = MAX(delta_from, ?)', deltaFrom);
      const gone = this.#sql
        .exec(
          `DELETE FROM entry WHERE expires < ? AND seq <= (SELECT delta_from FROM log)
           RETURNING kind`,
          nowSeconds,
        )
        .toArray();
      // What was lifted is in the way of nothing: its watermark is an entry of its own.
      this.#sql.exec(
        `DELETE FROM entry WHERE kind = 'denial' AND seq <= (SELECT delta_from FROM log)
           AND ordered NOT IN (SELECT ordered FROM denial)`,
      );
      const counted = gone.filter(({ kind }) => isCounted(String(kind) as FeedEntry['kind']));
      this.#sql.exec('UPDATE log SET live = live - ?', counted.length);
    });
  }

  /**
   * After a restore: takes in what the archive has and this log has lost, and opens a new epoch
   * behind the archive's end, so that no sequence number is ever given out twice.
   */
  startEpoch(end: Position, lost: readonly ArchivedEntry[]): void {
    this.#storage.transactionSync(() => {
      this.named.forget(readSeconds());
      const { live } = this.state;
      const known = (ordered: string) =>
        this.#sql.exec('SELECT 1 FROM entry WHERE ordered = ?', ordered).toArray().length > 0;
      let [restored, seq] = [0, Math.max(end.seq, this.state.seq)];
      for (const entry of lost) {
        if (known(entry.ordered)) continue;
        const isFree =
          this.#sql.exec('SELECT 1 FROM entry WHERE seq = ?', entry.seq).toArray().length === 0;
        // Where the restored log has given the number to another entry, both must be kept.
        seq += isFree ? 0 : 1;
        this.#insert(isFree ? entry : { ...entry, seq, record: renumbered(entry.record, seq) });
        if (isCounted(entry.kind)) restored += 1;
      }
      const previous = { ...end, seq };
      const epoch = Math.max(end.epoch, this.state.epoch) + 1;
      this.#sql.exec(
        `UPDATE log SET epoch = ?, seq = ?, chain = ?, previous = ?, delta_from = ?, live = ?`,
        ...[epoch, seq, sha256(epochInput({ ...this.#name, epoch, previous }))],
        ...[PREVIOUS.write(previous), seq, live + restored],
      );
    });
  }

  #insert(entry: ArchivedEntry): void {
    const { seq, ordered, kind, expires, record, chain } = entry;
    this.denials.apply(entry);
    this.#sql.exec(
      'INSERT INTO entry (seq, ordered, kind, expires, record, chain) VALUES (?, ?, ?, ?, ?, ?)',
      ...[seq, ordered, kind, expires, record, chain],
    );
  }
}

function renumbered(record: Uint8Array<ArrayBuffer>, seq: number): Uint8Array<ArrayBuffer> {
  const [read] = decodeRecords(record) ?? [];
  if (!read) throw new Error('the archive holds what is no entry');
  return encodeEntry({ ...read.entry, seq });
}

const isCounted = (kind: FeedEntry['kind']): boolean => CARRIED[kind] === 'revoked';

function archived(row: Record<string, SqlStorageValue>): ArchivedEntry {
  return {
    seq: Number(row.seq),
    ordered: String(row.ordered),
    kind: String(row.kind) as FeedEntry['kind'],
    expires: Number(row.expires),
    record: new Uint8Array(row.record as ArrayBuffer),
    chain: String(row.chain),
  };
}
