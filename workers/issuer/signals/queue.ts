import type { UnixMilliseconds, UnixSeconds } from '../../../src/clock.ts';
import type { SetClaims } from '../../../src/signals/index.ts';
import { CLAIMS } from './columns.ts';

/** A queued event of a stream. */
export interface QueuedEvent {
  readonly seq: number;
  readonly claims: SetClaims;
  readonly refusals: number;
}

/** A paused or disabled stream may send only the events that say so. */
const MAY_BE_SENT = "(status = 'enabled' OR always = 1)";

/** The queued events, in the order of arrival. Delivered events are deleted. */
export class SignalQueue {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** Adds an event. With `always`, it is sent whatever the status of the stream is. */
  add(stream: string, claims: SetClaims, now: UnixSeconds, always = false): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO event (stream, jti, claims, at, always) VALUES (?, ?, ?, ?, ?)',
      ...[stream, claims.jti, CLAIMS.write(claims), now, Number(always)],
    );
  }

  /** Returns the first `max` events that a stream may send, and whether there are more. */
  first(stream: string, max: number): { events: QueuedEvent[]; more: boolean } {
    const rows = this.#sql
      .exec(
        `SELECT seq, claims, refusals FROM event JOIN stream ON stream.id = stream
         WHERE stream = ? AND ${MAY_BE_SENT} ORDER BY seq LIMIT ?`,
        ...[stream, max + 1],
      )
      .toArray();
    return { events: rows.slice(0, max).map(toEvent), more: rows.length > max };
  }

  /** Returns the first event of a stream that may be pushed at `now`. */
  next(stream: string, now: UnixMilliseconds): QueuedEvent | undefined {
    const [row] = this.#sql
      .exec(
        `SELECT seq, claims, refusals FROM event JOIN stream ON stream.id = stream
         WHERE stream = ? AND ${MAY_BE_SENT} AND event.due <= ? ORDER BY seq LIMIT 1`,
        ...[stream, now],
      )
      .toArray();
    return row && toEvent(row);
  }

  /** Removes events by their ids, and returns their number. Ids of other streams have no effect. */
  remove(stream: string, ids: readonly string[]): number {
    let count = 0;
    for (const id of ids) {
      const sql = 'DELETE FROM event WHERE stream = ? AND jti = ? RETURNING 1';
      count += this.#deleted(sql, stream, id);
    }
    return count;
  }

  postpone({ seq, refusals }: QueuedEvent, until: UnixMilliseconds): void {
    this.#sql.exec(
      'UPDATE event SET refusals = ?, due = ? WHERE seq = ?',
      ...[refusals + 1, until, seq],
    );
  }

  clear(stream: string): number {
    return this.#deleted('DELETE FROM event WHERE stream = ? RETURNING 1', stream);
  }

  removeOlder(stream: string, before: UnixSeconds): number {
    return this.#deleted(
      'DELETE FROM event WHERE stream = ? AND at < ? RETURNING 1',
      stream,
      before,
    );
  }

  /** Keeps the newest `max` events: they are about the workflows that ended last. */
  trim(stream: string, max: number): number {
    return this.#deleted(
      `DELETE FROM event WHERE stream = ?1 AND seq NOT IN
         (SELECT seq FROM event WHERE stream = ?1 ORDER BY seq DESC LIMIT ?2) RETURNING 1`,
      ...[stream, max],
    );
  }

  count(stream: string): number {
    const { n } = this.#sql.exec('SELECT COUNT(*) AS n FROM event WHERE stream = ?', stream).one();
    return Number(n);
  }

  /** Returns when a stream of this method next has an event to send, or undefined if none has. */
  dueAt(method: string): UnixMilliseconds | undefined {
    const { due } = this.#sql
      .exec(
        `SELECT MIN(MAX(event.due, stream.due)) AS due FROM event JOIN stream ON stream.id = stream
         WHERE method = ? AND ${MAY_BE_SENT}`,
        method,
      )
      .one();
    return due === null ? undefined : Number(due);
  }

  #deleted(sql: string, ...bindings: SqlStorageValue[]): number {
    return this.#sql.exec(sql, ...bindings).toArray().length;
  }
}

const toEvent = (row: Record<string, SqlStorageValue>): QueuedEvent => ({
  seq: Number(row.seq),
  claims: CLAIMS.read(row.claims),
  refusals: Number(row.refusals),
});
