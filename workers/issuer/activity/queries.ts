import type { Topic } from '../../../src/activity/index.ts';
import { readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import type {
  ActivityChanges,
  ActivityFilter,
  ActivityPage,
  AsOf,
  IndexedWorkflow,
  LastUse,
  LastUseFilter,
  ListPosition,
  Point,
} from './binding.ts';
import { KEPT_SECONDS } from './intake.ts';
import type { ActivityRows } from './rows.ts';
import { conditionOf } from './search.ts';
import type { IndexState } from './state.ts';
import { lastUseTable, minuteTable } from './tables.ts';

/** Workflows of a page, and changed ones in an answer. */
const WORKFLOWS_PER_PAGE = 50;
/** Points of an answer: 48 hours by the minute. */
const POINTS_MAX = 2_880;
const LAST_USES_PER_ANSWER_MAX = 1_000;

/** Rows that are not deleted yet are not shown, because the logs list them. */
const KEPT = '(ended IS NULL OR ended >= ?)';
const keptSince = (): UnixSeconds => readSeconds() - KEPT_SECONDS;

/** Answers what operators ask, from the tables alone. */
export class ActivityQueries {
  readonly #sql: SqlStorage;
  readonly #state: IndexState;
  readonly #rows: ActivityRows;

  constructor(sql: SqlStorage, state: IndexState, rows: ActivityRows) {
    this.#sql = sql;
    this.#state = state;
    this.#rows = rows;
  }

  list(
    filter: ActivityFilter,
    after: ListPosition | undefined,
    limit = WORKFLOWS_PER_PAGE,
  ): ActivityPage {
    const { where, values } = conditionOf(filter);
    const most = Math.min(limit, WORKFLOWS_PER_PAGE);
    const found = this.#rows.select(
      `WHERE ${after ? '(began, root) < (?, ?)' : 'TRUE'} AND ${KEPT} AND ${where}
       ORDER BY began DESC, root DESC LIMIT ?`,
      ...(after ? [after.began, after.root] : []),
      keptSince(),
      ...values,
      most + 1,
    );
    const { counts, asOf } = this.#state;
    return { workflows: found.slice(0, most), isEnd: found.length <= most, counts, asOf };
  }

  /** Returns those of these workflows that lists show. */
  find(roots: readonly string[]): readonly IndexedWorkflow[] {
    return this.#rows.select(
      `WHERE root IN (SELECT value FROM json_each(?)) AND ${KEPT}`,
      JSON.stringify(roots),
      keptSince(),
    );
  }

  changes(
    after: Pick<AsOf, 'epoch' | 'seq'> | undefined,
    filter: ActivityFilter,
    root: string | undefined,
  ): ActivityChanges | null {
    const { asOf, counts } = this.#state;
    const since = after?.epoch === asOf.epoch ? after.seq : undefined;
    if (since !== undefined && since >= asOf.seq) return null;
    const questions = this.#countQuestions();
    const nothing = { matching: [], others: [], topics: [], counts, questions, asOf };
    if (since === undefined) return { ...nothing, isReload: after !== undefined };
    const changed = this.#changedSince(since, root);
    const topics = this.#topicsSince(since);
    if (root !== undefined && changed.length === 0) return null;
    if (changed.length > WORKFLOWS_PER_PAGE) return { ...nothing, topics, isReload: true };
    const { where, values } = conditionOf(filter);
    const matching = this.#rows.select(
      `WHERE root IN (SELECT value FROM json_each(?)) AND ${where} ORDER BY began DESC, root DESC`,
      JSON.stringify(changed),
      ...values,
    );
    const others = changed.filter((id) => !matching.some((one) => one.id === id));
    return { matching, others, topics, isReload: false, counts, questions, asOf };
  }

  series(step: number, since: UnixSeconds): readonly Point[] {
    const now = readSeconds();
    const last = now - (now % step);
    const first = Math.max(since - (since % step), last - step * (POINTS_MAX - 1));
    const stored = new Map(
      this.#sql
        .exec(
          `SELECT at - at % ? AS start, SUM(calls) AS calls, SUM(denials) AS denials,
             SUM(mints) AS mints FROM minute WHERE at >= ? GROUP BY start`,
          ...[step, first],
        )
        .toArray()
        .map((row) => [Number(row.start), minuteTable.read({ ...row, at: row.start ?? 0 })]),
    );
    const points: Point[] = [];
    for (let at = first; at <= last; at += step) {
      points.push(stored.get(at) ?? { at, calls: 0, denials: 0, mints: 0 });
    }
    return points;
  }

  lastUses({ agent, tool, limit = LAST_USES_PER_ANSWER_MAX }: LastUseFilter): readonly LastUse[] {
    return this.#sql
      .exec(
        `SELECT * FROM last_use WHERE (? IS NULL OR agent = ?) AND (? IS NULL OR tool = ?)
         ORDER BY at DESC LIMIT ?`,
        ...[agent ?? null, agent ?? null, tool ?? null, tool ?? null],
        Math.min(limit, LAST_USES_PER_ANSWER_MAX),
      )
      .toArray()
      .map((row) => lastUseTable.read(row));
  }

  /** Deletes what a person's name is in. Call it in a transaction. */
  forgetUses(subject: string): void {
    this.#sql.exec('DELETE FROM last_use WHERE instr(agent || dataset, ?) > 0', subject);
    this.#sql.exec('DELETE FROM found_by WHERE instr(value, ?) > 0', subject);
  }

  #changedSince(seq: number, root: string | undefined): readonly string[] {
    return this.#sql
      .exec(
        `SELECT root FROM activity WHERE changed > ? AND (? IS NULL OR root = ?)
         ORDER BY changed LIMIT ?`,
        ...[seq, root ?? null, root ?? null, WORKFLOWS_PER_PAGE + 1],
      )
      .toArray()
      .map((row) => String(row.root));
  }

  #topicsSince(seq: number): readonly Topic[] {
    return this.#sql
      .exec('SELECT name FROM topic WHERE changed > ? ORDER BY name', seq)
      .toArray()
      .map(({ name }) => String(name) as Topic);
  }

  #countQuestions(): number {
    return Number(this.#sql.exec('SELECT COUNT(*) AS n FROM question').one().n);
  }
}
