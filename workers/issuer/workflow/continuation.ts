import { coversGrant, type Grant } from '../../../src/capability/index.ts';
import { shareOut, tightened } from '../../../src/lifecycle/index.ts';
import { GRANTS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type {
  ContinuationFact,
  ContinuationRefusal,
  FurtherMint,
  GrantsAbove,
  NotRenewed,
  WorkflowView,
} from './binding.ts';
import type { WorkflowRows } from './rows.ts';
import { grantsAbove } from './view.ts';

/** All grants that a workflow ever gets: each step-up may add a wider form of an earlier one. */
const WORKFLOW_GRANTS_MAX = 8 * GRANTS_MAX;
/** Eight hours of half-minute tokens; each is a row. */
export const WORKFLOW_MINTS_MAX = 1_000;

/** The part of a token request that decides whether it may continue a workflow. */
export interface Continuation extends Readonly<Record<ContinuationFact, string>> {
  /** Thumbprint of the proven key; absent if the request proved none. */
  readonly holder?: string | undefined;
  readonly grants: readonly Grant[];
  /** The request may add grants, up to the number that a workflow may have. */
  readonly stepUp?: true | undefined;
}

const FACTS: readonly ContinuationFact[] = ['agent', 'subject', 'owner', 'audience', 'task'];

/**
 * Returns whether every workflow above has all of the grants. Checks each of them and not only the
 * parent: an older version let a child step up beyond its parent.
 */
export const isWithinAbove = (above: GrantsAbove, grants: readonly Grant[]): boolean =>
  above.every((one) => grants.every((grant) => coversGrant(one, grant)));

/**
 * Checks that `asked` continues `current`: the same party and key, still active, and no new grants
 * unless it steps up. The party is compared first, so that a stranger cannot learn whether the
 * workflow has ended.
 */
export function checkContinuation(
  current: WorkflowView | undefined,
  asked: Continuation,
): Result<WorkflowView, ContinuationRefusal> {
  if (!current) return refuse({ code: 'workflow_foreign', cause: 'unknown' });
  const differs = FACTS.find((fact) => current[fact] !== asked[fact]);
  if (differs) return refuse({ code: 'workflow_foreign', cause: differs });
  // A thief of both JWTs without the key must not get a capability of the same workflow.
  if (current.holder !== asked.holder) return refuse({ code: 'holder_differs' });
  if (current.state === 'suspended') return refuse({ code: 'workflow_suspended' });
  if (current.state !== 'active') return refuse({ code: 'workflow_ended', cause: current.state });
  const added = asked.grants.filter((grant) => !coversGrant(current.grants, grant));
  const isOver = asked.stepUp
    ? current.grants.length + added.length > WORKFLOW_GRANTS_MAX
    : added.length > 0;
  if (isOver) return refuse({ code: 'workflow_exceeded' });
  if (current.blocks.length >= WORKFLOW_MINTS_MAX) return refuse({ code: 'workflow_exhausted' });
  // Checked here, before the token endpoint records a mint, so that a flood does not fill the log.
  if (current.pauseSeconds !== undefined) {
    const retryAfterSeconds = current.pauseSeconds;
    return refuse({ code: 'rate_limited', of: 'workflow', retryAfterSeconds });
  }
  return ok(current);
}

/**
 * Checks a further capability and records its mint, or notes it if it is a renewal. Call it in a
 * transaction.
 */
export function continueWorkflow(
  rows: WorkflowRows,
  current: WorkflowView | undefined,
  mint: FurtherMint,
): Result<null, ContinuationRefusal | NotRenewed> {
  const checked = checkContinuation(current, mint);
  if (!checked.ok) return checked;
  if (!isWithinAbove(grantsAbove(rows, mint.id), mint.grants)) {
    return refuse({ code: 'parent_exceeded' });
  }
  const { grants, gen, ends, meters } = checked.value;
  // The workflow was resumed in the meantime: the signed token has a dead generation.
  if (mint.gen !== gen) return refuse({ code: 'workflow_suspended' });
  if (mint.expires > ends) return refuse({ code: 'workflow_ended', cause: 'expired' });
  if (mint.isRenewal) return rows.renew(mint) ? ok(null) : refuse({ code: 'not_renewed' });
  rows.recordMint(
    mint,
    mint.grants.filter((grant) => !coversGrant(grants, grant)),
  );
  rows.saveMeters(mint.id, tightened(meters, mint.budgets ?? {}));
  // A new bound applies to the children too. A child may lack a bound that its parent has.
  for (const [id, shared] of shareOut(rows.tree())) rows.saveMeters(id, shared);
  return ok(null);
}
