import type { SetClaims } from '../../../src/signals/index.ts';
import { CLAIMS } from './columns.ts';

/** An event that waits in a stream. */
export interface QueuedEvent {
  readonly seq: number;
  readonly claims: SetClaims;
  readonly refusals: number;
}

/** Of a stream that is paused or disabled, what says so. */
const MAY_BE_SENT = "(status = 'enabled' OR always = 1)";

/** The events that wait, in the order in which they came; what was delivered is not kept. */
export class SignalQueue {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** `always`: for an event that is sent whatever the stream's status is. */
  add(stream: string, claims: SetClaims, now: number, always = false): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO event (stream, jti, claims, at, always) VALUES (?, ?, ?, ?, ?)',
      ...[stream, claims.jti, CLAIMS.write(claims), now, Number(always)],
    );
  }

  /** The first `max` events that a stream may send by its status, and whether there are more. */
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

  /** The first event of a stream that may be pushed at `now` (unix milliseconds). */
  next(stream: string, now: number): QueuedEvent | undefined {
    const [row] = this.#sql
      .exec(
        `SELECT seq, claims, refusals FROM event JOIN stream ON stream.id = stream
         WHERE stream = ? AND ${MAY_BE_SENT} AND event.due <= ? ORDER BY seq LIMIT 1`,
        ...[stream, now],
      )
      .toArray();
    return row && toEvent(row);
  }

  /** Forgets events of this stream by their ids; ids of another stream's events are no ids here. */
  forget(stream: string, ids: readonly string[]): number {
    let count = 0;
    for (const id of ids) {
      const sql = 'DELETE FROM event WHERE stream = ? AND jti = ? RETURNING 1';
      count += this.#deleted(sql, stream, id);
    }
    return count;
  }

  postpone({ seq, refusals }: QueuedEvent, until: number): void {
    this.#sql.exec(
      'UPDATE event SET refusals = ?, due = ? WHERE seq = ?',
      ...[refusals + 1, until, seq],
    );
  }

  clear(stream: string): number {
    return this.#deleted('DELETE FROM event WHERE stream = ? RETURNING 1', stream);
  }

  forgetOlder(stream: string, before: number): number {
    return this.#deleted(
      'DELETE FROM event WHERE stream = ? AND at < ? RETURNING 1',
      stream,
      before,
    );
  }

  /** The oldest go first: what ended last is what a receiver can least do without. */
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

  /** Unix milliseconds at which a stream of this method has something to push; undefined: none. */
  dueAt(method: string): number | undefined {
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
