import type { Clock } from '../clock.ts';
import type { Nonces, SeenProofs } from '../dpop/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { PresentedProof, TokenText } from './credentials.ts';
import type { Denial } from './decision.ts';

/** The proofs that a verifier has seen. Created by the first proof. */
export interface ProofMemory {
  seen?: SeenProofs;
}

/** What a verifier checks proofs against. */
export interface ProofRules {
  /** The verifier's own origin. The `Host` of a request is the client's choice. */
  readonly origin: string;
  readonly memory: ProofMemory;
  readonly nonces: Nonces | undefined;
  readonly now: Clock;
}

/**
 * Returns the thumbprint of the key that the caller has proven to hold. A proof beside an unbound
 * token is checked as well: a bad proof is never treated as a missing one.
 */
export async function checkHolderProof(
  proof: PresentedProof,
  token: TokenText,
  rules: ProofRules,
): Promise<Result<string, Denial>> {
  const { scheme, text, method, url } = proof;
  // RFC 9449 section 7.2: a bound token is sent in the DPoP scheme.
  if (scheme === 'Bearer') return refuse({ code: 'proof_invalid', why: 'bearer_scheme' });
  if (text === '') return refuse({ code: 'proof_missing' });
  const { origin, memory, nonces, now } = rules;
  // Loaded by the first proof, from the bundle and so without I/O: unbound tokens never need it.
  const { checkProof, seenProofs, tokenHash } = await import('../dpop/index.ts');
  memory.seen ??= seenProofs();
  const { seen } = memory;
  const checked = await checkProof(text, {
    method,
    url: `${origin}${new URL(url).pathname}`,
    now: now(),
    seen,
    ...(nonces && { nonces }),
    ath: await tokenHash(token),
  });
  if (checked.ok) return ok(checked.value.thumbprint);
  const { code } = checked.error;
  if (code === 'nonce_missing' || code === 'nonce_refused') {
    return refuse({ code: 'nonce_required' });
  }
  return refuse({ code: 'proof_invalid', why: code });
}
