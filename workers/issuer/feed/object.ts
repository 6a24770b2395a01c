import { DurableObject } from 'cloudflare:workers';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import type { FeedQuery, HeadWatermark, SignedHead, Watermark } from '../../../src/feed/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { appendRecord } from '../audit/append.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { feedArchive, type IssuerEnv, readConfig, shardOf } from '../platform/config.ts';
import { migrate } from '../platform/sqlite.ts';
import { hasReached } from './admission.ts';
import { ArchiveSync } from './archive-sync.ts';
import type { AppendReceipt, RevocationLogBinding, StopReceipt } from './binding.ts';
import { type Confirmation, Confirmations, type Reach } from './confirmations.ts';
import {
  type AdmissionRequest,
  type Admitted,
  type Denial,
  type Denied,
  denialsOf,
} from './denial.ts';
import { LogEntries } from './entries.ts';
import type { EntryDraft, StopDraft, WatermarkDraft } from './entry-draft.ts';
import { LogHeads } from './heads.ts';
import { LogMaintenance } from './maintenance.ts';
import { isStoppedIn } from './question.ts';
import { logSchema } from './schema.ts';
import {
  type DenialRefusal,
  type DenyCommand,
  type LiftRefusal,
  ScopeCommands,
  type ScopeDecision,
  type WatermarkRefusal,
  type WithdrawalRefusal,
} from './scope-commands.ts';
import { LogSnapshots, type Made } from './snapshots.ts';
import { readPlace, readSubscriber, Subscribers } from './subscribers.ts';
import { hasRoomFor } from './watermarks.ts';

/**
 * The log behind the trust feed: append-only, gap-free, hash-chained, and the signer of its head.
 * One object for a shard; what is written goes to its archive before the answer.
 */
export class RevocationLog extends DurableObject<IssuerEnv> implements RevocationLogBinding {
  readonly #entries: LogEntries;
  readonly #snapshots: LogSnapshots;
  readonly #subscribers: Subscribers;
  readonly #confirmations = new Confirmations();
  readonly #owed: OwedRecords;
  readonly #orders: ScopeCommands;
  readonly #heads: LogHeads;
  readonly #maintenance: LogMaintenance;
  /** Unix seconds: the latest `issued_at` of a token that was let through. */
  #admitted = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, logSchema);
    const shard = shardOf(ctx.id.name);
    const entries = new LogEntries(ctx.storage, { issuer: readConfig(env).issuer, shard });
    const archive = new ArchiveSync(() => feedArchive(env, shard), entries);
    const snapshots = new LogSnapshots(ctx.storage);
    const owed = new OwedRecords(ctx.storage.sql, () => this.env);
    this.#entries = entries;
    this.#snapshots = snapshots;
    this.#owed = owed;
    this.#subscribers = new Subscribers(ctx);
    this.#orders = new ScopeCommands(entries);
    this.#heads = new LogHeads(() => this.env, shard, { entries, snapshots });
    this.#maintenance = new LogMaintenance(ctx, { shard, entries, snapshots, archive, owed });
  }

  /** Appends one entry, or answers with the one that is there. Never refused, also for its size. */
  async append(order: StopDraft): Promise<AppendReceipt> {
    const [recorded] = await this.appendAll([order]);
    if (!recorded) throw new Error('an order was appended without a place');
    return recorded;
  }

  /** All of them or none, in one step; at most a delta's worth. */
  async appendAll(orders: readonly StopDraft[]): Promise<readonly AppendReceipt[]> {
    if (orders.length > FEED_DELTA_ENTRIES_MAX) throw new RangeError('too many orders at once');
    await this.#maintenance.compared();
    return this.#append(orders);
  }

  /**
   * Every head carries all watermarks, so there is a last one; `all` stops whatever they would. The
   * entry is the intent of its record, which is stored with it and goes to the audit log after it.
   */
  async appendWatermark(
    order: WatermarkDraft,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, WatermarkRefusal>> {
    await this.#maintenance.compared();
    const ordered = this.#orders.watermark(order, record, readSeconds());
    return ordered.ok ? ok(await this.#carryOut(ordered.value)) : ordered;
  }

  /** Whether a head has room for it. */
  async fits(order: WatermarkDraft): Promise<boolean> {
    await this.#maintenance.compared();
    return hasRoomFor(order, this.#entries.listed(readSeconds()));
  }

  /** Frees the place of a watermark that no living token could be hit by. */
  async withdrawWatermark(
    scope: Pick<Watermark, 'scope' | 'value'>,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, WithdrawalRefusal>> {
    await this.#maintenance.compared();
    const ordered = this.#orders.withdrawal(scope, record, readSeconds());
    return ordered.ok ? ok(await this.#carryOut(ordered.value)) : ordered;
  }

  /** Denies a scope: no mint that asks after this answer, and no token from before it, passes. */
  async deny(
    order: DenyCommand,
  ): Promise<Result<StopReceipt & { readonly before: number }, DenialRefusal>> {
    await this.#maintenance.compared();
    const ordered = this.#orders.denial(order, { now: readSeconds(), after: this.#admitted });
    if (!ordered.ok) return ordered;
    const stopped = await this.#carryOut(ordered.value);
    await this.#maintenance.wakeInTime();
    return ok({ ...stopped, before: ordered.value.before });
  }

  /** Recorded first, because it gives power back; looked at again after that. */
  async lift(
    scope: { readonly scope: string; readonly value: string },
    who: { readonly actor: string; readonly reason: string },
  ): Promise<Result<AppendReceipt, LiftRefusal>> {
    await this.#maintenance.compared();
    const wanted = this.#orders.lift(scope, who, readSeconds());
    if (!wanted.ok) return wanted;
    if (!(await appendRecord(this.env, wanted.value.record))) {
      return refuse({ code: 'audit_unavailable' });
    }
    const ordered = this.#orders.lift(scope, who, readSeconds());
    if (!ordered.ok) return ordered;
    if (ordered.value.record.id !== wanted.value.record.id) {
      return refuse({ code: 'denial_unknown' });
    }
    const [place] = await this.#append(ordered.value.orders);
    if (!place) throw new Error('an order was appended without a place');
    return ok(place);
  }

  /** Those in force. */
  async denials(): Promise<readonly Denial[]> {
    await this.#maintenance.compared();
    return this.#entries.denials.inForce(readSeconds());
  }

  /**
   * The last word on a token that is signed and recorded; it may be handed out where nothing of it
   * is denied. No `await` between reading the denials and noting what it names: a denial is either
   * before, and refuses it, or after, and its watermark stops it.
   */
  async admit(mint: AdmissionRequest): Promise<Result<Admitted, { code: 'clock_behind' }>> {
    await this.#maintenance.compared();
    if (!(await hasReached(mint.issuedAt))) return refuse({ code: 'clock_behind' });
    return this.ctx.storage.transactionSync(() => {
      const now = readSeconds();
      const denials = this.#entries.denials.all();
      const denied = denialsOf(denials, mint, now);
      if (denied.length === 0) {
        this.#admitted = Math.max(this.#admitted, mint.issuedAt);
        this.#entries.named.note(mint, now);
      }
      return ok({ denied, isDenying: denials.length > 0 });
    });
  }

  /** What is denied of a token that is not signed yet: so that no person is asked for it. */
  async deniedOf(asker: Parameters<typeof denialsOf>[1]): Promise<readonly Denied[]> {
    await this.#maintenance.compared();
    return denialsOf(this.#entries.denials.all(), asker, readSeconds());
  }

  /** Unix seconds until which a token of the scope may live; undefined where none is out. */
  async namedUntil({ scope, value }: Pick<Watermark, 'scope' | 'value'>) {
    await this.#maintenance.compared();
    return this.#entries.named.until(scope, value, readSeconds());
  }

  async head(): Promise<SignedHead> {
    await this.#maintenance.compared();
    return this.#heads.newest(readSeconds());
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
  isStopped(question: FeedQuery): boolean {
    return isStoppedIn(this.#entries, question, readSeconds());
  }

  watermarks(): readonly HeadWatermark[] {
    return this.#entries.watermarks.inForce(readSeconds());
  }

  async #carryOut(ordered: ScopeDecision): Promise<StopReceipt> {
    const place = (await this.#append(ordered.orders, ordered)).at(-1);
    if (!place) throw new Error('an order was appended without a place');
    return { ...place, recorded: await this.#owed.isWritten(ordered.record.id) };
  }

  /** With the record that is owed of them, in one step. */
  async #append(
    orders: readonly EntryDraft[],
    { record, also }: Partial<ScopeDecision> = {},
  ): Promise<readonly AppendReceipt[]> {
    const { seq } = this.#entries.state;
    const places = this.ctx.storage.transactionSync(() => {
      if (record) this.#owed.add(record);
      const appended = this.#entries.append(orders);
      also?.();
      return appended;
    });
    const due = this.#owed.dueAt();
    // Without an `await` before it, the alarm is written with the entry or not at all.
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
    this.ctx.waitUntil(this.#subscribers.tell(seq, (from) => this.#newsSince(from)));
    const archived = await this.#maintenance.isArchived(this.#entries.state.seq);
    await this.#maintenance.wakeForSnapshot();
    return places.map((place) => ({ ...place, archived }));
  }

  /** A WebSocket upgrade: `?since=EPOCH.SEQ` says what the subscriber has. */
  override async fetch(request: Request): Promise<Response> {
    const since = readPlace(new URL(request.url).searchParams.get('since'));
    if (!since) return new Response(null, { status: 400 });
    const greeting = this.#heads.messageSince(await this.head(), since);
    const socket = this.#subscribers.accept(greeting, readSubscriber(request.headers));
    // Not full for ever: sockets end, and a poll costs little more.
    return socket ?? new Response(null, { status: 429, headers: { 'retry-after': '30' } });
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    socket.close(1008, 'nothing is expected here');
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }

  confirm(confirmation: Confirmation): void {
    this.#confirmations.note(confirmation, readSeconds());
  }

  /** How many of the verifiers that were heard of lately have applied the log up to here. */
  reachOf(position: { epoch: number; seq: number }): Reach {
    return this.#confirmations.reachOf(position, readSeconds());
  }

  /** The newest head, with what leads to it from an entry on. */
  async #newsSince(seq: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#heads.newsSince(await this.head(), seq);
  }

  /** Writes the records that are owed, also where the log itself cannot go on. */
  override async alarm(): Promise<void> {
    await this.#maintenance.run(async (now) => {
      for (const end of this.#orders.ends(now)) await this.#append(end.orders, end);
    });
  }
}
