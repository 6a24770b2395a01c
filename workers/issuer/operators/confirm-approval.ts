import type { Refusal, SentPasskeyAnswer } from '../../../src/issuer-api/index.ts';
import { approvalChallenge, type ConfirmedApproval } from '../../../src/passkey/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { AdminContext } from '../platform/admin-context.ts';
import { readConfig } from '../platform/config.ts';
import { usePasskey } from './passkey-routes.ts';

/**
 * Checks the passkey with which a person confirms an approval. Undefined if none is needed and none
 * was sent. The operator credential needs none: it is for the day on which everything else fails,
 * and each use raises an alarm.
 */
export async function confirmApproval(
  { env, operator }: AdminContext,
  approval: ConfirmedApproval,
  answer: SentPasskeyAnswer | undefined,
): Promise<
  Result<
    { readonly id: string } | undefined,
    Refusal<'passkey_required'> | Refusal<'passkey_refused'>
  >
> {
  const isRequired = readConfig(env).directory?.passkeys === true && operator.kind !== 'credential';
  if (answer === undefined)
    return isRequired ? refuse({ code: 'passkey_required' }) : ok(undefined);
  if (operator.person === undefined) return refuse({ code: 'passkey_refused' });
  return usePasskey(env, operator.name, answer, await approvalChallenge(approval));
}
