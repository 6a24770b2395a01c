import type { StreamRecord } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import type { StreamRequest, StreamStatus } from '../../../src/signals/index.ts';
import type { SignalQueue } from './queue.ts';
import type { StreamOrderer, StreamView } from './streams-binding.ts';

type Row = Record<string, SqlStorageValue>;

/** The `stream` table. */
export class StreamRows {
  readonly #sql: SqlStorage;
  readonly #queue: SignalQueue;

  constructor(sql: SqlStorage, queue: SignalQueue) {
    this.#sql = sql;
    this.#queue = queue;
  }

  get count(): number {
    return Number(this.#sql.exec('SELECT COUNT(*) AS n FROM stream').one().n);
  }

  find(id: string): Row | undefined {
    return this.#sql.exec('SELECT * FROM stream WHERE id = ?', id).toArray()[0];
  }

  list(): StreamView[] {
    return this.#sql
      .exec('SELECT * FROM stream ORDER BY rowid')
      .toArray()
      .map((row) => this.view(row));
  }

  insert(id: string, { audience, delivery, receiverSha256 }: StreamRequest): void {
    const { url, authorization } = 'url' in delivery ? delivery : {};
    this.#sql.exec(
      `INSERT INTO stream (id, audience, method, url, authorization, receiver, status)
       VALUES (?, ?, ?, ?, ?, ?, 'enabled')`,
      ...[id, audience, delivery.method, url ?? null, authorization ?? null, receiverSha256],
    );
  }

  setStatus(id: string, status: StreamStatus, reason: string): void {
    this.#sql.exec('UPDATE stream SET status = ?, reason = ? WHERE id = ?', status, reason, id);
  }

  addDropped(id: string, count: number): void {
    this.#sql.exec('UPDATE stream SET dropped = dropped + ? WHERE id = ?', count, id);
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM stream WHERE id = ?', id);
  }

  view(row: Row): StreamView {
    return {
      id: String(row.id),
      audience: String(row.audience),
      method: row.method as StreamView['method'],
      ...(row.url !== null && { url: String(row.url) }),
      status: row.status as StreamStatus,
      ...(row.reason !== null && { reason: String(row.reason) }),
      queued: this.#queue.count(String(row.id)),
      dropped: Number(row.dropped),
      failures: Number(row.failures),
      ...(row.fault !== null && { fault: String(row.fault) }),
    };
  }
}

/** Returns the audit record of an operator's change to a stream. */
export const recordOf = (
  stream: string,
  change: StreamRecord['change'],
  { actor, via }: StreamOrderer,
  facts: Pick<StreamRecord, 'audience' | 'endpoint'> = {},
): StreamRecord => ({
  event: 'stream',
  id: `stream.${stream}.${crypto.randomUUID()}`,
  at: readClock(),
  stream,
  change,
  actor,
  ...(via && { via }),
  ...facts,
});
