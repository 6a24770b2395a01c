import { readClock } from '../../../src/clock.ts';
import { CAPABILITY_SECONDS_MAX, STOP_RETRY_MILLISECONDS_MIN } from '../../../src/limits.ts';
import { type IssuerEnv, workflowOf } from '../platform/config.ts';
import { openLiveToken } from './own-token.ts';
import { oauthError, readPresented } from './presented.ts';

const HINTS_OF_OURS: readonly (string | undefined)[] = [undefined, 'access_token'];

/**
 * `POST /revoke` (RFC 7009): a holder gives up a token and all that was narrowed from it. Holding
 * it is the authority, so its last block is revoked: what it was narrowed from belongs to others.
 * The answer means that the feed has it, and is the same where there is nothing to do.
 */
export async function revocationEndpoint(request: Request, env: IssuerEnv): Promise<Response> {
  const presented = await readPresented(request);
  if (!presented.ok) return presented.error;
  const { token: text, hint } = presented.value;
  const live = await openLiveToken(env, text, readClock());
  const block = live?.token.revocationIds.at(-1);
  if (live && block !== undefined) {
    const { workflow } = live.token.authority;
    const revoked = await workflowOf(env, workflow).revokeByHolder(workflow, block);
    if (!revoked.ok && revoked.error.code !== 'too_many_revocations') {
      // Ordered, and not in force: its holder must not think it dead.
      return oauthError(503, 'temporarily_unavailable', 'The feed does not have it yet.', {
        'retry-after': String(STOP_RETRY_MILLISECONDS_MIN / 1000),
      });
    }
    if (!revoked.ok) {
      return oauthError(503, 'temporarily_unavailable', 'Too many revocations of one workflow.', {
        'retry-after': String(CAPABILITY_SECONDS_MAX),
      });
    }
  } else if (!HINTS_OF_OURS.includes(hint)) {
    // A hint is no more than that while the token is ours (section 2.1). One that is not ours may
    // well be alive elsewhere, and its holder must not think it dead.
    return oauthError(400, 'unsupported_token_type', 'Only access tokens are issued here.');
  }
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
}
