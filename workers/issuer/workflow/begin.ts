import type { UnixSeconds } from '../../../src/clock.ts';
import { type Carved, carve, metersOf } from '../../../src/lifecycle/index.ts';
import { ANCESTORS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { BeginRefusal, ShareRefusal, WorkflowStart } from './binding.ts';
import { isWithinAbove } from './continuation.ts';
import type { WorkflowRows } from './rows.ts';
import { grantsDownTo } from './view.ts';

/**
 * Begins a root, or a child whose share is carved out of its parent. Call it in a transaction. A
 * parent that was stopped after the child's token was signed refuses.
 */
export function begin(
  rows: WorkflowRows,
  start: WorkflowStart,
  now: UnixSeconds,
): Result<null, BeginRefusal> {
  if (rows.find(start.id)) return refuse({ code: 'workflow_exists' });
  const { parent, budgets = {} } = start;
  if (parent === undefined) {
    const depth = Math.min(budgets.delegationDepth ?? ANCESTORS_MAX, ANCESTORS_MAX);
    rows.insert(start, { ends: start.ends, depth, mintedAt: now }, metersOf(budgets));
  } else {
    const carved = carveShare(rows, { ...start, parent }, now);
    if (!carved.ok) return carved;
    const { depth, meters, parentMeters } = carved.value;
    const ends = Math.min(start.ends, carved.value.ends);
    rows.saveMeters(parent, parentMeters);
    rows.insert(start, { ends, depth, mintedAt: now }, meters);
    rows.touch(parent, now);
  }
  return ok(null);
}

/**
 * Returns whether `begin` would accept the workflow now; `begin` decides again. The token endpoint
 * calls it before it records a mint, so that refused children do not fill the log.
 */
export function mayBegin(
  rows: WorkflowRows,
  { parent, ...start }: WorkflowStart,
  now: UnixSeconds,
): Result<null, ShareRefusal> {
  if (parent === undefined) return ok(null);
  const carved = carveShare(rows, { ...start, parent }, now);
  return carved.ok ? ok(null) : carved;
}

/** Compares with the stored rows. The mint has compared with the capability that it was shown. */
function carveShare(
  rows: WorkflowRows,
  { parent, grants, budgets = {}, asked = {} }: WorkflowStart & { readonly parent: string },
  now: UnixSeconds,
): Result<Carved, ShareRefusal> {
  if (!isWithinAbove(grantsDownTo(rows, parent), grants)) {
    return refuse({ code: 'parent_exceeded' });
  }
  return carve(rows.tree(), parent, { budgets, asked }, now);
}
