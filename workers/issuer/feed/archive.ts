import { DurableObject } from 'cloudflare:workers';
import { readClock, readSeconds } from '../../../src/clock.ts';
import type { Position } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import { migrate } from '../platform/sqlite.ts';
import type { FeedArchiveBinding } from './archive-binding.ts';
import { archiveSchema } from './archive-schema.ts';
import type { ArchivedEntry } from './archived-entry.ts';

const ARCHIVE_PURGE_SECONDS = 3_600; // Dead rows only take room.

/**
 * A second copy of one log, in an object of its own: a point-in-time restore takes back the one
 * object that it is asked for, and a log that was taken back finds here what it has lost.
 */
export class FeedArchive extends DurableObject implements FeedArchiveBinding {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, archiveSchema);
    this.#sql = ctx.storage.sql;
  }

  /** Undefined where nothing was ever kept. */
  position(): Position | undefined {
    return this.#held();
  }

  #held(): Position | undefined {
    const [row] = this.#sql.exec('SELECT epoch, seq, chain FROM position').toArray();
    if (!row) return undefined;
    return { epoch: Number(row.epoch), seq: Number(row.seq), chain: String(row.chain) };
  }

  /**
   * Keeps `entries`, which follow `after` and end at `end`; the same again changes nothing. Answers
   * up to where the archive has the log: where it has lost what is before them, it keeps nothing,
   * or its end would hide the gap.
   */
  async keep(after: number, end: Position, entries: readonly ArchivedEntry[]): Promise<number> {
    const reaches = this.#held()?.seq ?? 0;
    if (reaches < after) return reaches;
    // A new epoch may be told in pages from the start on: those before the end move nothing yet.
    this.ctx.storage.transactionSync(() => {
      for (const { seq, ordered, kind, expires, record, chain } of entries) {
        this.#sql.exec(
          `INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (seq) DO NOTHING`,
          ...[seq, ordered, kind, expires, record, chain],
        );
      }
      this.#sql.exec(
        `INSERT INTO position (one, epoch, seq, chain) VALUES (1, ?, ?, ?)
         ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq,
           chain = excluded.chain
         WHERE excluded.seq >= seq
           AND (excluded.epoch > epoch OR (excluded.epoch = epoch AND excluded.seq > seq))`,
        ...[end.epoch, end.seq, end.chain],
      );
    });
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(readClock() + ARCHIVE_PURGE_SECONDS * 1000);
    }
    return end.seq;
  }

  /** What lives of the entries after `seq`, in order; at most a page. */
  since(seq: number, nowSeconds: number): ArchivedEntry[] {
    return this.#sql
      .exec(
        'SELECT * FROM kept WHERE seq > ? AND expires >= ? ORDER BY seq LIMIT ?',
        ...[seq, nowSeconds, FEED_DELTA_ENTRIES_MAX],
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

  /** Denials that a later denial or lift of the same scope has taken the place of. */
  #lifted(): readonly number[] {
    const newest = new Map<string, number>();
    const rows = this.#sql
      .exec("SELECT seq, record FROM kept WHERE kind IN ('denial', 'lift') ORDER BY seq DESC")
      .toArray();
    return rows.flatMap(({ seq, record }) => {
      const entry = decodeRecords(new Uint8Array(record as ArrayBuffer))?.[0]?.entry;
      if (entry?.kind !== 'denial' && entry?.kind !== 'lift') return [];
      const key = `${entry.scope} ${entry.value}`;
      const isOver = newest.has(key) && entry.kind === 'denial';
      newest.set(key, Number(seq));
      return isOver ? [Number(seq)] : [];
    });
  }

  override async alarm(): Promise<void> {
    this.#sql.exec('DELETE FROM kept WHERE expires < ?', readSeconds());
    for (const seq of this.#lifted()) this.#sql.exec('DELETE FROM kept WHERE seq = ?', seq);
    const { left } = this.#sql.exec('SELECT COUNT(*) AS left FROM kept').one();
    if (Number(left) > 0) {
      await this.ctx.storage.setAlarm(readClock() + ARCHIVE_PURGE_SECONDS * 1000);
    }
  }
}
