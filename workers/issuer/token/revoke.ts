import { readClock } from '../../../src/clock.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import { openLiveToken } from './presented-capability.ts';
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
  const live = await openLiveToken(env, form.value.token, readClock());
  const block = live?.token.revocationIds.at(-1);
  if (live && block !== undefined) {
    const { workflow } = live.token.authority;
    const revoked = await workflowOf(env, workflow).revokeByHolder(workflow, block);
    if (!revoked.ok) {
      const isExhausted = revoked.error.code === 'too_many_revocations';
      // Not in the feed yet: the holder must not believe that the token is dead.
      const code = isExhausted ? 'too_many_revocations' : 'revocation_pending';
      return answerTokenFormRefusal({ code });
    }
  } else if (!OWN_HINTS.includes(form.value.hint)) {
    // The hint is ignored for a token of ours (section 2.1). Another server's token may still be
    // alive there, and its holder must not believe that it is dead.
    return answerTokenFormRefusal({ code: 'hint_unsupported' });
  }
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
}
