import type { HistoryRule, HistoryScope } from '../../../src/history/index.ts';
import type { AccountRefusal, ChargeRequest } from '../../../src/lifecycle/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result } from '../../../src/result.ts';
import { type IssuerEnv, tallyOf } from '../platform/env.ts';
import type { WorkflowStart } from './binding.ts';

type Parties = Pick<WorkflowStart, 'agent' | 'subject' | 'owner'>;

/**
 * Asks the scopes of a workflow to take a charge, one after the other. If one refuses, the ones
 * before it give it back. Rejects if one does not answer: it may have taken the charge, and a
 * repeated request is taken once.
 */
export async function reserveInScopes(
  env: IssuerEnv,
  parties: Parties,
  { tool, nonce, measured = {} }: ChargeRequest,
  { scopes, rules }: { scopes: readonly HistoryScope[]; rules: readonly HistoryRule[] },
): Promise<Result<null, AccountRefusal>> {
  for (const [index, scope] of scopes.entries()) {
    const own = rules.filter((rule) => rule.scope === scope);
    const tally = tallyOf(env, scope, partyOf(parties, scope));
    const reserved = await tally.reserve({ tool, nonce, measured }, own);
    if (reserved.ok) continue;
    await refundInScopes(env, parties, nonce, scopes.slice(0, index));
    return reserved;
  }
  return ok(null);
}

/** Gives a charge back to scopes. One that does not answer counts it as spent. */
export async function refundInScopes(
  env: IssuerEnv,
  parties: Parties,
  nonce: string,
  scopes: readonly HistoryScope[],
): Promise<void> {
  await Promise.all(
    scopes.map(async (scope) => {
      try {
        await tallyOf(env, scope, partyOf(parties, scope)).refund(nonce);
      } catch (error) {
        report('workflow.unrefunded', { scope, why: String(error) });
      }
    }),
  );
}

/** A rule of the workflow itself is judged by its own object. */
export const partyOf = ({ agent, subject, owner }: Parties, scope: HistoryScope): string => {
  if (scope === 'workflow') throw new Error('a workflow is not a scope beside itself');
  return { agent, subject, owner }[scope];
};
