import type { Proof } from '../../../src/dpop/index.ts';
import { type IssuerEnv, replayStore } from '../platform/env.ts';

/** Uses a proof up. Returns false if it was used before. */
export async function useProof(
  { thumbprint, jti, expires }: Proof,
  env: IssuerEnv,
): Promise<boolean> {
  // Kept a second longer than the proof is valid: the store's clock may be a little ahead.
  return replayStore(env).use('dpop', `${thumbprint}.${jti}`, expires + 1);
}
