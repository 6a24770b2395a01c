import { readClock } from '../../../src/clock.ts';
import { checkProof, type Proof } from '../../../src/dpop/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { type IssuerEnv, readConfig, replayStore } from '../platform/config.ts';
import type { TokenRefusal } from './refusal.ts';

/**
 * The proof of the key that the capability is to be bound to (RFC 9449 section 5); undefined for a
 * request without one. Costs no storage, so it may stand before anything is known of the caller.
 */
export async function readProof(
  request: Request,
  env: IssuerEnv,
): Promise<Result<Proof | undefined, TokenRefusal>> {
  const text = request.headers.get('dpop');
  if (text === null) return ok(undefined);
  const { issuer, nonces } = readConfig(env);
  const url = `${issuer}/token`;
  const asked = nonces ? { nonces } : {};
  const checked = await checkProof(text, { method: 'POST', url, now: readClock(), ...asked });
  if (checked.ok) return checked;
  const { code: cause } = checked.error;
  const isNonce = cause === 'nonce_missing' || cause === 'nonce_refused';
  return refuse(isNonce ? { code: 'nonce_required' } : { code: 'proof_refused', cause });
}

/** Uses the proof up, for callers that have proven who they are: a stranger fills no storage. */
export async function useProof(
  { thumbprint, jti, expires }: Proof,
  env: IssuerEnv,
): Promise<Result<null, TokenRefusal>> {
  // Kept a second longer than the proof is taken: the store's clock may be a little ahead.
  const isFirst = await replayStore(env).use('dpop', `${thumbprint}.${jti}`, expires + 1);
  return isFirst ? ok(null) : refuse({ code: 'proof_refused', cause: 'replayed' });
}
