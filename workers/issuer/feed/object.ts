import { DurableObject } from 'cloudflare:workers';
import type { AuditRecord } from '../../../src/audit/index.ts';
import {
  encodeMessage,
  type FeedQuestion,
  type HeadWatermark,
  type Position,
  type SignedHead,
} from '../../../src/feed/index.ts';
import {
  ARCHIVE_RETRY_MILLISECONDS,
  FEED_DELTA_ENTRIES_MAX,
  SNAPSHOT_SECONDS,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { OwedRecords } from '../audit/owed.ts';
import { feedArchive, type IssuerEnv, readConfig, shardOf } from '../platform/config.ts';
import { migrate } from '../platform/sqlite.ts';
import { ArchiveCopy } from './archive-copy.ts';
import { type Confirmation, Confirmations, type Reach } from './confirmations.ts';
import { type Appended, LogEntries, type LogState } from './entries.ts';
import type { LogOrder, StopOrder, WatermarkOrder } from './order.ts';
import { isStoppedIn } from './question.ts';
import { logSchema } from './schema.ts';
import { signHeadOf } from './sign-head.ts';
import { isSnapshotDue, isSnapshotNear, LogSnapshots, type Made } from './snapshots.ts';
import { readPlace, readSubscriber, Subscribers } from './subscribers.ts';

export interface Recorded extends Appended {
  /** Whether the archive has it, so that it outlives a restore of this object as well. */
  readonly archived: boolean;
}

/** Of an order that the log itself owes a record of. */
export interface Stopped extends Recorded {
  /** Whether the audit log has its record yet; it holds either way. */
  readonly recorded: boolean;
}

/**
 * The log behind the trust feed: append-only, gap-free, hash-chained, and the signer of its head.
 * One object for a shard; what is written goes to its archive before the answer.
 */
export class RevocationLog extends DurableObject<IssuerEnv> {
  readonly #shard: number;
  readonly #entries: LogEntries;
  readonly #snapshots: LogSnapshots;
  readonly #archive: ArchiveCopy;
  readonly #subscribers: Subscribers;
  readonly #confirmations = new Confirmations();
  readonly #owed: OwedRecords;
  #signed: { head: SignedHead; seq: number; issuedAt: number } | undefined;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, logSchema);
    this.#shard = shardOf(ctx.id.name);
    const { issuer } = readConfig(env);
    this.#entries = new LogEntries(ctx.storage, { issuer, shard: this.#shard });
    this.#archive = new ArchiveCopy(() => feedArchive(env, this.#shard), this.#entries);
    this.#snapshots = new LogSnapshots(ctx.storage);
    this.#subscribers = new Subscribers(ctx);
    this.#owed = new OwedRecords(ctx.storage.sql, () => this.env);
  }

  /** Appends one entry, or answers with the one that is there. Never refused, also for its size. */
  async append(order: StopOrder): Promise<Recorded> {
    const [recorded] = await this.appendAll([order]);
    if (!recorded) throw new Error('an order was appended without a place');
    return recorded;
  }

  /** All of them or none, in one step; at most a delta's worth. */
  async appendAll(orders: readonly StopOrder[]): Promise<readonly Recorded[]> {
    if (orders.length > FEED_DELTA_ENTRIES_MAX) throw new RangeError('too many orders at once');
    await this.#compared();
    return this.#append(orders);
  }

  /**
   * Every head carries all watermarks, so there is a last one; `all` stops whatever they would. The
   * entry is the intent of its record, which is stored with it and goes to the audit log after it.
   */
  async appendWatermark(
    order: WatermarkOrder,
    record: AuditRecord,
  ): Promise<Result<Stopped, { code: 'watermarks_full' }>> {
    await this.#compared();
    if (!this.#entries.hasRoomFor(order, seconds())) return refuse({ code: 'watermarks_full' });
    const [place] = await this.#append([order], [record]);
    if (!place) throw new Error('an order was appended without a place');
    return ok({ ...place, recorded: await this.#owed.isWritten(record.id) });
  }

  /**
   * The newest head, signed at most once a second. Its time is written before it is signed: the
   * answer waits for the write to be durable, so an instance that has been replaced cannot vouch
   * for itself.
   */
  async head(): Promise<SignedHead> {
    await this.#compared();
    const now = seconds();
    const held = this.#signed;
    if (held && held.seq === this.#entries.state.seq && held.issuedAt >= now) return held.head;
    const state = this.#entries.stamp(now);
    const { epoch, seq, issuedAt } = state;
    const signed = await signHeadOf(readConfig(this.env), {
      shard: this.#shard,
      state,
      watermarks: this.#entries.watermarks(now),
      snapshot: this.#snapshots.newest(epoch),
    });
    this.#signed = { head: signed, seq, issuedAt };
    return signed;
  }

  /** The records of `(from, to]`; undefined for what is not, or no more, here. Never changes. */
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#entries.delta(epoch, from, to);
  }

  /** The bytes of a snapshot that some head has named; undefined for one that has gone. */
  snapshot(epoch: number, seq: number, hash: string): Uint8Array<ArrayBuffer> | undefined {
    const isIt = (one: Made) => one.epoch === epoch && one.seq === seq && one.hash === hash;
    return this.#snapshots.made.some(isIt) ? this.#snapshots.read(epoch, seq) : undefined;
  }

  /** What of the log stops a token: for the issuer's own questions, which no replica answers. */
  isStopped(question: FeedQuestion): boolean {
    return isStoppedIn(this.#entries, question, seconds());
  }

  watermarks(): readonly HeadWatermark[] {
    return this.#entries.watermarks(seconds());
  }

  /** With the records that are owed of them, in one step. */
  async #append(
    orders: readonly LogOrder[],
    owed: readonly AuditRecord[] = [],
  ): Promise<readonly Recorded[]> {
    const { seq } = this.#entries.state;
    const places = this.ctx.storage.transactionSync(() => {
      for (const record of owed) this.#owed.add(record);
      return this.#entries.append(orders);
    });
    const due = this.#owed.dueAt();
    // Without an `await` before it, the alarm is written with the entry or not at all.
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
    this.ctx.waitUntil(this.#subscribers.tell(seq, (from) => this.#newsSince(from)));
    const archived = await this.#isArchived(this.#entries.state.seq);
    await this.#wakeForSnapshot();
    return places.map((place) => ({ ...place, archived }));
  }

  /** A WebSocket upgrade: `?since=EPOCH.SEQ` says what the subscriber has. */
  override async fetch(request: Request): Promise<Response> {
    const since = readPlace(new URL(request.url).searchParams.get('since'));
    if (!since) return new Response(null, { status: 400 });
    const head = await this.head();
    const greeting = encodeMessage(head, this.#recordsTo(head, since) ?? NO_RECORDS);
    const socket = this.#subscribers.accept(greeting, readSubscriber(request.headers));
    // Not full for ever: sockets end, and a poll costs little more.
    return socket ?? new Response(null, { status: 429, headers: { 'retry-after': '30' } });
  }

  /** From a place to the head that was signed last; undefined where there is no such way. */
  #recordsTo(head: SignedHead, { epoch, seq }: Omit<Position, 'chain'>) {
    if (this.#signed?.head !== head) return undefined;
    return this.#entries.delta(epoch, seq, this.#signed.seq);
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    socket.close(1008, 'nothing is expected here');
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }

  confirm(confirmation: Confirmation): void {
    this.#confirmations.note(confirmation, seconds());
  }

  /** How many of the verifiers that were heard of lately have applied the log up to here. */
  reachOf(position: { epoch: number; seq: number }): Reach {
    return this.#confirmations.reachOf(position, seconds());
  }

  /** The newest head, with what leads to it from an entry on. */
  async #newsSince(seq: number): Promise<Uint8Array<ArrayBuffer>> {
    const head = await this.head();
    const { epoch } = this.#entries.state;
    return encodeMessage(head, this.#recordsTo(head, { epoch, seq }) ?? NO_RECORDS);
  }

  /** Writes the records that are owed, also where the log itself cannot go on. */
  override async alarm(): Promise<void> {
    const delivered = this.#owed.deliver();
    try {
      await this.#tend();
    } finally {
      await delivered;
      const due = this.#owed.dueAt();
      if (due !== undefined) await this.#wakeBy(due);
    }
  }

  /** Makes a snapshot where one is due, forgets what is dead, and catches up with the archive. */
  async #tend(): Promise<void> {
    await this.#compared();
    const now = seconds();
    const { state } = this.#entries;
    if (isSnapshotDue(state, this.#snapshots.made[0], now)) {
      this.#snapshots.make(this.#entries, now);
    }
    this.#compact(now);
    const isArchived = await this.#isArchived(state.seq);
    if (isArchived && this.#isIdle(this.#entries.state)) return;
    const wait = isArchived ? SNAPSHOT_SECONDS * 1000 : ARCHIVE_RETRY_MILLISECONDS;
    await this.ctx.storage.setAlarm(Date.now() + wait);
  }

  /** Deltas are handed out from the older of the two snapshots on. */
  #compact(now: number): void {
    const { epoch, deltaFrom } = this.#entries.state;
    const [, older] = this.#snapshots.made.filter((one) => one.epoch === epoch);
    this.#entries.compact(older?.seq ?? deltaFrom, now);
  }

  async #wakeForSnapshot(): Promise<void> {
    const isNear = isSnapshotNear(this.#entries.state, this.#snapshots.made[0]);
    await this.#wakeBy(Date.now() + (isNear ? 0 : SNAPSHOT_SECONDS * 1000));
  }

  async #wakeBy(wanted: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > wanted) await this.ctx.storage.setAlarm(wanted);
  }

  /**
   * Nothing is appended or vouched for before it is known that this log was not taken back. What
   * throws inside would break the object and cut its sockets: it is thrown to who asked alone.
   */
  async #compared(): Promise<void> {
    if (this.#archive.isCompared) return;
    const failed = await this.ctx.blockConcurrencyWhile(() =>
      this.#compare().catch((error: unknown) => ({ error })),
    );
    if (failed) throw failed.error;
  }

  async #compare(): Promise<void> {
    if (this.#archive.isCompared) return;
    const isTakenBack = await this.#archive.compare(seconds());
    const { state } = this.#entries;
    if (isTakenBack) {
      this.#snapshots.make(this.#entries, seconds());
      const { epoch, seq, live, previous } = state;
      console.error({ event: 'feed.epoch', shard: this.#shard, epoch, seq, live, previous });
    }
    // The alarm may be lost, and the archive was told of no new epoch yet.
    if (!this.#isIdle(state) || isTakenBack) await this.#wakeForSnapshot();
  }

  /** Nothing is left for an alarm to do. */
  #isIdle({ live, seq }: LogState): boolean {
    const isWhole = live === 0 && (this.#snapshots.made[0]?.seq ?? 0) === seq;
    return isWhole && this.#owed.dueAt() === undefined;
  }

  async #isArchived(seq: number): Promise<boolean> {
    const isThere = await this.#archive.has(seq);
    if (!isThere) {
      console.error({ event: 'feed.archive.behind', shard: this.#shard, seq });
      await this.ctx.storage.setAlarm(Date.now() + ARCHIVE_RETRY_MILLISECONDS);
    }
    return isThere;
  }
}

const NO_RECORDS = new Uint8Array();

const seconds = (): number => Math.floor(Date.now() / 1000);
