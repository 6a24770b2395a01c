import { DurableObject } from 'cloudflare:workers';
import { readClock, readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';
import type { Position } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import { migrate } from '../platform/sqlite.ts';
import type {
  ArchivedEntry,
  FeedArchiveBinding,
  KeptCatalogue,
  KeptHeadKeys,
} from './archive-binding.ts';
import { archiveSchema } from './archive-schema.ts';
import { readCatalogue, writeCatalogue } from './catalogue.ts';
import { readHeadKeys, writeHeadKeys } from './keys/rows.ts';
import { LEAVES_PAGE } from './tree/leaves.ts';

const ARCHIVE_PURGE_SECONDS = 3_600; // Dead rows only take space.

/**
 * A second copy of one log, in its own object. A point-in-time restore affects one object only, so
 * a restored log finds here what it lost.
 */
export class FeedArchive extends DurableObject implements FeedArchiveBinding {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, archiveSchema);
    this.#sql = ctx.storage.sql;
  }

  /** Returns how far the archive has the log, or undefined if it is empty. */
  position(): Position | undefined {
    return this.#position();
  }

  /**
   * Stores entries that follow `after` and end at `end`. Idempotent. Returns the `seq` up to which
   * the archive has the log. If it lost an entry before `after`, it stores nothing: its end would
   * hide the gap.
   */
  async keep(after: number, end: Position, entries: readonly ArchivedEntry[]): Promise<number> {
    const archived = this.#position()?.seq ?? 0;
    if (archived < after) return archived;
    this.ctx.storage.transactionSync(() => {
      for (const { seq, ordered, kind, expires, record, chain } of entries) {
        this.#sql.exec(
          `INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (seq) DO NOTHING`,
          ...[seq, ordered, kind, expires, record, chain],
        );
      }
      // A new epoch may be copied in pages from its start. Pages before the end do not move it yet.
      this.#sql.exec(
        `INSERT INTO position (one, epoch, seq, chain) VALUES (1, ?, ?, ?)
         ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq,
           chain = excluded.chain
         WHERE excluded.seq >= seq
           AND (excluded.epoch > epoch OR (excluded.epoch = epoch AND excluded.seq > seq))`,
        ...[end.epoch, end.seq, end.chain],
      );
    });
    if ((await this.ctx.storage.getAlarm()) === null) await this.#purgeLater();
    return end.seq;
  }

  /** Returns the live entries after `seq`, in order, up to a delta's worth. */
  since(seq: number, now: UnixSeconds): ArchivedEntry[] {
    return this.#sql
      .exec(
        'SELECT * FROM kept WHERE seq > ? AND expires >= ? ORDER BY seq LIMIT ?',
        ...[seq, now, FEED_DELTA_ENTRIES_MAX],
      )
      .toArray()
      .map((row) => ({
        seq: Number(row.seq),
        ordered: String(row.ordered),
        expires: Number(row.expires),
        kind: row.kind as ArchivedEntry['kind'],
        record: new Uint8Array(row.record as ArrayBuffer),
        chain: String(row.chain),
      }));
  }

  /** Returns the newest catalogue that was kept, or undefined if none was. */
  catalogue(): KeptCatalogue | undefined {
    return readCatalogue(this.#sql);
  }

  /** Stores a catalogue, unless it is older. Returns the number of the newest change. */
  keepCatalogue(catalogue: KeptCatalogue): number {
    writeCatalogue(this.#sql, catalogue);
    return readCatalogue(this.#sql)?.change ?? 0;
  }

  /** Returns the newest lists of keys that were kept, or undefined if none were. */
  headKeys(): KeptHeadKeys | undefined {
    return readHeadKeys(this.#sql);
  }

  /** Stores lists of keys, unless they are older. Returns the number of the newest change. */
  keepHeadKeys(keys: KeptHeadKeys): number {
    writeHeadKeys(this.#sql, keys);
    return readHeadKeys(this.#sql)?.change ?? 0;
  }

  /** Returns how many leaves of the log's tree the archive has. */
  leafCount(): number {
    return this.#leafCount();
  }

  /** Returns a page of leaves. */
  leaves(from: number): readonly Uint8Array<ArrayBuffer>[] {
    return this.#sql
      .exec('SELECT entry FROM leaf WHERE number >= ? ORDER BY number LIMIT ?', from, LEAVES_PAGE)
      .toArray()
      .map(({ entry }) => new Uint8Array(entry as ArrayBuffer));
  }

  /**
   * Stores leaves from a number on. Returns how many there are then, or undefined if it has another
   * leaf with one of these numbers: there are two histories, and nothing may be signed.
   */
  keepLeaves(from: number, entries: readonly Uint8Array<ArrayBuffer>[]): number | undefined {
    const known = this.#leafCount();
    if (known < from) return known;
    return this.ctx.storage.transactionSync(() => {
      for (const [offset, entry] of entries.entries()) {
        const number = from + offset;
        if (number >= known) {
          this.#sql.exec('INSERT INTO leaf (number, entry) VALUES (?, ?)', number, entry);
          continue;
        }
        const [row] = this.#sql.exec('SELECT hex(entry) AS hex FROM leaf WHERE number = ?', number);
        if (row?.hex !== toHex(entry).toUpperCase()) return undefined;
      }
      return Math.max(known, from + entries.length);
    });
  }

  override async alarm(): Promise<void> {
    this.#sql.exec('DELETE FROM kept WHERE expires < ?', readSeconds());
    for (const seq of this.#replacedDenials()) {
      this.#sql.exec('DELETE FROM kept WHERE seq = ?', seq);
    }
    const { left } = this.#sql.exec('SELECT COUNT(*) AS left FROM kept').one();
    if (Number(left) > 0) await this.#purgeLater();
  }

  #position(): Position | undefined {
    const [row] = this.#sql.exec('SELECT epoch, seq, chain FROM position').toArray();
    if (!row) return undefined;
    return { epoch: Number(row.epoch), seq: Number(row.seq), chain: String(row.chain) };
  }

  #leafCount(): number {
    const { last } = this.#sql.exec('SELECT MAX(number) AS last FROM leaf').one();
    return last === null ? 0 : Number(last) + 1;
  }

  /** Returns denials that a later denial or lift of the same scope has replaced. */
  #replacedDenials(): readonly number[] {
    const seen = new Set<string>();
    const newestFirst = this.#sql
      .exec("SELECT seq, record FROM kept WHERE kind IN ('denial', 'lift') ORDER BY seq DESC")
      .toArray();
    return newestFirst.flatMap(({ seq, record }) => {
      const entry = decodeRecords(new Uint8Array(record as ArrayBuffer))?.[0]?.entry;
      if (entry?.kind !== 'denial' && entry?.kind !== 'lift') return [];
      const key = `${entry.scope} ${entry.value}`;
      const isReplaced = seen.has(key) && entry.kind === 'denial';
      seen.add(key);
      return isReplaced ? [Number(seq)] : [];
    });
  }

  #purgeLater(): Promise<void> {
    return this.ctx.storage.setAlarm(readClock() + ARCHIVE_PURGE_SECONDS * 1000);
  }
}
