import { isHeld } from '../../../src/capability/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { shareOut, tightened } from '../../../src/workflow/index.ts';
import { type ContinuationRefusal, checkContinuation, isWithinAbove } from './continuation.ts';
import type { WorkflowStart, WorkflowView } from './contract.ts';
import type { WorkflowRows } from './rows.ts';
import { grantsAbove } from './view.ts';

/** A later mint of a workflow that has begun. */
export type FurtherMint = WorkflowStart & { readonly stepUp?: true | undefined };

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
  const paced = checkPace(rows.newestMints(mint.id, MINTS_PER_MINUTE_MAX), mint.startedAt);
  if (!paced.ok) return paced;
  rows.recordMint(
    mint,
    mint.grants.filter((grant) => !isHeld(grants, grant)),
  );
  rows.saveMeters(mint.id, tightened(meters, mint.budgets ?? {}));
  // A bound that is new to it is new to those below, and a child may lack one of its parent's.
  for (const [id, shared] of shareOut(rows.tree())) rows.saveMeters(id, shared);
  return ok(null);
}

/**
 * A workflow renews twice a minute and steps up now and then; each mint is a signature and rows.
 */
export const MINTS_PER_MINUTE_MAX = 60;
const WINDOW_SECONDS = 60;

/** `newest` are the times of the newest mints, newest first, as many as a minute may have. */
export function checkPace(
  newest: readonly number[],
  now: number,
): Result<null, ContinuationRefusal> {
  const oldest = newest.length < MINTS_PER_MINUTE_MAX ? undefined : newest.at(-1);
  if (oldest === undefined) return ok(null);
  const age = now - oldest;
  // A clock that was set back makes ages negative: they count as within the window, and wait it
  // out.
  if (age >= WINDOW_SECONDS) return ok(null);
  const retryAfterSeconds = Math.min(WINDOW_SECONDS, WINDOW_SECONDS - age);
  return refuse({ code: 'rate_limited', of: 'workflow', retryAfterSeconds });
}
