import type { Clock } from '../clock.ts';
import type { Nonces, SeenProofs } from '../dpop/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { PresentedProof } from './credentials.ts';
import type { Denial } from './decision.ts';

/** The proofs that a verifier has seen; empty until there is a first one. */
export interface ProofMemory {
  seen?: SeenProofs;
}

/** What a verifier judges proofs by. */
export interface ProofRules {
  /** The verifier's own origin, and not what the `Host` of a request says. */
  readonly origin: string;
  readonly memory: ProofMemory;
  readonly nonces: Nonces | undefined;
  /** Milliseconds since the epoch. */
  readonly now: Clock;
}

/**
 * The thumbprint of the key that the sender has proven to hold. A proof is judged also where the
 * token is bound to no key: whoever sends one means it, and a bad one is never as good as none.
 */
export async function provenHolder(
  proof: PresentedProof,
  token: string,
  rules: ProofRules,
): Promise<Result<string, Denial>> {
  const { scheme, text, method, url } = proof;
  // RFC 9449 section 7.2: whoever holds a key says so by the scheme.
  if (scheme === 'Bearer') return refuse({ code: 'proof_invalid', why: 'bearer_scheme' });
  if (text === '') return refuse({ code: 'proof_missing' });
  const { origin, memory, nonces, now } = rules;
  // Loaded by the first proof, from the bundle and so without I/O: unbound tokens need none of it.
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
