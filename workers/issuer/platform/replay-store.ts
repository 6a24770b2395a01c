import { DurableObject } from 'cloudflare:workers';
import { readClock, readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import { replaySchema } from './replay-schema.ts';
import { migrate } from './sqlite.ts';

// The store holds at most as many values as requests arrive within the life of one assertion.
const REPLAY_PURGE_SECONDS = 60;
const REPLAYS_PURGED_PER_RUN_MAX = 10_000; // Keeps one run of the alarm short.

/**
 * Remembers what may be used once, the `jti` of assertions and proofs, until it would be refused
 * for its age anyway. There is one object for the tenant: if each isolate had its own memory, a
 * replay would succeed at every other isolate.
 */
export class ReplayStore extends DurableObject {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, replaySchema);
    this.#sql = ctx.storage.sql;
  }

  /**
   * Marks `id` as used until `expires`, and returns whether it was unused. The answer is sent once
   * the row is durable. One statement checks and marks, so only one of two concurrent uses
   * succeeds. Call it only after a signature was verified, so that a stranger cannot fill the
   * store.
   */
  async use(kind: string, id: string, expires: UnixSeconds): Promise<boolean> {
    const marked = this.#sql.exec(
      'INSERT INTO used (kind, id, expires) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
      ...[kind, id, Math.ceil(expires)],
    );
    const unseen = marked.toArray().length > 0;
    if (unseen && (await this.ctx.storage.getAlarm()) === null) await this.#purgeLater();
    return unseen;
  }

  override async alarm(): Promise<void> {
    const now = readSeconds();
    this.#sql.exec(
      'DELETE FROM used WHERE (kind, id) IN (SELECT kind, id FROM used WHERE expires < ? LIMIT ?)',
      ...[now, REPLAYS_PURGED_PER_RUN_MAX],
    );
    const left = this.#sql.exec('SELECT 1 FROM used LIMIT 1').toArray();
    if (left.length > 0) await this.#purgeLater();
  }

  #purgeLater(): Promise<void> {
    return this.ctx.storage.setAlarm(readClock() + REPLAY_PURGE_SECONDS * 1000);
  }
}
