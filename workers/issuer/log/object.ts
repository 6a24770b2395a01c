import { DurableObject } from 'cloudflare:workers';
import { writeBlocks } from '../../../src/audit/find/index.ts';
import type { AuditRecord, LogName, MintRecord } from '../../../src/audit/index.ts';
import { readClock, readSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { REMOTE_BYTES_MAX, TRAFFIC_BYTES_MAX } from '../audit/capacity.ts';
import { activity, archiveOf, type IssuerEnv } from '../platform/env.ts';
import { migrate, schemaVersionOf } from '../platform/sqlite.ts';
import { DayIndex } from '../search/day-index.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import { appendRecords } from './append.ts';
import type * as bound from './binding.ts';
import { Continuation } from './continuation.ts';
import { DailyRetention } from './daily-retention.ts';
import { adoptNumbers, numbersOf } from './former-numbers.ts';
import { GroupCommit } from './group-commit.ts';
import { reportFilling, WARNED_FILL } from './health.ts';
import { RecordIntake } from './intake.ts';
import { KnownIds } from './known-ids.ts';
import { LivingWorkflows } from './living.ts';
import type * as living from './living-binding.ts';
import { Moves } from './moves.ts';
import { PendingRecords } from './pending.ts';
import { recordInRoot } from './root.ts';
import { Rounds } from './rounds.ts';
import { transparencyLogSchema } from './schema.ts';
import type { Sealer } from './seal/sealer.ts';
import { readSealState, SealRows } from './seal-rows.ts';
import { sealerOf } from './sealer-of.ts';
import { SourceRates } from './source-rates.ts';
import { stateOf } from './state-of.ts';
import { VerifierNumbers } from './verifier-numbers.ts';

/**
 * One log of records. Appending writes one row for all requests of a moment. A round makes entries
 * of the rows, puts them into the archive, signs the tree over them and drops the rows.
 */
export class TransparencyLog extends DurableObject<IssuerEnv> implements bound.LogBinding {
  readonly #sql: SqlStorage;
  readonly #log: LogName;
  readonly #pending: PendingRecords;
  readonly #index: DayIndex;
  readonly #ids: KnownIds;
  readonly #numbers: VerifierNumbers;
  readonly #intake: RecordIntake;
  readonly #living: LivingWorkflows;
  readonly #commits: GroupCommit;
  readonly #rows: SealRows;
  readonly #sealer: Sealer;
  readonly #rounds: Rounds;
  readonly #moves: Moves;
  readonly #retention: DailyRetention;
  readonly #rates = new SourceRates();
  /** For which this instance has set the alarm. */
  #wakesAt: UnixMilliseconds | undefined;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, transparencyLogSchema);
    this.#sql = ctx.storage.sql;
    this.#log = ctx.id.name as LogName;
    this.#pending = new PendingRecords(this.#sql, readSealState(this.#sql).committed);
    this.#index = new DayIndex(this.#sql);
    this.#ids = new KnownIds(this.#sql);
    this.#numbers = new VerifierNumbers(this.#sql);
    for (const { first, records } of this.#pending.all()) {
      const ids = records.map(({ id }) => id);
      this.#ids.note(first, ids);
      this.#numbers.replay(records);
    }
    this.#living = new LivingWorkflows(this.#sql);
    this.#intake = new RecordIntake({
      sql: this.#sql,
      pending: this.#pending,
      ids: this.#ids,
      numbers: this.#numbers,
      living: this.#living,
      bytes: () => this.ctx.storage.sql.databaseSize,
    });
    this.#commits = new GroupCommit(ctx.storage, (writes) =>
      this.#intake.transaction(this.ctx.storage, writes),
    );
    const continuation = new Continuation(this.#sql, this.#log);
    const [ids, numbers, index] = [this.#ids, this.#numbers, this.#index];
    this.#rows = new SealRows(ctx.storage, this.#pending, ids, numbers, index, continuation);
    this.#moves = new Moves({
      env: () => this.env,
      log: this.#log,
      continuation,
      pending: this.#pending,
      ids,
      intake: this.#intake,
      commits: this.#commits,
      rows: this.#rows,
      rounds: () => this.#rounds,
      bytes: () => this.ctx.storage.sql.databaseSize,
      append: (records) => this.#append(records),
      schedule: () => this.#schedule(),
    });
    this.#sealer = sealerOf(env, this.#log, this.#rows);
    this.#retention = new DailyRetention(env, this.#log, archiveOf(env, this.#log));
    this.#rounds = new Rounds(this.#log, this.#sealer, this.#pending, async (signed) => {
      if (signed) await recordInRoot(this.env, this.#log, signed);
      await this.#moves.retain(this.#retention);
    });
  }

  /**
   * Appends records in order, durably, and returns the address of the first. A record with a known
   * id is not written again, and a counted refusal is not written by itself. No content of a record
   * keeps it from being written. Rejects if the log is too full for one of them, and then writes
   * none: the caller must not grant what it wanted to record. A refusal that does not fit is
   * dropped instead.
   *
   * `arrived` is for records of a verifier that numbers them over all logs: this log notes these
   * numbers, and not those of the records.
   */
  async append(
    records: readonly AuditRecord[],
    arrived?: readonly bound.ArrivedNumbers[],
  ): Promise<bound.Appended | bound.Moved> {
    const elsewhere = await this.#moves.ready();
    if (elsewhere) return elsewhere;
    await adoptNumbers(this.env, this.#numbers, arrived ?? numbersOf(records));
    const index = await this.#moves.commit(() => this.#append(records, arrived));
    return typeof index === 'number' ? { log: this.#log, index, fill: this.#fill } : index;
  }

  /** Appends the mint record of a root, which lives from then on: in one transaction. */
  async begin(
    record: MintRecord,
    root: living.LivingStart,
  ): Promise<bound.LogAddress | bound.Moved> {
    const elsewhere = await this.#moves.ready();
    if (elsewhere) return elsewhere;
    const index = await this.#moves.commit(() => {
      this.#living.begin(root);
      return this.#append([record]);
    });
    return typeof index === 'number' ? { log: this.#log, index } : index;
  }

  movedTo(): LogName | undefined {
    return this.#moves.moved;
  }

  /** Returns what the log that continues this one begins with. Undefined while this one is open. */
  handOver(): bound.HandedOver | undefined {
    return this.#moves.handOver();
  }

  /** Applies records of a later log. Returns whether any workflow that began here is left. */
  noteLiving(records: readonly AuditRecord[]): boolean {
    return this.ctx.storage.transactionSync(() => this.#living.noteAll(records));
  }

  /** Returns what a living root began with, for its object. Undefined if it does not live. */
  adopt(root: string): WorkflowStart | undefined {
    return this.ctx.storage.transactionSync(() => this.#living.adopt(root));
  }

  living(filter: living.LivingFilter): living.LivingPage {
    return this.#living.page(filter);
  }

  countLiving(scope: living.LivingScope): number {
    return this.#living.count(scope, readSeconds());
  }

  livingTotals(party: living.LivingParty): readonly (readonly [name: string, n: number])[] {
    return this.#living.totals(party, readSeconds());
  }

  /**
   * Appends records that a verifier sent over HTTP, all or none. One source is bounded in records a
   * minute, and all of them together in the size of the log. Counted here, because one object sees
   * the requests of every isolate.
   */
  async appendFrom(
    source: bound.RecordSource,
    records: readonly AuditRecord[],
    arrived?: readonly bound.ArrivedNumbers[],
  ): Promise<Result<bound.Appended, bound.NotAppended>> {
    const bytes = this.ctx.storage.sql.databaseSize;
    if (bytes >= REMOTE_BYTES_MAX) {
      report('audit.full', { code: 'remote', bytes });
      return refuse({ code: 'log_full' });
    }
    const taken = this.#rates.take(source, records.length);
    if (!taken.ok) return taken;
    const appended = await this.append(records, arrived);
    if ('moved' in appended) throw new Error('a control log takes no records of verifiers');
    return ok(appended);
  }

  /**
   * A verifier announces how many records it has numbered. Those that do not arrive are missing.
   * Bounded for those of one credential, because each announcement can become a gap record.
   */
  async expect(verifier: string, n: number): Promise<void> {
    const [credential, own] = verifier.split(':', 2);
    const isRemote = own !== undefined;
    if (isRemote && this.ctx.storage.sql.databaseSize >= REMOTE_BYTES_MAX) return;
    await adoptNumbers(this.env, this.#numbers, [{ verifier, numbers: [n] }]);
    this.ctx.storage.transactionSync(() => {
      if (isRemote && this.#numbers.isFull(`${credential}:`)) return;
      this.#numbers.announce(verifier, n, readClock());
      this.#schedule();
    });
  }

  /** Returns records that are no entries yet, from `from` on. */
  pending(from: number, limit: number): readonly bound.LoggedRecord[] {
    return this.#pending
      .read(from, limit)
      .flatMap(({ first, records }) =>
        records.map((record, place) => ({ log: this.#log, index: first + place, record })),
      );
  }

  unsealedIndex(): Uint8Array<ArrayBuffer> {
    return writeBlocks(this.#index.unsealed());
  }

  /** Returns how far the log is. */
  state(): bound.LogState {
    return stateOf({
      env: this.env,
      log: this.#log,
      pending: this.#pending,
      sealed: this.#rows.state(),
      stopped: this.#sealer.stopped,
      moved: this.#moves.moved,
      fill: this.#fill,
      schema: schemaVersionOf(this.ctx.storage, transparencyLogSchema),
    });
  }

  /** Runs a round now, and returns how far the log is afterwards. */
  async round(): Promise<bound.LogState> {
    await this.#run().finally(() => this.#schedule());
    return this.state();
  }

  async #run(): Promise<void> {
    this.ctx.waitUntil(activity(this.env).offer(this.#log, this.#pending.size));
    await this.#rounds.run();
    this.#moves.refresh();
    // Without it, searches read more. The next round tries again.
    await this.#index
      .seal(archiveOf(this.env, this.#log), this.#rows.state().committed, readClock())
      .catch((error) => report('audit.unindexed', { log: this.#log, why: String(error) }));
  }

  /**
   * Runs a round if one is due, and records overdue gaps, the refusals of finished minutes, and
   * workflows that no one used. A round that fails is tried again a minute later.
   */
  override async alarm(): Promise<void> {
    this.#wakesAt = undefined;
    if (this.#fill >= WARNED_FILL && this.#moves.moved === undefined) {
      const bytes = this.ctx.storage.sql.databaseSize;
      this.ctx.waitUntil(reportFilling(this.env, { log: this.#log, fill: this.#fill, bytes }));
    }
    const due = this.#rounds.dueAt();
    const isDue = this.#moves.moved !== undefined || (due !== undefined && due <= readClock());
    if (isDue) await this.#run().catch(() => undefined);
    else await this.#moves.retain(this.#retention);
    const closings = this.ctx.storage.transactionSync(() =>
      this.#living.takeUntouched(readClock()),
    );
    const appended = this.#moves.moved === undefined ? await this.append(closings) : undefined;
    if (appended && !('moved' in appended)) return;
    // The log that continues this one takes them, and tells this one.
    await appendRecords(this.env, closings).finally(() => this.#schedule());
  }

  get #fill(): number {
    return Math.min(1, this.ctx.storage.sql.databaseSize / TRAFFIC_BYTES_MAX);
  }

  #append(records: readonly AuditRecord[], arrived?: readonly bound.ArrivedNumbers[]): number {
    const index = this.#intake.append(records, readClock(), arrived);
    this.#schedule();
    if (this.#rounds.isUrgent) this.ctx.waitUntil(this.round().catch(() => undefined));
    return index;
  }

  /** Does not await the alarm: it belongs to the same write, which the answer waits for. */
  #schedule(): void {
    const own = this.#moves.moved === undefined ? [this.#numbers, this.#intake] : [this.#moves];
    const all = [...own, this.#living, this.#rounds, this.#retention];
    const due = all.flatMap((one) => one.dueAt() ?? []);
    const next = due.length > 0 ? Math.min(...due) : undefined;
    if (next === undefined || next === this.#wakesAt) return;
    this.#wakesAt = next;
    void this.ctx.storage.setAlarm(next);
  }
}
