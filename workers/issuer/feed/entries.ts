import { createHash } from 'node:crypto';
import { readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import { concatBytes } from '../../../src/encoding.ts';
import {
  type BlockEntry,
  type FeedQuery,
  type HeadWatermark,
  type Position,
  type ResumptionEntry,
  type SuspensionEntry,
  WatermarkSet,
  type WorkflowEntry,
  WorkflowStops,
} from '../../../src/feed/index.ts';
import {
  chainInput,
  decodeRecords,
  type EntryKind,
  encodeEntry,
  epochInput,
  isEntry,
  RECORD_KINDS,
} from '../../../src/feed/log/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import type { ArchivedEntry } from './archive-binding.ts';
import { PREVIOUS } from './columns.ts';
import { Denials } from './denials.ts';
import { draftKey, type EntryDraft, keptUntil, toEntry } from './entry-draft.ts';
import { EntryRows } from './entry-rows.ts';
import { NamedScopes } from './named-scopes.ts';
import { Watermarks } from './watermarks.ts';

const HEADS_AHEAD_SECONDS_MAX = 10;

/** The end of a log, and what it still holds. */
export interface LogState extends Position {
  readonly previous: Position | null;
  readonly deltaFrom: number;
  /** Number of workflow and block entries that were not purged yet. */
  readonly live: number;
  readonly issuedAt: UnixSeconds;
}

export interface Appended {
  readonly epoch: number;
  readonly seq: number;
}

/** Identifies a log: its chains begin with this. */
export interface LogName {
  readonly issuer: string;
  readonly shard: number;
}

/**
 * The entries of a log. Every change is one synchronous step: an `await` between reading the end of
 * the chain and writing would let another event read the same end, and the chain would fork.
 */
export class LogEntries {
  readonly #storage: DurableObjectStorage;
  readonly #name: LogName;
  readonly #rows: EntryRows;
  readonly watermarks: Watermarks;
  readonly denials: Denials;
  readonly named: NamedScopes;

  constructor(storage: DurableObjectStorage, name: LogName) {
    this.#storage = storage;
    this.#name = name;
    this.#rows = new EntryRows(storage.sql);
    this.watermarks = new Watermarks(storage.sql);
    this.denials = new Denials(storage.sql);
    this.named = new NamedScopes(storage.sql);
    storage.sql.exec(
      `INSERT OR IGNORE INTO log (one, epoch, seq, chain, previous, delta_from, live, issued_at)
       VALUES (1, 1, 0, ?, NULL, 0, 0, 0)`,
      sha256(epochInput({ ...name, epoch: 1, previous: null })),
    );
  }

  get state(): LogState {
    const row = this.#storage.sql.exec('SELECT * FROM log').one();
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

  /** The newest entry that a snapshot is made for: an entry of `changeAfter` is not in any. */
  get stoppedAt(): number {
    return this.#rows.newestButChanges();
  }

  /**
   * Appends all drafts or none. Returns the position of each, which is an earlier one if the log
   * has its entry already, or a suspension that makes it stale.
   */
  append(drafts: readonly EntryDraft[]): readonly Appended[] {
    return this.#storage.transactionSync(() => {
      const { epoch, ...end } = this.state;
      let { seq, chain, live } = end;
      const positions = drafts.map((draft) => {
        const ordered = draftKey(draft);
        const existing = this.#rows.find(ordered) ?? this.#rows.suspensionAfter(draft);
        if (existing !== undefined) return { epoch, seq: existing };
        seq += 1;
        const entry = toEntry(draft, seq);
        if (!isEntry(entry)) throw new TypeError(`This ${draft.kind} draft is not a valid entry.`);
        const record = encodeEntry(entry);
        chain = sha256(chainInput(chain, record));
        if (isCounted(entry.kind)) live += 1;
        this.#insert({ seq, ordered, kind: entry.kind, expires: keptUntil(entry), record, chain });
        return { epoch, seq };
      });
      this.#storage.sql.exec('UPDATE log SET seq = ?, chain = ?, live = ?', seq, chain, live);
      return positions;
    });
  }

  /** Returns the records of `(from, to]`, or undefined if the log does not have all of them. */
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined {
    const { state } = this;
    if (epoch !== state.epoch || from < state.deltaFrom || to > state.seq) return undefined;
    if (to <= from || to - from > FEED_DELTA_ENTRIES_MAX) return undefined;
    return concatBytes(...this.#rows.records(from, to));
  }

  /**
   * Returns the next entries after `seq` for the archive, up to a delta's worth. They are counted
   * and not taken by number, because thousands in between may have been purged.
   */
  since(seq: number): readonly ArchivedEntry[] {
    return this.#rows.since(seq);
  }

  /** Returns live revocations of workflows and blocks, one at a time. */
  *revoked(now: UnixSeconds): Generator<WorkflowEntry | BlockEntry> {
    yield* this.#rows.living(now, 'fingerprints') as Generator<WorkflowEntry | BlockEntry>;
  }

  /** Returns live suspensions and resumptions in order. */
  stops(now: UnixSeconds): readonly (SuspensionEntry | ResumptionEntry)[] {
    const stops = this.#rows.living(now, 'records');
    return [...(stops as Generator<SuspensionEntry | ResumptionEntry>)].sort(
      (a, b) => a.seq - b.seq,
    );
  }

  /** Returns the chain after an entry, or undefined if the entry was purged. */
  chainAfter(seq: number): string | undefined {
    return this.#rows.chainAfter(seq);
  }

  /** Returns everything that a head lists: watermarks and denied tools. */
  listed(now: UnixSeconds): readonly HeadWatermark[] {
    return [...this.watermarks.inForce(now), ...this.denials.tools(now)];
  }

  /** Returns whether the log stops a token, for requests to the issuer itself. */
  isStopped({ workflow, ancestors, gen, blocks, ...token }: FeedQuery, now: UnixSeconds): boolean {
    const watermarks = new WatermarkSet();
    for (const one of this.watermarks.inForce(now)) watermarks.add(one, one.expires);
    const stops = new WorkflowStops();
    const workflows = [workflow, ...ancestors];
    for (const entry of workflows.flatMap((id) => this.#rows.stopsOf(id))) stops.add(entry);
    const isRevoked = (kind: 'workflow' | 'block', id: string): boolean =>
      this.#rows.find(`${kind} ${id}`) !== undefined;
    return (
      watermarks.find(token) !== undefined ||
      workflows.some((id) => isRevoked('workflow', id)) ||
      blocks.some((id) => isRevoked('block', id)) ||
      stops.find(workflow, ancestors, gen) !== undefined
    );
  }

  /** Stores when the newest head is issued, which never goes back. Returns what it must say. */
  stamp(now: UnixSeconds): LogState {
    return this.#storage.transactionSync(() => {
      this.#storage.sql.exec('UPDATE log SET issued_at = MAX(issued_at, ?)', now);
      return this.state;
    });
  }

  /**
   * Makes the next head newer than all before it, for a change that appends no entry. At most
   * `HEADS_AHEAD_SECONDS_MAX` ahead: verifiers reject a head that is a minute ahead of their clock.
   */
  stampLater(now: UnixSeconds): void {
    this.#storage.sql.exec(
      'UPDATE log SET issued_at = MAX(issued_at, ?, MIN(issued_at + 1, ?))',
      ...[now, now + HEADS_AHEAD_SECONDS_MAX],
    );
  }

  /** Purges dead entries that are older than every delta that is still served. */
  compact(deltaFrom: number, now: UnixSeconds): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec('UPDATE log SET delta_from = MAX(delta_from, ?)', deltaFrom);
      const purged = this.#rows.purge(now).filter(isCounted);
      this.#storage.sql.exec('UPDATE log SET live = live - ?', purged.length);
    });
  }

  /**
   * After a restore: takes the `lost` entries back from the archive and opens a new epoch behind
   * the archive's end, so that no sequence number is ever reused.
   */
  startEpoch(end: Position, lost: readonly ArchivedEntry[]): void {
    this.#storage.transactionSync(() => {
      this.named.forget(readSeconds());
      const { live } = this.state;
      let [restored, seq] = [0, Math.max(end.seq, this.state.seq)];
      for (const entry of lost) {
        if (this.#rows.find(entry.ordered) !== undefined) continue;
        const isTaken = this.#rows.isTaken(entry.seq);
        // If the restored log gave the number to another entry, both entries must be kept.
        seq += isTaken ? 1 : 0;
        this.#insert(isTaken ? { ...entry, seq, record: renumbered(entry.record, seq) } : entry);
        if (isCounted(entry.kind)) restored += 1;
      }
      const previous = { ...end, seq };
      const epoch = Math.max(end.epoch, this.state.epoch) + 1;
      this.#storage.sql.exec(
        `UPDATE log SET epoch = ?, seq = ?, chain = ?, previous = ?, delta_from = ?, live = ?`,
        ...[epoch, seq, sha256(epochInput({ ...this.#name, epoch, previous }))],
        ...[PREVIOUS.write(previous), seq, live + restored],
      );
    });
  }

  #insert(entry: ArchivedEntry): void {
    this.denials.apply(entry);
    this.#rows.insert(entry);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function renumbered(record: Uint8Array<ArrayBuffer>, seq: number): Uint8Array<ArrayBuffer> {
  const [read] = decodeRecords(record) ?? [];
  if (!read) throw new Error('The archive holds a record that is not an entry.');
  return encodeEntry({ ...read.entry, seq });
}

const isCounted = (kind: EntryKind): boolean => RECORD_KINDS[kind].learnedFrom === 'fingerprints';

/** Returns what one draft became. */
export function only<T>(appended: readonly T[]): T {
  const [one] = appended;
  if (!one) throw new Error('An append returned no receipt.');
  return one;
}
