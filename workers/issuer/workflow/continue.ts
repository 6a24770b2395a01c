import { coversGrant } from '../../../src/capability/index.ts';
import { shareOut, tightened } from '../../../src/lifecycle/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { FurtherMint } from './binding.ts';
import { type ContinuationRefusal, checkContinuation, isWithinAbove } from './continuation.ts';
import type { WorkflowView } from './contract.ts';
import type { WorkflowRows } from './rows.ts';
import { grantsAbove } from './view.ts';

/** Writes down a further capability of `held`, in a transaction of the caller's, or refuses it. */
export function continueWorkflow(
  rows: WorkflowRows,
  held: WorkflowView | undefined,
  mint: FurtherMint,
): Result<null, ContinuationRefusal> {
  const checked = checkContinuation(held, mint);
  if (!checked.ok) return checked;
  if (!isWithinAbove(grantsAbove(rows, mint.id), mint.grants)) {
    return refuse({ code: 'parent_exceeded' });
  }
  const { grants, gen, ends, meters } = checked.value;
  // Resumed meanwhile: what was signed is of the generation before, and dead.
  if (mint.gen !== gen) return refuse({ code: 'workflow_suspended' });
  if (mint.expires > ends) return refuse({ code: 'workflow_ended', cause: 'expired' });
  rows.recordMint(
    mint,
    mint.grants.filter((grant) => !coversGrant(grants, grant)),
  );
  rows.saveMeters(mint.id, tightened(meters, mint.budgets ?? {}));
  // A bound that is new to it is new to those below, and a child may lack one of its parent's.
  for (const [id, shared] of shareOut(rows.tree())) rows.saveMeters(id, shared);
  return ok(null);
}
