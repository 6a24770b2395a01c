import type { AuditRecord, LogName } from '../../../src/audit/index.ts';
import {
  readClock,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { livingPage } from '../log/control-logs.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { type ActivityIntake, KEPT_SECONDS } from './intake.ts';
import { firstSince, followedLogs, type LogPart, readPart } from './reader.ts';
import type { ActivityRows } from './rows.ts';
import type { IndexState } from './state.ts';

/** Parts of each log that one run reads: 10,000 records. The alarm continues. */
const PARTS_PER_RUN_MAX = 20;
/** Living workflows and those that ended within two days. Beyond, those that ended first go. */
const ROWS_MAX = 50_000;
/** Rows that one run deletes, or looks up because their last capability has ended: one page. */
const SWEPT_PER_RUN_MAX = 200;

/** Between two deletions of what is old. */
const PURGE_SECONDS = 60;
/** Deletions of one run: together as many rows as one run adds from a log. */
const PURGES_PER_RUN_MAX = 50;

interface FollowerParts {
  readonly env: () => IssuerEnv;
  readonly storage: DurableObjectStorage;
  readonly state: IndexState;
  readonly rows: ActivityRows;
  readonly intake: ActivityIntake;
}

/** Reads the logs from where it stopped, and applies what they have. */
export class Follower {
  readonly #parts: FollowerParts;
  #purgedAt: UnixSeconds = 0;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** Returns whether it reached the ends that the logs had. */
  async run(): Promise<boolean> {
    const startedAt = readClock();
    let behind = await this.#start(startedAt);
    let isRewound = false;
    let reached: UnixMilliseconds = startedAt;
    for (let turn = 0; behind.length > 0 && turn < PARTS_PER_RUN_MAX; turn++) {
      const parts = await Promise.all(
        behind.map(({ log, next }) => readPart(this.#parts.env(), log, next)),
      );
      isRewound = parts.some((part) => part === undefined);
      if (isRewound) break;
      const read = parts.flatMap((part) => part ?? []);
      this.#apply(read);
      behind = read.filter(({ isEnd }) => !isEnd).map(({ log, next }) => ({ log, next }));
      reached = Math.min(startedAt, ...read.filter(({ isEnd }) => !isEnd).map(newestOf));
    }
    if (isRewound) {
      report('activity.rewound', {});
      this.#parts.storage.transactionSync(() => this.reset());
      return false;
    }
    await this.#sweep(toSeconds(startedAt));
    this.#parts.state.readTo = reached;
    return behind.length === 0;
  }

  /** Begins again with an empty index. Call it in a transaction. */
  reset(): void {
    const { sql } = this.#parts.storage;
    for (const table of [
      'activity',
      'found_by',
      'minute',
      'last_use',
      'question',
      'log_position',
    ]) {
      sql.exec(`DELETE FROM ${table}`);
    }
    sql.exec('DELETE FROM topic');
    this.#parts.state.reset();
  }

  /** Returns each log with the first record to read. A log that is new begins two days ago. */
  async #start(now: UnixMilliseconds): Promise<readonly Position[]> {
    const { env, state } = this.#parts;
    const logs = await followedLogs(env());
    return await Promise.all(
      logs.map(async (log) => ({
        log,
        next: state.next(log) ?? (await firstSince(env(), log, now - KEPT_SECONDS * 1_000)),
      })),
    );
  }

  #apply(parts: readonly LogPart[]): void {
    const { storage, state, intake } = this.#parts;
    const fresh = parts.filter(({ log, next }) => state.next(log) !== next);
    if (fresh.length === 0) return;
    storage.transactionSync(() =>
      state.change(() => {
        // The run before may have ended after this one began.
        const records = fresh.flatMap(({ log, records: own }): AuditRecord[] =>
          own.filter(({ index }) => index >= (state.next(log) ?? 0)).map(({ record }) => record),
        );
        intake.apply(records);
        for (const { log, next } of fresh) state.setNext(log, next);
      }),
    );
  }

  /** Does what no record says: a workflow that no one used ends, and questions expire. */
  async #sweep(now: UnixSeconds): Promise<void> {
    const { storage, state, rows, intake } = this.#parts;
    const overdue = rows.overdue(now, SWEPT_PER_RUN_MAX);
    const ends = await this.#knownEnds(overdue.map(({ id }) => id));
    if (overdue.length > 0 || intake.hasOverdueQuestions(now)) {
      storage.transactionSync(() =>
        state.change(() => {
          intake.endQuestions(now);
          for (const { id } of overdue) {
            const row = rows.find(id);
            if (!row || row.ended !== undefined || row.ends >= now) continue;
            // A renewal has no record, so only the control log knows a later end.
            const end = Math.max(row.ends, ends.get(id) ?? 0);
            rows.save(
              end >= now ? { ...row, ends: end } : { ...row, state: 'expired', ended: row.ends },
            );
          }
        }),
      );
    }
    if (now - this.#purgedAt >= PURGE_SECONDS) this.#purge(now);
  }

  /** Deletes in parts, and continues in the next run: the index must not outgrow its bound. */
  #purge(now: UnixSeconds): void {
    const { storage, state, rows, intake } = this.#parts;
    let isDone = false;
    for (let turn = 0; turn < PURGES_PER_RUN_MAX && !isDone; turn++) {
      storage.transactionSync(() =>
        state.change(() => {
          isDone = rows.purge(now - KEPT_SECONDS, ROWS_MAX, SWEPT_PER_RUN_MAX);
          if (isDone) intake.purgeSeries(now);
        }),
      );
    }
    if (isDone) this.#purgedAt = now;
  }

  /** Returns until when the control logs know capabilities of these roots. */
  async #knownEnds(roots: readonly string[]): Promise<ReadonlyMap<string, UnixSeconds>> {
    if (roots.length === 0) return new Map();
    const { workflows } = await livingPage(this.#parts.env(), { roots });
    return new Map(workflows.map(({ start, ends }) => [start.id, ends]));
  }
}

interface Position {
  readonly log: LogName;
  readonly next: number;
}

/** When the newest record of a part was made. */
const newestOf = ({ records }: LogPart): UnixMilliseconds =>
  records.at(-1)?.record.at ?? Number.POSITIVE_INFINITY;
