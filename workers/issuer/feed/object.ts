import { DurableObject } from 'cloudflare:workers';
import type { AuditRecord, DenialRecord } from '../../../src/audit/index.ts';
import { readClock, readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import type {
  FeedQuery,
  HeadKeyList,
  HeadKeyLists,
  HeadWatermark,
  SignedHead,
  Watermark,
} from '../../../src/feed/index.ts';
import { FEED_DELTA_ENTRIES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { appendRecord } from '../audit/append.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate } from '../platform/sqlite.ts';
import type { Admission } from './admission.ts';
import type { AppendReceipt, LogStatus, RevocationLogBinding, StopReceipt } from './binding.ts';
import { type CanaryQuestion, type CanarySpread, CanaryWatch } from './canary.ts';
import type * as confirmed from './confirmations.ts';
import { Confirmations } from './confirmations.ts';
import type { AdmissionRequest, Admitted, Denial, Denied, denialsOf } from './denial.ts';
import { type LogEntries, only } from './entries.ts';
import type { EntryDraft, StopDraft, WatermarkDraft } from './entry-draft.ts';
import type { HeadChanges } from './head-changes.ts';
import type { KeyOrders } from './keys/orders.ts';
import type { KeyAdded, KeyOrderer, KeyRemoved } from './keys/receipt.ts';
import type { KeyDraft } from './keys/state.ts';
import { statusOf } from './log-status.ts';
import type { LogMaintenance } from './maintenance.ts';
import type { LogNews } from './news.ts';
import { logParts } from './parts.ts';
import { logSchema } from './schema.ts';
import type * as scope from './scope-commands.ts';
import type { LogSnapshots } from './snapshots.ts';
import type { TreeRounds } from './tree/rounds.ts';
import { hasRoomFor } from './watermarks.ts';

/**
 * The log behind the trust feed: append-only, without gaps, hash-chained, and the signer of its
 * head. One object for each shard. Entries are copied to the archive before the caller is answered.
 */
export class RevocationLog extends DurableObject<IssuerEnv> implements RevocationLogBinding {
  readonly #entries: LogEntries;
  readonly #snapshots: LogSnapshots;
  readonly #confirmations = new Confirmations();
  readonly #canary = new CanaryWatch(this.#confirmations);
  readonly #owed: OwedRecords;
  readonly #commands: scope.ScopeCommands;
  readonly #changes: HeadChanges;
  readonly #keys: KeyOrders;
  readonly #admission: Admission;
  readonly #rounds: TreeRounds;
  readonly #news: LogNews;
  readonly #maintenance: LogMaintenance;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, logSchema);
    const parts = logParts(ctx, () => this.env);
    this.#entries = parts.entries;
    this.#snapshots = parts.snapshots;
    this.#owed = parts.owed;
    this.#commands = parts.commands;
    this.#changes = parts.changes;
    this.#keys = parts.keyOrders;
    this.#rounds = parts.rounds;
    this.#admission = parts.admission;
    this.#news = parts.news;
    this.#maintenance = parts.maintenance;
  }

  /** Appends one entry. Idempotent, and never refused, however large the log is. */
  async append(draft: StopDraft): Promise<AppendReceipt> {
    return only(await this.appendAll([draft]));
  }

  /** Appends all drafts or none, in one step. Takes up to a delta's worth. */
  async appendAll(drafts: readonly StopDraft[]): Promise<readonly AppendReceipt[]> {
    if (drafts.length > FEED_DELTA_ENTRIES_MAX) {
      throw new RangeError(`At most ${FEED_DELTA_ENTRIES_MAX} drafts can be appended at once.`);
    }
    await this.#maintenance.compareOnce();
    return this.#append(drafts);
  }

  /**
   * Appends a watermark. Every head carries all watermarks, so their number is limited; one of
   * scope `all` always fits. The audit record is stored with the entry and delivered afterwards.
   */
  async appendWatermark(
    draft: WatermarkDraft,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, scope.WatermarkRefusal>> {
    await this.#maintenance.compareOnce();
    const decided = this.#commands.watermark(draft, record, readSeconds());
    return decided.ok ? ok(await this.#execute(decided.value)) : decided;
  }

  /** Returns whether a head has room for a watermark. */
  async fits(draft: WatermarkDraft): Promise<boolean> {
    await this.#maintenance.compareOnce();
    return hasRoomFor(draft, this.#entries.listed(readSeconds()));
  }

  /** Withdraws a watermark that no unexpired token can match. */
  async withdrawWatermark(
    scope: Pick<Watermark, 'scope' | 'value'>,
    record: AuditRecord,
  ): Promise<Result<StopReceipt, scope.WithdrawalRefusal>> {
    await this.#maintenance.compareOnce();
    const decided = this.#commands.withdrawal(scope, record, readSeconds());
    return decided.ok ? ok(await this.#execute(decided.value)) : decided;
  }

  /** Denies a scope. After the answer, no mint and no earlier token of the scope passes. */
  async deny(
    command: scope.DenyCommand,
  ): Promise<Result<StopReceipt & { readonly before: UnixSeconds }, scope.DenialRefusal>> {
    await this.#maintenance.compareOnce();
    const after = this.#admission.lastIssuedAt;
    const decided = this.#commands.denial(command, { now: readSeconds(), after });
    if (!decided.ok) return decided;
    const receipt = await this.#execute(decided.value);
    await this.#maintenance.scheduleDue();
    return ok({ ...receipt, before: decided.value.before });
  }

  /**
   * Lifts a denial. A lift grants power, so it is recorded first. The denial may change while the
   * record is written, so the lift is decided again afterwards.
   */
  async lift(
    scope: { readonly scope: string; readonly value: string },
    by: Pick<DenialRecord, 'actor' | 'reason' | 'via'>,
  ): Promise<Result<AppendReceipt, scope.LiftRefusal>> {
    await this.#maintenance.compareOnce();
    const first = this.#commands.lift(scope, by, readSeconds());
    if (!first.ok) return first;
    if (!(await appendRecord(this.env, first.value.record))) {
      return refuse({ code: 'audit_unavailable' });
    }
    const second = this.#commands.lift(scope, by, readSeconds());
    if (!second.ok) return second;
    if (second.value.record.id !== first.value.record.id) return refuse({ code: 'denial_unknown' });
    return ok(only(await this.#append(second.value.drafts)));
  }

  async denials(): Promise<readonly Denial[]> {
    await this.#maintenance.compareOnce();
    return this.#entries.denials.inForce(readSeconds());
  }

  /** Decides whether a signed and recorded token may be handed out: see `Admission`. */
  async admit(request: AdmissionRequest): Promise<Result<Admitted, { code: 'clock_behind' }>> {
    await this.#maintenance.compareOnce();
    return this.#admission.admit(request);
  }

  /** Returns the denials of a token that is not signed yet. */
  async deniedOf(asker: Parameters<typeof denialsOf>[1]): Promise<readonly Denied[]> {
    await this.#maintenance.compareOnce();
    return this.#admission.deniedOf(asker);
  }

  /** Returns until when a token of the scope may live, or undefined if no token does. */
  async namedUntil({ scope, value }: Pick<Watermark, 'scope' | 'value'>) {
    await this.#maintenance.compareOnce();
    return this.#entries.named.until(scope, value, readSeconds());
  }

  /**
   * Names the catalogue by which calls are judged, in a new head that every socket gets at once.
   * Idempotent. Returns whether the archive has it: it then survives a restore of the log. Throws a
   * `TypeError` if `hash` is no hash, or for a log of another shard than 0.
   */
  async setCatalogue(hash: string): Promise<{ readonly archived: boolean }> {
    await this.#maintenance.compareOnce();
    return this.#changes.nameCatalogue(hash);
  }

  /** Returns the keys that the head names beside the root keys. */
  headKeys(): HeadKeyLists {
    return this.#keys.lists;
  }

  /** Adds a key to the head: see `KeyOrders`. */
  async addKey(draft: KeyDraft, by: KeyOrderer): Promise<KeyAdded> {
    await this.#maintenance.compareOnce();
    return this.#keys.add(draft, by);
  }

  /** Removes a key from the head: see `KeyOrders`. */
  async removeKey(list: HeadKeyList, id: number, by: KeyOrderer): Promise<KeyRemoved> {
    await this.#maintenance.compareOnce();
    return this.#keys.remove(list, id, by);
  }

  /** Returns the newest head, signed. */
  head(): Promise<SignedHead> {
    return this.#news.head();
  }

  /** Returns the records of `(from, to]`, or undefined if the log does not have all of them. */
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#entries.delta(epoch, from, to);
  }

  /** Returns the bytes of a snapshot that some head has named, or undefined if it is gone. */
  snapshot(epoch: number, seq: number, hash: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#snapshots.named(epoch, seq, hash);
  }

  /** Returns a file of the tree by its name in C2SP tlog-tiles, if its checkpoint covers it. */
  treeFile(path: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#rounds.file(path);
  }

  /** Returns whether the log stops a token, for requests to the issuer itself. */
  isStopped(query: FeedQuery): boolean {
    return this.#entries.isStopped(query, readSeconds());
  }

  watermarks(): readonly HeadWatermark[] {
    return this.#entries.watermarks.inForce(readSeconds());
  }

  /** Accepts a WebSocket. `?since=EPOCH.SEQ` says what the subscriber has. */
  override async fetch(request: Request): Promise<Response> {
    return this.#news.answer(request);
  }

  override async webSocketMessage(socket: WebSocket): Promise<void> {
    socket.close(1008, 'This socket accepts no messages.');
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }

  confirm(confirmation: confirmed.Confirmation): void {
    this.#confirmations.note(confirmation, readSeconds());
    this.#canary.note(confirmation, readClock());
  }

  /** Follows a canary's entry, or returns how far it has spread: see `CanaryWatch`. */
  canary(question: CanaryQuestion): CanarySpread | undefined {
    return this.#canary.answer(question, this.#entries.state, readClock());
  }

  /** Returns the verifiers that have reported to this instance, as they did last. */
  verifiers(): readonly confirmed.KnownVerifier[] {
    return this.#confirmations.all();
  }

  reachOf(position: { epoch: number; seq: number }): confirmed.Reach {
    return this.#confirmations.reachOf(position, readSeconds());
  }

  /** Returns the newest position, and which recently seen verifiers have it. */
  async status(): Promise<LogStatus> {
    const tree = await this.#rounds.state();
    return statusOf(this.ctx.storage, this.#entries, (position) => this.reachOf(position), tree);
  }

  /** Delivers owed audit records, lifts ended denials, and maintains the log. */
  override async alarm(): Promise<void> {
    await this.#maintenance.run(async (now) => {
      for (const lift of this.#commands.dueLifts(now)) await this.#append(lift.drafts, lift);
    });
  }

  async #execute(decision: scope.ScopeDecision): Promise<StopReceipt> {
    const receipt = (await this.#append(decision.drafts, decision)).at(-1);
    if (!receipt) throw new Error('A decision without a draft was appended.');
    return { ...receipt, recorded: await this.#owed.isWritten(decision.record.id) };
  }

  /** Appends entries together with the audit record that they owe, in one step. */
  async #append(
    drafts: readonly EntryDraft[],
    { record, also }: Partial<scope.ScopeDecision> = {},
  ): Promise<readonly AppendReceipt[]> {
    const { seq } = this.#entries.state;
    const positions = this.ctx.storage.transactionSync(() => {
      if (record) this.#owed.add(record);
      const appended = this.#entries.append(drafts);
      also?.();
      return appended;
    });
    const due = this.#owed.dueAt();
    // No `await` comes before this one, so the alarm is written together with the entry.
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
    this.ctx.waitUntil(this.#news.notify(seq));
    const archived = await this.#maintenance.isArchived(this.#entries.state.seq);
    await this.#maintenance.scheduleSnapshot();
    return positions.map((position) => ({ ...position, archived }));
  }
}
