import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { DrillRun } from './binding.ts';
import { NAMES } from './columns.ts';
import { drillRunTable } from './tables.ts';

/** A day of runs, one each minute. */
const RUNS_KEPT = 1_440;

export type StoredRun = DrillRun & { readonly n: number };

/** The runs of the drill, in the order in which they began. */
export class DrillRuns {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns when the next run is due; undefined before the first. */
  dueAt(): UnixMilliseconds | undefined {
    const [row] = this.#sql.exec('SELECT due FROM drill_schedule').toArray();
    return row && Number(row.due);
  }

  setDue(due: UnixMilliseconds): void {
    this.#sql.exec('INSERT OR REPLACE INTO drill_schedule (one, due) VALUES (1, ?)', due);
  }

  add(run: DrillRun): void {
    this.#sql.exec(
      `INSERT INTO drill_run
         (at, shard, epoch, seq, in_feed, verdict, ms, confirmed, late, silent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[run.at, run.shard, run.epoch ?? null, run.seq ?? null, run.inFeedMilliseconds ?? null],
      ...resultOf(run),
    );
    this.#sql.exec(
      'DELETE FROM drill_run WHERE n <= (SELECT MAX(n) FROM drill_run) - ?',
      RUNS_KEPT,
    );
  }

  /** Replaces the result of a run, of which more is known now. */
  update(n: number, result: DrillRun): void {
    this.#sql.exec(
      `UPDATE drill_run SET verdict = ?, ms = ?, confirmed = ?, late = ?, silent = ? WHERE n = ?`,
      ...resultOf(result),
      n,
    );
  }

  /** Returns the newest runs of a shard, the newest first. */
  ofShard(shard: number, max: number): readonly StoredRun[] {
    return this.#read('WHERE shard = ? ORDER BY n DESC LIMIT ?', shard, max);
  }

  /** Returns the newest runs, the newest first. */
  newest(max: number): readonly StoredRun[] {
    return this.#read('ORDER BY n DESC LIMIT ?', max);
  }

  #read(where: string, ...bindings: readonly number[]): readonly StoredRun[] {
    const rows = this.#sql.exec(`SELECT * FROM drill_run ${where}`, ...bindings).toArray();
    return rows.map((stored) => {
      const { in_feed: inFeed, ms, epoch, seq, ...row } = drillRunTable.read(stored);
      return {
        ...row,
        ...(epoch !== undefined && { epoch }),
        ...(seq !== undefined && { seq }),
        ...(inFeed !== undefined && { inFeedMilliseconds: inFeed }),
        ...(ms !== undefined && { milliseconds: ms }),
      };
    });
  }
}

const resultOf = ({ verdict, milliseconds, confirmed, late, silent }: DrillRun) => [
  ...[verdict, milliseconds ?? null, confirmed],
  ...[NAMES.write(late), NAMES.write(silent)],
];
