import type { DecisionRecord } from '../../../src/audit/index.ts';
import { isOneOfCodes } from '../../../src/denials/index.ts';
import {
  count,
  DENIALS,
  exceeded,
  type Finding,
  findDeviations,
  isTerminal,
  type Meters,
  type ObservedRecord,
  OUTAGES,
  type Rule,
  spendsOf,
  type Tripwires,
} from '../../../src/lifecycle/index.ts';
import { RULE_WINDOW_SECONDS } from '../../../src/limits.ts';
import { invitesStepUp } from '../../../src/verifier/index.ts';
import { FINDING, OBSERVED } from './columns.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';

const RULE_RECORDS_MAX = 256; // Looked at by the rules; more within a minute is a storm.

export interface StoredFinding extends Finding {
  readonly id: string;
  readonly workflow: string;
}

export interface Rulebook {
  readonly rules: readonly Rule[];
  readonly tripwires: Tripwires;
}

/** Decision records as they reach the workflows of one object: counted once, and looked at. */
export class DeviationMonitor {
  readonly #sql: SqlStorage;
  readonly #rows: WorkflowRows;

  constructor(sql: SqlStorage, rows: WorkflowRows) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Takes a batch in; in a transaction of the caller's. A batch that comes twice counts once. */
  take(records: readonly DecisionRecord[], book: Rulebook): void {
    const touched = new Set<string>();
    for (const record of records) {
      const { workflow, verifier, n } = record;
      if (workflow === undefined || !this.#isNew(verifier, n)) continue;
      const row = this.#rows.find(workflow);
      if (!row) continue;
      this.#count(row, record);
      this.#keep(workflow, record);
      touched.add(workflow);
    }
    for (const workflow of touched) this.judge(workflow, book);
  }

  /** That more was wanted than there was; `record` is the evidence. Once for each generation. */
  overrun(workflow: string, record: string): void {
    const { gen = 0 } = this.#rows.find(workflow)?.life ?? {};
    this.#sql.exec(
      'INSERT INTO overrun (workflow, gen, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      ...[workflow, gen, record],
    );
  }

  /** Stores what the rules find, each finding once; acting on it comes after. */
  judge(workflow: string, book: Rulebook): void {
    const row = this.#rows.find(workflow);
    if (!row) return;
    const answered = this.#rows.stepUps(workflow);
    for (const rule of book.rules) {
      const { after, overrunsAfter } = this.#lookedAt(workflow, rule.id);
      // There is nothing left to stop: said once, it is not said for every retry.
      if (rule.condition.kind === 'used_after_end' && after > 0) continue;
      const scene = {
        records: this.#observed(workflow, after),
        tripwires: book.tripwires,
        overruns: this.#overruns(workflow),
        answered,
        ...(row.endedAt !== undefined && { endedAt: row.endedAt }),
      };
      // A budget is run over anew, or there is nothing new to say of it.
      if (rule.condition.kind === 'budget' && scene.overruns.length <= overrunsAfter) continue;
      for (const finding of findDeviations([rule], scene)) this.#store(workflow, finding);
    }
  }

  /** What was found and not acted upon, hardest first. */
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

  /** A verifier's records come in order, and a batch that is sent again comes before the next. */
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
    // A sum that only a charge can count, on a call that nobody charged: it is not let pass unseen.
    const isUnmeasured = !spends.ok;
    let isOver = isUnmeasured;
    if (spends.ok) {
      const meters = this.#add(row, spends.value);
      const before = new Set(exceeded(row.meters));
      isOver = exceeded(meters).some((key) => spends.value.has(key) || !before.has(key));
    }
    // What runs on while a suspension is on its way does not count against it again.
    if (isOver && (state === 'active' || state === 'completing')) this.overrun(id, record.id);
  }

  /** A share that was given back is the parent's, and so is what still arrives of it. */
  #add(row: WorkflowRow, spends: ReadonlyMap<string, number>): Meters {
    const meters = count(row.meters, spends);
    this.#rows.saveMeters(row.life.id, meters);
    const parent = row.endedAt === undefined ? undefined : row.parent;
    const above = parent === undefined ? undefined : this.#rows.find(parent);
    if (above) this.#add(above, spends);
    return meters;
  }

  #keep(workflow: string, record: DecisionRecord): void {
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
      // Each kind by itself: an agent must not push its denials out with allowed calls.
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

  /** What a rule has found is evidence once. */
  #lookedAt(workflow: string, rule: string): { after: number; overrunsAfter: number } {
    const [row] = this.#sql
      .exec(
        'SELECT MAX(upto) AS upto, MAX(overruns) AS overruns FROM finding WHERE workflow = ? AND rule = ?',
        ...[workflow, rule],
      )
      .toArray();
    return { after: Number(row?.upto ?? 0), overrunsAfter: Number(row?.overruns ?? 0) };
  }

  #store(workflow: string, finding: Finding): void {
    const [last = ''] = finding.evidence.slice(-1);
    const { upto } = this.#sql.exec('SELECT COALESCE(MAX(n), 0) AS upto FROM observed').one();
    this.#sql.exec(
      `INSERT INTO finding (id, workflow, rule, upto, overruns, finding, done)
       VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
      ...[`deviation.${workflow}.${finding.rule}.${finding.version}.${last}`, workflow],
      ...[finding.rule, Number(upto), this.#overruns(workflow).length, FINDING.write(finding)],
    );
  }
}

/** What a verifier's record tells: it is the same that the verifier has decided by. */
const invites = ({ allowed, code, detail }: DecisionRecord): boolean => {
  const { block } = detail ?? {};
  return !allowed && invitesStepUp({ code, ...(typeof block === 'number' && { block }) });
};
