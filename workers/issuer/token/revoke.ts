import { readClock } from '../../../src/clock.ts';
import { type IssuerEnv, operators, workflowOf } from '../platform/env.ts';
import { openLiveToken, openOperatorToken } from './presented-capability.ts';
import { answerTokenFormRefusal, readTokenForm } from './token-form.ts';

/** The hints of tokens that this issuer issues. */
const OWN_HINTS: readonly (string | undefined)[] = [undefined, 'access_token'];

/**
 * `POST /revoke` (RFC 7009): a holder gives up a token and everything narrowed from it. Holding the
 * token is the authority, so only its last block is revoked: the token it was narrowed from belongs
 * to others. A 200 means that the feed has the revocation, or that there was nothing to revoke.
 */
export async function revocationEndpoint(request: Request, env: IssuerEnv): Promise<Response> {
  const form = await readTokenForm(request);
  if (!form.ok) return answerTokenFormRefusal(form.error);
  const { token, hint } = form.value;
  const answer = (await giveUp(token, env)) ?? (await giveUpOfOperator(token, env));
  if (answer === 'not ours' && !OWN_HINTS.includes(hint)) {
    // The hint is ignored for a token of ours (section 2.1). Another server's token may still be
    // alive there, and its holder must not believe that it is dead.
    return answerTokenFormRefusal({ code: 'hint_unsupported' });
  }
  if (answer !== 'done' && answer !== 'not ours') return answerTokenFormRefusal({ code: answer });
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
}

type GivenUp = 'done' | 'too_many_revocations' | 'revocation_pending';

/** Undefined for anything but a living capability of a workflow. */
async function giveUp(token: string, env: IssuerEnv): Promise<GivenUp | undefined> {
  const live = await openLiveToken(env, token, readClock());
  const block = live?.token.revocationIds.at(-1);
  if (!live || block === undefined) return undefined;
  const { workflow } = live.token.authority;
  const revoked = await workflowOf(env, workflow).revokeByHolder(workflow, block);
  if (revoked.ok) return 'done';
  const isExhausted = revoked.error.code === 'too_many_revocations';
  // Not in the feed yet: the holder must not believe that the token is dead.
  return isExhausted ? 'too_many_revocations' : 'revocation_pending';
}

/** The same for a capability of an operator, which only the admin API looks up. */
async function giveUpOfOperator(token: string, env: IssuerEnv): Promise<GivenUp | 'not ours'> {
  const live = await openOperatorToken(env, token, readClock());
  const block = live?.token.revocationIds.at(-1);
  if (!live || block === undefined) return 'not ours';
  const isStopped = await operators(env).giveUpCapability(live.token.authority.workflow, block);
  return isStopped ? 'done' : 'too_many_revocations';
}
