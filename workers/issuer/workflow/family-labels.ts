import type { DecisionRecord } from '../../../src/audit/index.ts';
import { toSeconds, type UnixSeconds } from '../../../src/clock.ts';
import type { LabelRefusal, LabelRequest } from '../../../src/labels/index.ts';
import { isTerminal, stateAt } from '../../../src/lifecycle/index.ts';
import { FAMILY_LABELS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { ReadLabel } from './binding.ts';
import type { WorkflowRows } from './rows.ts';
import type { TreeRow } from './tree-row.ts';

/**
 * The labels of what a root and the workflows below it have read. They are joined: a child that
 * reads for its parent labels both. Call every write in a transaction.
 */
export class FamilyLabelRows {
  readonly #tree: TreeRow;
  readonly #rows: WorkflowRows;

  constructor(tree: TreeRow, rows: WorkflowRows) {
    this.#tree = tree;
    this.#rows = rows;
  }

  names(): readonly string[] {
    return this.#rows.labels().map(({ label }) => label);
  }

  /** Adds labels before an answer with them is served. Returns all of them. */
  raise(request: LabelRequest, now: UnixSeconds): Result<readonly string[], LabelRefusal> {
    const row = this.#rows.find(request.workflow);
    const state = row ? stateAt(row.life, now) : 'unknown';
    if (!row || isTerminal(row.life.state)) return refuse({ code: 'workflow_stopped', state });
    return this.#add(request, now) ? ok(this.names()) : refuse({ code: 'too_many_labels' });
  }

  /** Adds the labels of a recorded call. Those that find no room are only in its record. */
  note({ workflow, tool = '', labels, allowed, observed, at }: DecisionRecord): void {
    if (!labels || !(allowed || observed)) return;
    if (workflow === undefined || !this.#rows.find(workflow)) return;
    this.#add({ workflow, tool, labels }, toSeconds(at));
  }

  /** Adds labels of earlier workflows. One that finds no room holds only the call that asked. */
  inherit(earlier: readonly ReadLabel[]): readonly string[] {
    for (const { label, at, workflow, tool } of earlier) {
      this.#add({ workflow, tool, labels: [label] }, at);
    }
    return [...new Set([...this.names(), ...earlier.map(({ label }) => label)])];
  }

  #add({ workflow, tool, labels }: LabelRequest, at: UnixSeconds): boolean {
    const known = new Set(this.names());
    const added = [...new Set(labels)].filter((label) => !known.has(label));
    if (added.length === 0) return true;
    if (known.size + added.length > FAMILY_LABELS_MAX) return false;
    const rows = added.map((label): ReadLabel => ({ label, at, workflow, tool }));
    this.#tree.change({ labels: [...this.#rows.labels(), ...rows] });
    return true;
  }
}
