import { DurableObject } from 'cloudflare:workers';
import type { LogName } from '../../../src/audit/index.ts';
import { isWithin, readClock, type UnixSeconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { SingleFlight } from '../../../src/single-flight.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate, type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import type * as bound from './binding.ts';
import { Follower } from './follower.ts';
import { ActivityIntake } from './intake.ts';
import { ActivityQueries } from './queries.ts';
import { ActivityRows } from './rows.ts';
import { activitySchema } from './schema.ts';
import { IndexState } from './state.ts';

/** How long a question waits for the logs. It is answered from what was read by then. */
const FOLLOW_MILLISECONDS_MAX = 5_000;
/** A log has this many unread records before the index reads them without a question. */
const UNREAD_RECORDS_MAX = 2_048;
/** How old the index is at most when a log that has records offers them. */
const UNREAD_MILLISECONDS_MAX = 3_600_000;
/** A page that updates itself asks every two seconds, and several people may look. */
const FRESH_MILLISECONDS = 1_000;

/**
 * The index of workflows, behind the lists of operators. It follows the logs: no mint and no
 * decision waits for it, each record is applied once by its number, and it can be built again. It
 * reads when an operator asks, and when a log that moves records to its archive has many.
 */
export class Activity extends DurableObject<IssuerEnv> implements bound.ActivityBinding {
  readonly #state: IndexState;
  readonly #rows: ActivityRows;
  readonly #queries: ActivityQueries;
  readonly #follower: Follower;
  readonly #flight: SingleFlight<true>;
  #followedAt = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, activitySchema);
    const { sql } = ctx.storage;
    this.#state = new IndexState(sql);
    this.#rows = new ActivityRows(sql, this.#state);
    this.#queries = new ActivityQueries(sql, this.#state, this.#rows);
    const intake = new ActivityIntake(sql, this.#state, this.#rows);
    this.#follower = new Follower({
      env: () => this.env,
      storage: ctx.storage,
      state: this.#state,
      rows: this.#rows,
      intake,
    });
    this.#flight = new SingleFlight(() => this.#run(), FOLLOW_MILLISECONDS_MAX);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, activitySchema);
  }

  /** Returns a page of workflows, the newest first, with everything that is recorded by now. */
  async list(
    filter: bound.ActivityFilter,
    after?: bound.ListPosition,
    limit?: number,
  ): Promise<bound.ActivityPage> {
    await this.follow();
    return this.#queries.list(filter, after, limit);
  }

  /** Returns what changed since a position. Returns null if nothing did. */
  async changes(
    after: Pick<bound.AsOf, 'epoch' | 'seq'> | undefined,
    filter: bound.ActivityFilter,
    root?: string,
  ): Promise<bound.ActivityChanges | null> {
    if (!isWithin(this.#followedAt, readClock(), FRESH_MILLISECONDS)) await this.follow();
    return this.#queries.changes(after, filter, root);
  }

  /** Returns a point for each interval from a time to now. */
  async series(
    step: number,
    since: UnixSeconds,
  ): Promise<{ points: readonly bound.Point[]; asOf: bound.AsOf }> {
    await this.follow();
    return { points: this.#queries.series(step, since), asOf: this.#state.asOf };
  }

  /** Returns the workflows that the index has of these. */
  async find(roots: readonly string[]): Promise<readonly bound.IndexedWorkflow[]> {
    await this.follow();
    return this.#queries.find(roots);
  }

  /** Returns when agents last called tools on datasets, the newest first. */
  async lastUses(filter: bound.LastUseFilter): Promise<readonly bound.LastUse[]> {
    await this.follow();
    return this.#queries.lastUses(filter);
  }

  /** Returns how far the index is, with everything that is recorded by now. */
  async asOf(): Promise<bound.AsOf> {
    await this.follow();
    return this.#state.asOf;
  }

  /** Reads what the logs have. Never rejects: a list is then as old as it says. */
  async follow(): Promise<void> {
    try {
      await this.#flight.joinNext();
    } catch (error) {
      this.#state.load();
      report('activity.behind', { why: error instanceof Error ? error.message : typeof error });
    }
  }

  /**
   * Takes the offer of a log that has `size` records and is about to move some to its archive,
   * where they cost more to read. Each reading writes a row for each workflow in it, so the index
   * waits until many are unread or an hour has passed. A question finds little left to read.
   */
  async offer(log: LogName, size: number): Promise<void> {
    // Absent for a log that the index does not follow.
    const next = this.#state.next(log);
    const isMany = next !== undefined && size - next >= UNREAD_RECORDS_MAX;
    const isRecent = isWithin(this.#state.asOf.at, readClock(), UNREAD_MILLISECONDS_MAX);
    if (isMany || !isRecent) await this.follow();
  }

  /** Forgets a person, after their key was erased. */
  async forget(subject: string): Promise<void> {
    // A part that was read before the key was erased may still be on its way.
    await this.follow();
    this.ctx.storage.transactionSync(() =>
      this.#state.change(() => {
        this.#rows.forget(subject);
        this.#queries.forgetUses(subject);
      }),
    );
  }

  /** Begins again, and reads the logs from where operators look back to. */
  async rebuild(): Promise<bound.AsOf> {
    await this.follow();
    this.ctx.storage.transactionSync(() => this.#follower.reset());
    await this.follow();
    return this.#state.asOf;
  }

  /** Continues after a run that did not reach the ends of the logs. */
  override async alarm(): Promise<void> {
    await this.follow();
  }

  async #run(): Promise<true> {
    const startedAt = readClock();
    const isWhole = await this.#follower.run();
    this.#followedAt = startedAt;
    if (!isWhole) await this.ctx.storage.setAlarm(readClock());
    return true;
  }
}
