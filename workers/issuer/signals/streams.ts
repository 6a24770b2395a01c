import { DurableObject } from 'cloudflare:workers';
import { hashable, type StreamRecord } from '../../../src/audit/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { fromHex, toBase64Url } from '../../../src/encoding.ts';
import {
  AUDIT_ANSWER_MILLISECONDS,
  SIGNAL_QUEUE_MAX,
  SIGNAL_STREAMS_MAX,
  SIGNAL_VERIFY_SECONDS_MIN,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import {
  type PollAnswer,
  type PollRequest,
  PUSH,
  type SetClaims,
  type StreamRequest,
  type StreamStatus,
  sessionRevoked,
  streamUpdatedEvent,
  verificationEvent,
  type WorkflowChange,
} from '../../../src/signals/index.ts';
import { within } from '../../../src/within.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { readConfig } from '../platform/config.ts';
import { auditLog, type IssuerEnv } from '../platform/env.ts';
import { migrate } from '../platform/sqlite.ts';
import { PushRunner } from './push-runner.ts';
import { SignalQueue } from './queue.ts';
import { signSet } from './sign.ts';
import { recordOf } from './stream-record.ts';
import type { SignalStreamsBinding, StreamView } from './streams-binding.ts';
import { streamsSchema } from './streams-schema.ts';

const SIGNAL_EVENT_SECONDS = 24 * 3_600; // Then no token is left that it could tell of.

/** The streams of security events, what waits in each, and how it gets out. */
export class SignalStreams extends DurableObject<IssuerEnv> implements SignalStreamsBinding {
  readonly #sql: SqlStorage;
  readonly #queue: SignalQueue;
  readonly #pushes: PushRunner;
  readonly #owed: OwedRecords;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, streamsSchema);
    this.#sql = ctx.storage.sql;
    this.#queue = new SignalQueue(ctx.storage);
    this.#owed = new OwedRecords(this.#sql, () => this.env);
    this.#pushes = new PushRunner({
      sql: this.#sql,
      queue: this.#queue,
      env,
      forgetOld: (stream) => this.#dropOld(stream),
      refused: (stream, count) => this.#drop(stream, count, 'refused'),
      wake: () => this.#wake(),
    });
  }

  /** Adds a stream; the audit record is written first. */
  async create(
    order: StreamRequest,
    actor: string,
  ): Promise<Result<string, { code: 'streams_count' }>> {
    const isFull = () =>
      Number(this.#sql.exec('SELECT COUNT(*) AS n FROM stream').one().n) >= SIGNAL_STREAMS_MAX;
    if (isFull()) return refuse({ code: 'streams_count' });
    const id = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
    const { audience, delivery, receiverSha256 } = order;
    const { url, authorization } = 'url' in delivery ? delivery : {};
    const facts = { audience, ...(url && { endpoint: url }) };
    await this.#recordFirst(recordOf(id, 'created', actor, facts));
    if (isFull()) return refuse({ code: 'streams_count' });
    this.#sql.exec(
      `INSERT INTO stream (id, audience, method, url, authorization, receiver, status)
       VALUES (?, ?, ?, ?, ?, ?, 'enabled')`,
      ...[id, audience, delivery.method, url ?? null, authorization ?? null, receiverSha256],
    );
    return ok(id);
  }

  list(): StreamView[] {
    return this.#sql.exec('SELECT * FROM stream ORDER BY rowid').toArray().map(this.#view);
  }

  /** False where there is no such stream. To pause or disable waits for no record. */
  async setStatus(
    id: string,
    { status, reason }: { readonly status: StreamStatus; readonly reason: string },
    actor: string,
  ): Promise<boolean> {
    const before = this.#row(id);
    if (!before) return false;
    const record = recordOf(id, status, actor);
    if (status === 'enabled') await this.#recordFirst(record);
    this.ctx.storage.transactionSync(() => {
      if (status !== 'enabled') this.#owed.add(record);
      this.#sql.exec('UPDATE stream SET status = ?, reason = ? WHERE id = ?', status, reason, id);
      // What a disabled stream holds is not kept for later (SSF 1.0 section 8.1.2).
      if (status === 'disabled') this.#drop(id, this.#queue.clear(id), 'disabled');
      if (before.status !== status) this.#tellStatus(this.#view(before), { status, reason });
    });
    await this.#wake();
    await this.#owed.isWritten(record.id);
    return true;
  }

  /** Removes a stream with all that waits in it. */
  async remove(id: string, actor: string): Promise<boolean> {
    if (!this.#row(id)) return false;
    const record = recordOf(id, 'removed', actor);
    this.ctx.storage.transactionSync(() => {
      this.#owed.add(record);
      this.#queue.clear(id);
      this.#sql.exec('DELETE FROM stream WHERE id = ?', id);
    });
    await this.#wake();
    await this.#owed.isWritten(record.id);
    return true;
  }

  /** Takes a change, and makes an event of it for each stream that is not disabled; once. */
  async learn(change: WorkflowChange): Promise<void> {
    const now = readSeconds();
    const events: [string, SetClaims][] = [];
    for (const stream of this.list().filter(({ status }) => status !== 'disabled')) {
      const event = await sessionRevoked(change, this.#receiver(stream), now);
      if (event) events.push([stream.id, event]);
    }
    if (events.length === 0) return;
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM heard WHERE at < ?', now - SIGNAL_EVENT_SECONDS);
      const heard = this.#sql.exec(
        'INSERT INTO heard (change, at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1',
        ...[change.id, now],
      );
      if (heard.toArray().length === 0) return;
      for (const [stream, event] of events) this.#enqueue(stream, event, now);
    });
    await this.#wake();
  }

  /** The streams of who brings this credential; every one is compared, so that no time tells. */
  openAll(digest: ArrayBuffer): StreamView[] {
    return this.list().filter(({ id }) => this.open(id, digest) !== undefined);
  }

  /** Who brings this credential may read of this stream; undefined tells nothing of why not. */
  open(id: string, digest: ArrayBuffer): StreamView | undefined {
    const row = this.#row(id);
    // An unknown stream is compared, too: how long it takes says nothing of whether it is there.
    const known = fromHex(String(row?.receiver ?? NOBODY)) ?? new Uint8Array(32);
    const isReceiver = crypto.subtle.timingSafeEqual(digest, known);
    return row && isReceiver ? this.#view(row) : undefined;
  }

  /** RFC 8936. What is not acknowledged is in the next answer again. */
  async poll(
    id: string,
    digest: ArrayBuffer,
    request: PollRequest,
  ): Promise<PollAnswer | undefined> {
    const stream = this.open(id, digest);
    if (!stream || stream.method === PUSH) return undefined;
    this.ctx.storage.transactionSync(() => {
      this.#queue.forget(id, request.accepted);
      this.#drop(id, this.#queue.forget(id, request.refused), 'refused');
      this.#dropOld(id);
    });
    const { events, more } = this.#queue.first(id, request.eventsMax);
    const sets: Record<string, string> = {};
    for (const { claims } of events) sets[claims.jti] = await signSet(this.env, claims);
    return { sets, ...(more && { moreAvailable: true }) };
  }

  /** Puts a verification event into a stream: for its receiver not too often. */
  async verify(
    id: string,
    asked: { readonly state?: string; readonly by: 'receiver' | 'operator' },
  ): Promise<Result<null, { code: 'stream_unknown' | 'stream_disabled' | 'too_early' }>> {
    const row = this.#row(id);
    if (!row) return refuse({ code: 'stream_unknown' });
    if (row.status === 'disabled') return refuse({ code: 'stream_disabled' });
    const now = readSeconds();
    if (asked.by === 'receiver' && now - Number(row.verified) < SIGNAL_VERIFY_SECONDS_MIN) {
      return refuse({ code: 'too_early' });
    }
    const { state } = asked;
    const said = { jti: crypto.randomUUID(), ...(state !== undefined && { state }) };
    const event = verificationEvent(this.#receiver(this.#view(row)), said, now);
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('UPDATE stream SET verified = ? WHERE id = ?', now, id);
      this.#enqueue(id, event, now);
    });
    await this.#wake();
    return ok(null);
  }

  override async alarm(): Promise<void> {
    try {
      await this.#owed.deliver();
      if (readConfig(this.env).signals) await this.#pushes.run(readClock());
    } finally {
      await this.#wake();
    }
  }

  /** To the receiver: the stream itself has changed, and by no word of its own. */
  #tellStatus(
    stream: StreamView,
    updated: { readonly status: StreamStatus; readonly reason: string },
  ): void {
    const jti = crypto.randomUUID();
    const event = streamUpdatedEvent(this.#receiver(stream), { jti, ...updated }, readSeconds());
    this.#queue.add(stream.id, event, readSeconds(), true);
  }

  #enqueue(stream: string, event: SetClaims, now: number): void {
    this.#queue.add(stream, event, now);
    this.#drop(stream, this.#queue.trim(stream, SIGNAL_QUEUE_MAX), 'queue_full');
  }

  #dropOld(stream: string): void {
    const old = this.#queue.forgetOlder(stream, readSeconds() - SIGNAL_EVENT_SECONDS);
    this.#drop(stream, old, 'too_old');
  }

  /** What is lost is said: in the log now, and in the stream's own count while it lives. */
  #drop(stream: string, count: number, why: string): void {
    if (count === 0) return;
    console.error({ event: 'signals.dropped', stream, count, why });
    this.#sql.exec('UPDATE stream SET dropped = dropped + ? WHERE id = ?', count, stream);
  }

  /** Sets the alarm to when the next event may be pushed, or is too old to wait on. */
  async #wake(): Promise<void> {
    const isPushing = readConfig(this.env).signals !== undefined;
    const due = [isPushing ? this.#queue.dueAt(PUSH) : undefined, this.#owed.dueAt()];
    const [next] = due.flatMap((one) => one ?? []).sort((a, b) => a - b);
    if (next === undefined) return;
    const at = Math.max(next, readClock());
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  #row(id: string): Record<string, SqlStorageValue> | undefined {
    return this.#sql.exec('SELECT * FROM stream WHERE id = ?', id).toArray()[0];
  }

  readonly #view = (row: Record<string, SqlStorageValue>): StreamView => ({
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
  });

  #receiver({ id, audience }: StreamView) {
    return { stream: id, issuer: readConfig(this.env).issuer, audience };
  }

  /** Of what lets somebody hear of workflows; what ends that is owed, and done at once. */
  async #recordFirst(record: StreamRecord): Promise<void> {
    await within(auditLog(this.env).append([hashable(record)]), AUDIT_ANSWER_MILLISECONDS);
  }
}

/** The digest of no credential. */
const NOBODY = '0'.repeat(64);
