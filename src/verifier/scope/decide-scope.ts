import { type CheckReading, readChecks, sourceOf } from '../../bounds/index.ts';
import type { JsonObject } from '../../canonical-json.ts';
import { callFacts, checkCall, type FailedCheck, grantedDatasets } from '../../capability/index.ts';
import { CALL_DATASETS_MAX } from '../../limits.ts';
import type { AcceptedToken, VerifierContext } from '../acceptance.ts';
import type { Decision, Denial, Evidence } from '../decision.ts';
import { denialOf } from '../token-checks.ts';
import type { VerifyRequest } from '../verify-request.ts';
import { intersectRoots } from './datasets.ts';
import { missingIn, RetrievalScope } from './retrieval-scope.ts';

/** The result of `Verifier.scope`: a decision as about a call, and the scope if it is allowed. */
export type ScopeDecision =
  | { readonly decision: Extract<Decision, { allowed: true }>; readonly scope: RetrievalScope }
  | { readonly decision: Extract<Decision, { allowed: false }>; readonly scope?: undefined };

/** Decides what an accepted token lets a retrieval touch. `evidence`: of the token and the call. */
export async function decideScope(
  { audience, now }: VerifierContext,
  { token, proven, freshness }: AcceptedToken,
  { tier: _, proof: __, attached: ___, catalogue: ____, ...described }: VerifyRequest,
  evidence: Evidence,
): Promise<ScopeDecision> {
  const deny = (denial: Denial): ScopeDecision => ({
    decision: { allowed: false, denial, evidence },
  });
  const checked = await checkCall({ ...described, ...proven }, (fact) => token.readsFact(fact));
  if (!checked.ok) return deny(checked.error);
  const call = checked.value;
  const checks = readChecks(token.blocks, call.tool);
  const unread = checks.find(({ bound, reads }) => reads.datasets && bound?.kind !== 'datasets');
  if (unread) {
    const { block, check } = unread;
    return deny({ code: 'scope_inexpressible', block, check, source: sourceOf(unread) });
  }
  const at = new Date(now());
  const failed = token.failedChecks(callFacts(at, audience, call));
  if (!failed.ok) return deny(failed.error);
  const denials = failed.value
    .filter((one) => !isUndecided(one, checks, call))
    .map((one) => denialOf(one, call));
  const expired = denials.find(({ code }) => code === 'expired');
  if (expired) return deny(expired);
  const { tool, action, dataset: asked } = call;
  let datasets = intersectRoots(asked, grantedDatasets(token.authority.grants, call));
  const [first = ''] = asked;
  if (datasets.length === 0) return deny({ code: 'no_grant', tool, action, dataset: first });
  const [denial] = denials;
  if (denial) return deny(denial);
  for (const reading of checks) {
    if (reading.bound?.kind !== 'datasets') continue;
    datasets = intersectRoots(datasets, reading.bound.roots);
    if (datasets.length > 0) continue;
    const { block, check } = reading;
    const source = sourceOf(reading);
    return deny({ code: 'caveat_failed', fact: 'dataset', block, check, source });
  }
  // As many as a record has, and as a call can touch.
  if (datasets.length > CALL_DATASETS_MAX) {
    return deny({ code: 'datasets_count', count: datasets.length });
  }
  const args: JsonObject = described.args ?? {};
  const scope = new RetrievalScope({ token, call, args, datasets, checks, audience, now: at });
  const decided = { ...evidence, datasets };
  return { decision: { allowed: true, stale: freshness.stale, evidence: decided }, scope };
}

/**
 * Whether a failed check depends on the row: on its dataset, or on an argument that is not given.
 */
function isUndecided(
  { block, check }: FailedCheck,
  checks: readonly CheckReading[],
  call: Parameters<typeof missingIn>[1],
): boolean {
  const reading = checks.find((one) => one.block === block && one.check === check);
  if (!reading) return false;
  return reading.bound?.kind === 'datasets' || missingIn(reading, call) !== undefined;
}
