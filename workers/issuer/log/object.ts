import { DurableObject } from 'cloudflare:workers';
import { writeBlocks } from '../../../src/audit/find/index.ts';
import {
  type AuditRecord,
  type LogName,
  type MintRecord,
  originOf,
} from '../../../src/audit/index.ts';
import { readClock, readSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { BoundedCounter } from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { REMOTE_BYTES_MAX, TRAFFIC_BYTES_MAX } from '../audit/capacity.ts';
import { archiveOf, type IssuerEnv } from '../platform/env.ts';
import { migrate, schemaVersionOf } from '../platform/sqlite.ts';
import { DayIndex } from '../search/day-index.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import type {
  Appended,
  ArrivedNumbers,
  LogAddress,
  LogBinding,
  LoggedRecord,
  LogState,
  NotAppended,
  RecordSource,
} from './binding.ts';
import { DailyRetention } from './daily-retention.ts';
import { adoptNumbers, numbersOf } from './former-numbers.ts';
import { GroupCommit } from './group-commit.ts';
import { WARNED_FILL } from './health.ts';
import { RecordIntake } from './intake.ts';
import { KnownIds } from './known-ids.ts';
import { LivingWorkflows } from './living.ts';
import type * as living from './living-binding.ts';
import { closeFormer } from './opening.ts';
import { PendingRecords } from './pending.ts';
import { recordInRoot } from './root.ts';
import { Rounds } from './rounds.ts';
import { transparencyLogSchema } from './schema.ts';
import type { Sealer } from './seal/sealer.ts';
import { readSealState, SealRows } from './seal-rows.ts';
import { sealerOf } from './sealer-of.ts';
import { VerifierNumbers } from './verifier-numbers.ts';

/** Processes of one credential whose records are late at the same time. */
export const AWAITED_PER_CREDENTIAL_MAX = 1_000;

/**
 * One log of records. Appending writes one row for all requests of a moment. A round makes entries
 * of the rows, puts them into the archive, signs the tree over them and drops the rows.
 */
export class TransparencyLog extends DurableObject<IssuerEnv> implements LogBinding {
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
  /** Records by source, for each limit: one, unless the deployment has just changed it. */
  readonly #rates = new Map<number, BoundedCounter>();
  /** The time for which this instance has set the alarm. */
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
    this.#rows = new SealRows(ctx.storage, this.#pending, this.#ids, this.#numbers, this.#index);
    this.#sealer = sealerOf(env, this.#log, this.#rows);
    const retention = new DailyRetention(env, this.#log, archiveOf(env, this.#log));
    this.#rounds = new Rounds(this.#log, this.#sealer, this.#pending, async (signed) => {
      if (signed) await recordInRoot(this.env, this.#log, signed);
      await retention.run(this.#rows.state().months, readClock());
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
    arrived?: readonly ArrivedNumbers[],
  ): Promise<Appended> {
    if (!this.#rounds.isCompared) await this.#rounds.compare();
    if (this.#pending.size === 0) await this.#open();
    await adoptNumbers(this.env, this.#numbers, arrived ?? numbersOf(records));
    const index = await this.#commits.run(() => this.#append(records, arrived));
    return { log: this.#log, index, fill: this.#fill };
  }

  /** Appends the mint record of a root, which lives from then on: in one transaction. */
  async begin(record: MintRecord, root: living.LivingStart): Promise<LogAddress> {
    if (!this.#rounds.isCompared) await this.#rounds.compare();
    if (this.#pending.size === 0) await this.#open();
    const index = await this.#commits.run(() => {
      this.#living.begin(root);
      return this.#append([record]);
    });
    return { log: this.#log, index };
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

  /**
   * Appends records that a verifier sent over HTTP, all or none. One source is bounded in records a
   * minute, and all of them together in the size of the log. Counted here, because one object sees
   * the requests of every isolate.
   */
  async appendFrom(
    source: RecordSource,
    records: readonly AuditRecord[],
    arrived?: readonly ArrivedNumbers[],
  ): Promise<Result<Appended, NotAppended>> {
    const { name, perMinute } = source;
    const bytes = this.ctx.storage.sql.databaseSize;
    if (bytes >= REMOTE_BYTES_MAX) {
      report('audit.full', { code: 'remote', bytes });
      return refuse({ code: 'log_full' });
    }
    const counter = this.#rates.get(perMinute) ?? new BoundedCounter({ perMinute });
    this.#rates.set(perMinute, counter);
    const taken = counter.take(name, readClock(), records.length);
    if (!taken.ok) {
      report('rate.limited', { code: 'records', verifier: name });
      return refuse({ code: 'rate_limited', ...taken.error });
    }
    return ok(await this.append(records, arrived));
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
      if (isRemote && this.#numbers.awaitedOf(`${credential}:`) >= AWAITED_PER_CREDENTIAL_MAX)
        return;
      this.#numbers.announce(verifier, n, readClock());
      this.#schedule();
    });
  }

  /** Returns records that are no entries yet, from `from` on. */
  pending(from: number, limit: number): readonly LoggedRecord[] {
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
  state(): LogState {
    const since = this.#pending.since;
    const sealed = this.#rows.state();
    const { stopped } = this.#sealer;
    return {
      log: this.#log,
      origin: originOf(this.env.ISSUER, this.#log),
      size: this.#pending.size,
      committed: sealed.committed,
      floor: sealed.floor,
      ...(sealed.checkpoint && { checkpoint: sealed.checkpoint }),
      months: sealed.months,
      pendingBytes: this.#pending.bytes,
      ...(since !== undefined && { pendingSince: since }),
      fill: this.#fill,
      ...(stopped !== undefined && { stopped }),
      witnesses: sealed.witnesses,
      schema: schemaVersionOf(this.ctx.storage, transparencyLogSchema),
    };
  }

  /** Runs a round now, and returns how far the log is afterwards. */
  async round(): Promise<LogState> {
    await this.#run().finally(() => this.#schedule());
    return this.state();
  }

  async #run(): Promise<void> {
    await this.#rounds.run();
    const { committed } = this.#rows.state();
    // Without it, searches read more. The next round tries again.
    await this.#index
      .seal(archiveOf(this.env, this.#log), committed, readClock())
      .catch((error) => report('audit.unindexed', { log: this.#log, why: String(error) }));
  }

  /**
   * Runs a round if one is due, and records overdue gaps, the refusals of finished minutes, and
   * workflows that no one used. A round that fails is tried again a minute later.
   */
  override async alarm(): Promise<void> {
    this.#wakesAt = undefined;
    if (this.#fill >= WARNED_FILL) {
      const bytes = this.ctx.storage.sql.databaseSize;
      report('audit.full', { code: 'filling', log: this.#log, bytes });
    }
    const due = this.#rounds.dueAt();
    if (due !== undefined && due <= readClock()) await this.#run().catch(() => undefined);
    await this.append(this.#living.takeUntouched(readClock()));
  }

  get #fill(): number {
    return Math.min(1, this.ctx.storage.sql.databaseSize / TRAFFIC_BYTES_MAX);
  }

  /** Writes the first record, if this log continues another. A repetition writes it once. */
  async #open(): Promise<void> {
    const opening = await closeFormer(this.env, this.#log);
    if (opening && this.#pending.size === 0) await this.#commits.run(() => this.#append([opening]));
  }

  #append(records: readonly AuditRecord[], arrived?: readonly ArrivedNumbers[]): number {
    const index = this.#intake.append(records, readClock(), arrived);
    this.#schedule();
    if (this.#rounds.isUrgent) this.ctx.waitUntil(this.round().catch(() => undefined));
    return index;
  }

  /** Does not await the alarm: it belongs to the same write, which the answer waits for. */
  #schedule(): void {
    const clocks = [this.#numbers, this.#intake, this.#living, this.#rounds];
    const due = clocks.flatMap((one) => one.dueAt() ?? []);
    const next = due.length > 0 ? Math.min(...due) : undefined;
    if (next === undefined || next === this.#wakesAt) return;
    this.#wakesAt = next;
    void this.ctx.storage.setAlarm(next);
  }
}
