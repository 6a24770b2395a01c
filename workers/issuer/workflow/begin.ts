import { ANCESTORS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { carve, metersOf } from '../../../src/workflow/index.ts';
import type { BeginRefusal } from './binding.ts';
import { isWithinAbove } from './continuation.ts';
import type { WorkflowStart } from './contract.ts';
import type { WorkflowRows } from './rows.ts';
import { grantsDownTo } from './view.ts';

/**
 * Begins a root, or a child whose share is carved out of its parent; in a transaction of the
 * caller's. A parent that has been stopped since the child's token was signed refuses.
 */
export function begin(
  rows: WorkflowRows,
  start: WorkflowStart,
  now: number,
): Result<null, BeginRefusal> {
  if (rows.find(start.id)) return refuse({ code: 'workflow_exists' });
  const { parent, budgets = {}, asked = {} } = start;
  if (parent === undefined) {
    const depth = Math.min(budgets.delegationDepth ?? ANCESTORS_MAX, ANCESTORS_MAX);
    rows.insert(start, { ends: start.ends, depth }, metersOf(budgets));
  } else {
    // The last word, by the rows: the mint has compared with the capability that it was shown.
    if (!isWithinAbove(grantsDownTo(rows, parent), start.grants)) {
      return refuse({ code: 'parent_exceeded' });
    }
    const carved = carve(rows.tree(), parent, { budgets, asked }, now);
    if (!carved.ok) return carved;
    const { depth, meters, parentMeters } = carved.value;
    const ends = Math.min(start.ends, carved.value.ends);
    rows.saveMeters(parent, parentMeters);
    rows.insert(start, { ends, depth }, meters);
    rows.touch(parent, now);
  }
  rows.recordMint(start, []);
  return ok(null);
}
