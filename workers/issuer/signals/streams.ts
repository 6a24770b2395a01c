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
import { appendRecords } from '../log/append.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate } from '../platform/sqlite.ts';
import { PushRunner } from './push-runner.ts';
import { SignalQueue } from './queue.ts';
import { signSet } from './sign.ts';
import { recordOf, StreamRows } from './stream-rows.ts';
import type { SignalStreamsBinding, StreamOrderer, StreamView } from './streams-binding.ts';
import { streamsSchema } from './streams-schema.ts';

const SIGNAL_EVENT_SECONDS = 24 * 3_600; // By then every token that an event is about has ended.

/** The streams of security events: who receives them, what is queued, and its delivery. */
export class SignalStreams extends DurableObject<IssuerEnv> implements SignalStreamsBinding {
  readonly #sql: SqlStorage;
  readonly #queue: SignalQueue;
  readonly #rows: StreamRows;
  readonly #pushes: PushRunner;
  readonly #owed: OwedRecords;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, streamsSchema);
    this.#sql = ctx.storage.sql;
    this.#queue = new SignalQueue(ctx.storage);
    this.#rows = new StreamRows(this.#sql, this.#queue);
    this.#owed = OwedRecords.inTable(this.#sql, () => this.env);
    this.#pushes = new PushRunner({
      sql: this.#sql,
      queue: this.#queue,
      env,
      dropOld: (stream) => this.#dropOld(stream),
      countRejected: (stream, count) => this.#countDropped(stream, count, 'refused'),
      schedule: () => this.#schedule(),
    });
  }

  /** Adds a stream. It grants access to events, so the audit record is written first. */
  async create(
    request: StreamRequest,
    by: StreamOrderer,
  ): Promise<Result<string, { code: 'streams_count' }>> {
    if (this.#rows.count >= SIGNAL_STREAMS_MAX) return refuse({ code: 'streams_count' });
    const id = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
    const { audience, delivery } = request;
    const facts = { audience, ...('url' in delivery && { endpoint: delivery.url }) };
    await this.#recordFirst(recordOf(id, 'created', by, facts));
    // Another stream may have been added while the record was written.
    if (this.#rows.count >= SIGNAL_STREAMS_MAX) return refuse({ code: 'streams_count' });
    this.#rows.insert(id, request);
    return ok(id);
  }

  list(): StreamView[] {
    return this.#rows.list();
  }

  /**
   * Sets the status of a stream. Returns false if it does not exist. Enabling is recorded first;
   * pausing and disabling take effect first.
   */
  async setStatus(
    id: string,
    { status, reason }: { readonly status: StreamStatus; readonly reason: string },
    by: StreamOrderer,
  ): Promise<boolean> {
    const before = this.#rows.find(id);
    if (!before) return false;
    const record = recordOf(id, status, by);
    if (status === 'enabled') await this.#recordFirst(record);
    this.ctx.storage.transactionSync(() => {
      if (status !== 'enabled') this.#owed.add(record);
      this.#rows.setStatus(id, status, reason);
      // A disabled stream keeps no events (SSF 1.0 section 8.1.2).
      if (status === 'disabled') this.#countDropped(id, this.#queue.clear(id), 'disabled');
      if (before.status !== status)
        this.#addStatusEvent(this.#rows.view(before), { status, reason });
    });
    await this.#schedule();
    await this.#owed.isWritten(record.id);
    return true;
  }

  /** Removes a stream and its queue. Returns false if it does not exist. */
  async remove(id: string, by: StreamOrderer): Promise<boolean> {
    if (!this.#rows.find(id)) return false;
    const record = recordOf(id, 'removed', by);
    this.ctx.storage.transactionSync(() => {
      this.#owed.add(record);
      this.#queue.clear(id);
      this.#rows.remove(id);
    });
    await this.#schedule();
    await this.#owed.isWritten(record.id);
    return true;
  }

  /** Queues an event of a change in each stream that is not disabled. Idempotent. */
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
      const isNew = this.#sql.exec(
        'INSERT INTO heard (change, at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1',
        ...[change.id, now],
      );
      if (isNew.toArray().length === 0) return;
      for (const [stream, event] of events) this.#enqueue(stream, event, now);
    });
    await this.#schedule();
  }

  /** Returns the streams of a credential. All are compared, so the timing reveals nothing. */
  openAll(digest: ArrayBuffer): StreamView[] {
    return this.list().filter(({ id }) => this.open(id, digest) !== undefined);
  }

  /**
   * Returns the stream if the credential is its own. Undefined does not reveal whether it exists.
   */
  open(id: string, digest: ArrayBuffer): StreamView | undefined {
    const row = this.#rows.find(id);
    // An unknown stream is compared as well, so the timing does not reveal that it is unknown.
    const known = fromHex(String(row?.receiver ?? NO_CREDENTIAL)) ?? new Uint8Array(32);
    const isReceiver = crypto.subtle.timingSafeEqual(digest, known);
    return row && isReceiver ? this.#rows.view(row) : undefined;
  }

  /** Answers a poll (RFC 8936). Events that are not acknowledged are in the next answer again. */
  async poll(
    id: string,
    digest: ArrayBuffer,
    request: PollRequest,
  ): Promise<PollAnswer | undefined> {
    const stream = this.open(id, digest);
    if (!stream || stream.method === PUSH) return undefined;
    this.ctx.storage.transactionSync(() => {
      this.#queue.remove(id, request.accepted);
      this.#countDropped(id, this.#queue.remove(id, request.refused), 'refused');
      this.#dropOld(id);
    });
    const { events, more } = this.#queue.first(id, request.eventsMax);
    const sets: Record<string, string> = {};
    for (const { claims } of events) sets[claims.jti] = await signSet(this.env, claims);
    return { sets, ...(more && { moreAvailable: true }) };
  }

  /** Queues a verification event. A receiver is limited in how often it may ask. */
  async verify(
    id: string,
    request: { readonly state?: string; readonly by: 'receiver' | 'operator' },
  ): Promise<Result<null, { code: 'stream_unknown' | 'stream_disabled' | 'too_early' }>> {
    const row = this.#rows.find(id);
    if (!row) return refuse({ code: 'stream_unknown' });
    if (row.status === 'disabled') return refuse({ code: 'stream_disabled' });
    const now = readSeconds();
    if (request.by === 'receiver' && now - Number(row.verified) < SIGNAL_VERIFY_SECONDS_MIN) {
      return refuse({ code: 'too_early' });
    }
    const { state } = request;
    const content = { jti: crypto.randomUUID(), ...(state !== undefined && { state }) };
    const event = verificationEvent(this.#receiver(this.#rows.view(row)), content, now);
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('UPDATE stream SET verified = ? WHERE id = ?', now, id);
      this.#enqueue(id, event, now);
    });
    await this.#schedule();
    return ok(null);
  }

  override async alarm(): Promise<void> {
    try {
      await this.#owed.deliver();
      if (readConfig(this.env).signals) await this.#pushes.run(readClock());
    } finally {
      await this.#schedule();
    }
  }

  /** Tells the receiver that the operator has changed the status of its stream. */
  #addStatusEvent(
    stream: StreamView,
    update: { readonly status: StreamStatus; readonly reason: string },
  ): void {
    const jti = crypto.randomUUID();
    const event = streamUpdatedEvent(this.#receiver(stream), { jti, ...update }, readSeconds());
    this.#queue.add(stream.id, event, readSeconds(), true);
  }

  #enqueue(stream: string, event: SetClaims, now: number): void {
    this.#queue.add(stream, event, now);
    this.#countDropped(stream, this.#queue.trim(stream, SIGNAL_QUEUE_MAX), 'queue_full');
  }

  #dropOld(stream: string): void {
    const old = this.#queue.removeOlder(stream, readSeconds() - SIGNAL_EVENT_SECONDS);
    this.#countDropped(stream, old, 'too_old');
  }

  /** Reports lost events, in the log and in the count of the stream. */
  #countDropped(stream: string, count: number, why: string): void {
    if (count === 0) return;
    console.error({ event: 'signals.dropped', stream, count, why });
    this.#rows.addDropped(stream, count);
  }

  /** Sets the alarm for the next push, or for the next owed audit record. */
  async #schedule(): Promise<void> {
    const isPushing = readConfig(this.env).signals !== undefined;
    const due = [isPushing ? this.#queue.dueAt(PUSH) : undefined, this.#owed.dueAt()];
    const [next] = due.flatMap((one) => one ?? []).sort((a, b) => a - b);
    if (next === undefined) return;
    const time = Math.max(next, readClock());
    const scheduled = await this.ctx.storage.getAlarm();
    if (scheduled === null || scheduled > time) await this.ctx.storage.setAlarm(time);
  }

  #receiver({ id, audience }: StreamView) {
    return { stream: id, issuer: readConfig(this.env).issuer, audience };
  }

  /** Writes the record of a change that grants access to events, before the change. */
  async #recordFirst(record: StreamRecord): Promise<void> {
    await within(appendRecords(this.env, [hashable(record)]), AUDIT_ANSWER_MILLISECONDS);
  }
}

/** The digest of no credential. */
const NO_CREDENTIAL = '0'.repeat(64);
