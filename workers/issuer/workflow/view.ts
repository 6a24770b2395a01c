import type { Grant } from '../../../src/capability/index.ts';
import { ancestorsOf, isTerminal, stateAt, tokensEndOf } from '../../../src/lifecycle/index.ts';
import type { GrantsAbove } from './continuation.ts';
import type { ViewStanding, WorkflowView } from './contract.ts';
import type { Intents } from './intents.ts';
import { MINTS_PER_MINUTE_MAX, pauseAfter } from './pace.ts';
import { revocationId } from './revocation.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';

/** A workflow as its readers see it; `now` is unix seconds. */
export function viewOf(
  rows: WorkflowRows,
  intents: Intents,
  id: string,
  now: number,
): WorkflowView | undefined {
  const tree = rows.tree();
  const row = tree.find(({ life }) => life.id === id);
  if (!row) return undefined;
  const { start, life, inForce, meters } = row;
  const mints = rows.mints(id);
  const revocation = intents.find(revocationId(id, id));
  const { record, seq } = revocation ?? {};
  const pauseSeconds = pauseAfter(rows.newestMints(id, MINTS_PER_MINUTE_MAX), now);
  return {
    ...start,
    ...rows.bounds(id),
    ...(mints.some(({ added }) => added.length > 0) && { steppedUp: true as const }),
    grants: grantsOf(rows, row),
    blocks: mints.map(({ block }) => block),
    gen: life.gen,
    ends: life.ends,
    expires: life.tokensEnd,
    // What was decided counts at once. A resumption alone waits until everybody has it: a token of
    // the new generation would meet verifiers for which the workflow is still suspended.
    state: life.state === 'active' && inForce === 'suspended' ? inForce : stateAt(life, now),
    standing: {
      ordered: stateAt(life, now),
      inForce,
      tokensEnd: tokensEndOf(tree, id),
      ...entryOf(intents, [...ancestorsOf(tree, id), id]),
    },
    ...(pauseSeconds !== undefined && { pauseSeconds }),
    ancestors: ancestorsOf(tree, id),
    children: tree.filter(({ parent }) => parent === id).map((child) => child.life.id),
    meters,
    ...(record?.event === 'revocation' &&
      seq !== undefined && {
        revocation: { actor: record.actor, reason: record.reason, seq },
      }),
    ...(isTerminal(life.state) && row.endedAt !== undefined && { endedAt: row.endedAt }),
  };
}

/** The newest stop of the line from the root down that the feed has. */
function entryOf(intents: Intents, line: readonly string[]): Pick<ViewStanding, 'entry'> {
  const { epoch, seq } = intents.lastStopOf(line) ?? {};
  return epoch === undefined || seq === undefined ? {} : { entry: { epoch, seq } };
}

/** All that a workflow was granted: at its begin, and what was added since. */
const grantsOf = (rows: WorkflowRows, { start }: WorkflowRow): readonly Grant[] => [
  ...start.grants,
  ...rows.mints(start.id).flatMap(({ added }) => added),
];

/** What each workflow from the root down to this one was granted, root first. */
export function grantsDownTo(rows: WorkflowRows, id: string): GrantsAbove {
  const tree = rows.tree();
  const line = new Set([...ancestorsOf(tree, id), id]);
  return tree.filter(({ life }) => line.has(life.id)).map((row) => grantsOf(rows, row));
}

/** What each workflow above was granted, root first; empty for a root. */
export function grantsAbove(rows: WorkflowRows, id: string): GrantsAbove {
  const parent = rows.find(id)?.parent;
  return parent === undefined ? [] : grantsDownTo(rows, parent);
}
