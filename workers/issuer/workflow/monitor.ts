import type { DecisionRecord } from '../../../src/audit/index.ts';
import { readSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { isOneOfCodes } from '../../../src/denials/index.ts';
import { HISTORY_CODES, type HistoryRule, noteHistory } from '../../../src/history/index.ts';
import {
  count,
  DENIALS,
  endOf,
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
import type { Tables } from '../platform/on-demand.ts';
import { FINDING } from './columns.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';
import type { Rulebook } from './rulebook.ts';
import type { StoredDenial } from './tree.ts';
import type { TreeRow } from './tree-row.ts';

/** The rules read this many denials; more in the window is a storm. */
const RULE_RECORDS_MAX = 256;
/**
 * Verifiers that report on one tree: its audiences times their instances, with room for restarts.
 */
const VERIFIERS_MAX = 128;

export interface StoredFinding extends Finding {
  readonly id: string;
  readonly workflow: string;
}

interface MonitorParts {
  readonly sql: SqlStorage;
  readonly tables: Tables;
  readonly tree: TreeRow;
  readonly rows: WorkflowRows;
}

/**
 * Counts the decision records of one object's workflows against their budgets, each record once,
 * and evaluates the deviation rules over them.
 */
export class DeviationMonitor {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  readonly #tree: TreeRow;
  readonly #rows: WorkflowRows;

  constructor({ sql, tables, tree, rows }: MonitorParts) {
    this.#sql = sql;
    this.#tables = tables;
    this.#tree = tree;
    this.#rows = rows;
  }

  /** Takes a batch. Call it in a transaction. A batch that arrives twice is counted once. */
  take(
    records: readonly DecisionRecord[],
    rulebook: Rulebook,
    rules: readonly HistoryRule[],
  ): void {
    const arrived: StoredDenial[] = [];
    for (const record of records) {
      const { workflow, verifier, n } = record;
      const row = workflow === undefined ? undefined : this.#rows.find(workflow);
      if (workflow === undefined || !row || !this.#isNew(verifier, n)) continue;
      this.#count(row, record);
      this.#note(record, rules);
      arrived.push({ n: this.#next(), workflow, record: observedOf(record) });
    }
    for (const [workflow, own] of Map.groupBy(arrived, (one) => one.workflow)) {
      const newest = own.at(-1)?.record.at ?? 0;
      const before = this.#denials(workflow).filter(({ record }) => isRecent(record, newest));
      // The rules read an allowed call once, when it arrives: an agent must not be able to push its
      // denials out with allowed calls.
      this.#judge(
        workflow,
        [...before, ...own.filter(({ record }) => isRecent(record, newest))],
        rulebook,
      );
      const denials = own.filter(({ record }) => !record.allowed);
      this.#keep(workflow, [...before, ...denials]);
    }
  }

  /** Notes that a budget was exceeded, once per generation. `record` is the evidence. */
  overrun(workflow: string, record: string): void {
    const { gen = 0 } = this.#rows.find(workflow)?.life ?? {};
    const { overruns } = this.#tree.read();
    if (overruns.some((one) => one.workflow === workflow && one.gen === gen)) return;
    this.#tree.change({ overruns: [...overruns, { workflow, gen, record }] });
  }

  /** Evaluates the rules and stores each finding once. Acting on a finding is a later step. */
  judge(workflow: string, rulebook: Rulebook): void {
    this.#judge(workflow, this.#denials(workflow), rulebook);
  }

  #judge(
    workflow: string,
    observed: readonly StoredDenial[],
    { rules, tripwires }: Rulebook,
  ): void {
    const row = this.#rows.find(workflow);
    if (!row) return;
    const stepUps = this.#rows.stepUps(workflow);
    const overruns = this.#overruns(workflow);
    for (const rule of rules) {
      const last = this.#lastFinding(workflow, rule.id);
      const input = {
        records: observed.filter(({ n }) => n > last.record).map(({ record }) => record),
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
    if (!this.#tables.has('finding')) return [];
    return this.#sql
      .exec('SELECT id, workflow, finding FROM finding WHERE done = 0 ORDER BY n')
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
    const { verifiers } = this.#tree.read();
    const known = verifiers.find(([name]) => name === verifier);
    if (known && n <= known[1]) return false;
    const others = verifiers.filter((one) => one !== known);
    this.#tree.change({ verifiers: [...others, [verifier, n] as const].slice(-VERIFIERS_MAX) });
    return true;
  }

  #next(): number {
    const n = this.#tree.read().counted + 1;
    this.#tree.change({ counted: n });
    return n;
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

  /** Shows the rules over history a call that was not charged, such as a denied one. */
  #note(record: DecisionRecord, rules: readonly HistoryRule[]): void {
    const event = rules.length === 0 ? undefined : eventOf(record);
    if (!event) return;
    const { history } = this.#tree.read();
    const at = Math.min(Math.floor(record.at / 1000), readSeconds());
    const noted = noteHistory(rules, history, event, at);
    if (noted !== history) this.#tree.change({ history: noted });
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

  #denials(workflow: string): readonly StoredDenial[] {
    return this.#tree.read().denials.filter((one) => one.workflow === workflow);
  }

  #keep(workflow: string, denials: readonly StoredDenial[]): void {
    const others = this.#tree.read().denials.filter((one) => one.workflow !== workflow);
    this.#tree.change({ denials: [...others, ...denials.slice(-RULE_RECORDS_MAX)] });
  }

  #overruns(workflow: string): readonly (readonly string[])[] {
    return this.#tree
      .read()
      .overruns.filter((one) => one.workflow === workflow)
      .map(({ record }) => [record]);
  }

  /** Returns how far a rule had looked when it last held: evidence is used once. */
  #lastFinding(workflow: string, rule: string): LastFinding {
    if (!this.#tables.has('finding')) return { record: 0, overruns: 0 };
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
    const id = `deviation.${workflow}.${finding.rule}.${finding.version}.${newest}`;
    this.#tables.ensure('finding');
    if (this.#sql.exec('SELECT 1 FROM finding WHERE id = ?', id).toArray().length > 0) return;
    this.#sql.exec(
      `INSERT INTO finding (id, workflow, rule, upto, overruns, finding, done)
       VALUES (?, ?, ?, ?, ?, ?, 0)`,
      ...[id, workflow, finding.rule, this.#tree.read().counted],
      ...[this.#overruns(workflow).length, FINDING.write(finding)],
    );
  }
}

const isRecent = ({ at }: ObservedRecord, newest: UnixMilliseconds): boolean =>
  at >= newest - RULE_WINDOW_SECONDS * 1000;

function observedOf(record: DecisionRecord): ObservedRecord {
  const { id, at, allowed, code, tool, datasets, tier } = record;
  return { id, at, allowed, code, tool, datasets, tier, ...(invites(record) && { invites: true }) };
}

/**
 * Returns what rules over history learn from a record. Returns undefined if the call was charged.
 */
function eventOf({ allowed, charged, tool, code, outcome }: DecisionRecord) {
  if (tool === undefined || charged) return undefined;
  if (allowed) return { tool, end: endOf(outcome?.result) };
  if (isOneOfCodes(OUTAGES, code)) return undefined;
  const isByHistory = isOneOfCodes(HISTORY_CODES, code);
  return { tool, end: 'failed' as const, ...(isByHistory && { isByHistory }) };
}

/** Whether the verifier's denial told the agent to step up: decided by the verifier's own rule. */
const invites = ({ allowed, code, detail }: DecisionRecord): boolean => {
  const { block } = detail ?? {};
  return !allowed && invitesStepUp({ code, ...(typeof block === 'number' && { block }) });
};
