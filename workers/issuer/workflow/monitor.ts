import type { DecisionRecord } from '../../../src/audit/index.ts';
import { isOneOfCodes } from '../../../src/denials/index.ts';
import {
  count,
  DENIALS,
  exceeded,
  type Finding,
  findDeviations,
  isTerminal,
  type LastFinding,
  type Meters,
  mayHoldAgain,
  type ObservedRecord,
  OUTAGES,
  spendsOf,
} from '../../../src/lifecycle/index.ts';
import { RULE_WINDOW_SECONDS } from '../../../src/limits.ts';
import { invitesStepUp } from '../../../src/verifier/index.ts';
import { FINDING, OBSERVED } from './columns.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';
import type { Rulebook } from './rulebook.ts';

/** The rules read this many denials and this many allowed calls; more in the window is a storm. */
const RULE_RECORDS_MAX = 256;

export interface StoredFinding extends Finding {
  readonly id: string;
  readonly workflow: string;
}

/**
 * Counts the decision records of one object's workflows against their budgets, each record once,
 * and evaluates the deviation rules over them.
 */
export class DeviationMonitor {
  readonly #sql: SqlStorage;
  readonly #rows: WorkflowRows;

  constructor(sql: SqlStorage, rows: WorkflowRows) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Takes a batch. Call it in a transaction. A batch that arrives twice is counted once. */
  take(records: readonly DecisionRecord[], rulebook: Rulebook): void {
    const touched = new Set<string>();
    for (const record of records) {
      const { workflow, verifier, n } = record;
      if (workflow === undefined || !this.#isNew(verifier, n)) continue;
      const row = this.#rows.find(workflow);
      if (!row) continue;
      this.#count(row, record);
      this.#observe(workflow, record);
      touched.add(workflow);
    }
    for (const workflow of touched) this.judge(workflow, rulebook);
  }

  /** Notes that a budget was exceeded, once per generation. `record` is the evidence. */
  overrun(workflow: string, record: string): void {
    const { gen = 0 } = this.#rows.find(workflow)?.life ?? {};
    this.#sql.exec(
      'INSERT INTO overrun (workflow, gen, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      ...[workflow, gen, record],
    );
  }

  /** Evaluates the rules and stores each finding once. Acting on a finding is a later step. */
  judge(workflow: string, { rules, tripwires }: Rulebook): void {
    const row = this.#rows.find(workflow);
    if (!row) return;
    const stepUps = this.#rows.stepUps(workflow);
    const overruns = this.#overruns(workflow);
    for (const rule of rules) {
      const last = this.#lastFinding(workflow, rule.id);
      const input = {
        records: this.#observed(workflow, last.record),
        tripwires,
        overruns,
        stepUps,
        ...(row.endedAt !== undefined && { endedAt: row.endedAt }),
      };
      if (!mayHoldAgain(rule.condition, last, input)) continue;
      for (const finding of findDeviations([rule], input)) this.#store(workflow, finding);
    }
  }

  /** Returns the findings that were not acted on yet, harshest first. */
  open(): readonly StoredFinding[] {
    return this.#sql
      .exec('SELECT id, workflow, finding FROM finding WHERE done = 0 ORDER BY rowid')
      .toArray()
      .map(({ id, workflow, finding }) => ({
        id: String(id),
        workflow: String(workflow),
        ...FINDING.read(finding),
      }));
  }

  done(id: string): void {
    this.#sql.exec('UPDATE finding SET done = 1 WHERE id = ?', id);
  }

  /** A verifier sends its records in order, and repeats a batch before it sends the next one. */
  #isNew(verifier: string, n: number): boolean {
    const [known] = this.#sql.exec('SELECT n FROM verifier WHERE id = ?', verifier).toArray();
    if (known && n <= Number(known.n)) return false;
    this.#sql.exec(
      'INSERT INTO verifier (id, n) VALUES (?, ?) ON CONFLICT DO UPDATE SET n = excluded.n',
      ...[verifier, n],
    );
    return true;
  }

  #count(row: WorkflowRow, record: DecisionRecord): void {
    const { id, state } = row.life;
    const { allowed, charged, tool, code } = record;
    if (!allowed && isOneOfCodes(OUTAGES, code)) return;
    const spends = allowed
      ? tool !== undefined && !charged && spendsOf(row.meters, { tool })
      : { ok: true as const, value: new Map([[DENIALS, 1]]) };
    if (allowed && !isTerminal(state)) this.#rows.touch(id, record.at / 1000);
    if (!spends) return;
    // The tool has a summed argument, which only a charge can measure, and no one charged the call.
    const isUnmeasured = !spends.ok;
    let isOver = isUnmeasured;
    if (spends.ok) {
      const meters = this.#add(row, spends.value);
      const before = new Set(exceeded(row.meters));
      isOver = exceeded(meters).some((key) => spends.value.has(key) || !before.has(key));
    }
    // Calls that continue while a suspension is on its way are not held against the workflow again.
    if (isOver && (state === 'active' || state === 'completing')) this.overrun(id, record.id);
  }

  /** After a child's end its share is the parent's again, and so are its late records. */
  #add(row: WorkflowRow, spends: ReadonlyMap<string, number>): Meters {
    const meters = count(row.meters, spends);
    this.#rows.saveMeters(row.life.id, meters);
    const parent = row.endedAt === undefined ? undefined : row.parent;
    const above = parent === undefined ? undefined : this.#rows.find(parent);
    if (above) this.#add(above, spends);
    return meters;
  }

  #observe(workflow: string, record: DecisionRecord): void {
    const { id, at, allowed, code, tool, datasets, tier } = record;
    const seen = { id, at, allowed, code, tool, datasets, tier };
    const observed: ObservedRecord = { ...seen, ...(invites(record) && { invites: true }) };
    this.#sql.exec(
      'INSERT INTO observed (workflow, at, record) VALUES (?, ?, ?)',
      ...[workflow, at, OBSERVED.write(observed)],
    );
    this.#sql.exec(
      `DELETE FROM observed WHERE workflow = ?1 AND (at < ?2 OR n <= (
         SELECT n FROM observed WHERE workflow = ?1 AND json_extract(record, '$.allowed') = ?4
         ORDER BY n DESC LIMIT 1 OFFSET ?3) AND json_extract(record, '$.allowed') = ?4)`,
      // Separate bounds: an agent must not be able to push its denials out with allowed calls.
      ...[workflow, at - RULE_WINDOW_SECONDS * 1000, RULE_RECORDS_MAX, allowed ? 1 : 0],
    );
  }

  #observed(workflow: string, after: number): readonly ObservedRecord[] {
    return this.#sql
      .exec('SELECT record FROM observed WHERE workflow = ? AND n > ? ORDER BY n', workflow, after)
      .toArray()
      .map(({ record }) => OBSERVED.read(record));
  }

  #overruns(workflow: string): readonly (readonly string[])[] {
    return this.#sql
      .exec('SELECT record FROM overrun WHERE workflow = ? ORDER BY gen', workflow)
      .toArray()
      .map(({ record }) => [String(record)]);
  }

  /** Returns how far a rule had looked when it last held: evidence is used once. */
  #lastFinding(workflow: string, rule: string): LastFinding {
    const [row] = this.#sql
      .exec(
        'SELECT MAX(upto) AS upto, MAX(overruns) AS overruns FROM finding WHERE workflow = ? AND rule = ?',
        ...[workflow, rule],
      )
      .toArray();
    return { record: Number(row?.upto ?? 0), overruns: Number(row?.overruns ?? 0) };
  }

  #store(workflow: string, finding: Finding): void {
    const [newest = ''] = finding.evidence.slice(-1);
    const { upto } = this.#sql.exec('SELECT COALESCE(MAX(n), 0) AS upto FROM observed').one();
    this.#sql.exec(
      `INSERT INTO finding (id, workflow, rule, upto, overruns, finding, done)
       VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
      ...[`deviation.${workflow}.${finding.rule}.${finding.version}.${newest}`, workflow],
      ...[finding.rule, Number(upto), this.#overruns(workflow).length, FINDING.write(finding)],
    );
  }
}

/** Whether the verifier's denial told the agent to step up: decided by the verifier's own rule. */
const invites = ({ allowed, code, detail }: DecisionRecord): boolean => {
  const { block } = detail ?? {};
  return !allowed && invitesStepUp({ code, ...(typeof block === 'number' && { block }) });
};
