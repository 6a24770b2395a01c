import type { Grant } from '../../../src/capability/index.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import { ancestorsOf, isTerminal, stateAt, tokensEndOf } from '../../../src/lifecycle/index.ts';
import type { GrantsAbove, MintView, ViewStanding, WorkflowView } from './binding.ts';
import { type Intents, revocationId } from './intents.ts';
import { boundsOfAll, MINT_WINDOW_SECONDS } from './mints.ts';
import { describeRenewals } from './renewals.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';

/** A workflow renews twice a minute and steps up at times; each mint costs a signature and rows. */
export const MINTS_PER_MINUTE_MAX = 60;

/** Returns a workflow as its readers see it; undefined for one that never began. */
export function viewOf(
  rows: WorkflowRows,
  intents: Intents,
  id: string,
  now: UnixSeconds,
): WorkflowView | undefined {
  const tree = rows.tree();
  const row = tree.find(({ life }) => life.id === id);
  if (!row) return undefined;
  const { start, life, inForce, meters, mintDigest, renewals } = row;
  const labels = rows.labels();
  const mints = rows.mints(id);
  const revocation = intents.find(revocationId(id, id));
  const { record, seq } = revocation ?? {};
  const newest = mints.slice(-MINTS_PER_MINUTE_MAX).map(({ at }) => at);
  const pauseSeconds = pauseBeforeMint(newest.reverse(), now);
  return {
    ...start,
    ...(mintDigest !== undefined && { mintDigest }),
    ...describeRenewals(renewals),
    ...boundsOfAll(mints),
    ...(mints.some(({ added }) => added.length > 0) && { steppedUp: true as const }),
    grants: grantsOf(rows, row),
    blocks: mints.map(({ block }) => block),
    gen: life.gen,
    ends: life.ends,
    expires: life.tokensEnd,
    // A decision counts at once, except a resumption, which waits until it is in the feed: a token
    // of the new generation would meet verifiers that still consider the workflow suspended.
    state: life.state === 'active' && inForce === 'suspended' ? inForce : stateAt(life, now),
    standing: {
      ordered: stateAt(life, now),
      inForce,
      tokensEnd: tokensEndOf(tree, id),
      ...lastStop(intents, [...ancestorsOf(tree, id), id]),
    },
    ...(pauseSeconds !== undefined && { pauseSeconds }),
    ancestors: ancestorsOf(tree, id),
    children: tree.filter(({ parent }) => parent === id).map((child) => child.life.id),
    meters,
    ...(labels.length > 0 && { labels }),
    ...(record?.event === 'revocation' &&
      seq !== undefined && {
        revocation: { actor: record.actor, reason: record.reason, seq },
      }),
    ...(isTerminal(life.state) && row.endedAt !== undefined && { endedAt: row.endedAt }),
  };
}

/** Returns the newest feed entry that stops one of the workflows from the root down. */
function lastStop(intents: Intents, line: readonly string[]): Pick<ViewStanding, 'entry'> {
  const { epoch, seq } = intents.lastStopOf(line) ?? {};
  return epoch === undefined || seq === undefined ? {} : { entry: { epoch, seq } };
}

/** All grants of a workflow: those of its begin, and those added since. */
const grantsOf = (rows: WorkflowRows, { start }: WorkflowRow): readonly Grant[] => [
  ...start.grants,
  ...rows.mints(start.id).flatMap(({ added }) => added),
];

/** Returns what each workflow from the root down to this one was granted, root first. */
export function grantsDownTo(rows: WorkflowRows, id: string): GrantsAbove {
  const tree = rows.tree();
  const line = new Set([...ancestorsOf(tree, id), id]);
  return tree.filter(({ life }) => line.has(life.id)).map((row) => grantsOf(rows, row));
}

/** Returns what each workflow above this one was granted, root first; empty for a root. */
export function grantsAbove(rows: WorkflowRows, id: string): GrantsAbove {
  const parent = rows.find(id)?.parent;
  return parent === undefined ? [] : grantsDownTo(rows, parent);
}

/** Returns a workflow as a further mint or the mint of a child needs it. */
export function mintViewOf(
  rows: WorkflowRows,
  view: WorkflowView | undefined,
  block: string | undefined,
): MintView | undefined {
  if (!view) return undefined;
  const granted = block === undefined ? undefined : rows.granted(block);
  return { view, above: grantsAbove(rows, view.id), ...(granted && { granted }) };
}

/**
 * Returns the seconds until the next mint is allowed; undefined if it is allowed now. `newest` has
 * the times of the newest mints, newest first, at most `MINTS_PER_MINUTE_MAX` of them.
 */
export function pauseBeforeMint(
  newest: readonly UnixSeconds[],
  now: UnixSeconds,
): number | undefined {
  const oldest = newest.length < MINTS_PER_MINUTE_MAX ? undefined : newest.at(-1);
  if (oldest === undefined) return undefined;
  const age = now - oldest;
  // A clock that was set back makes ages negative: such a mint counts as within the window.
  if (age >= MINT_WINDOW_SECONDS) return undefined;
  return Math.min(MINT_WINDOW_SECONDS, MINT_WINDOW_SECONDS - age);
}
