import type { Denial, VerifyRequest } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { mintToken } from '../fixtures/issuer.ts';

export const HOLDER = 'a'.repeat(43);
export const honest = mintToken();

export async function denial(
  token: string,
  call: Partial<VerifyRequest> = {},
  options: Parameters<typeof verifierWith>[0] = {},
): Promise<Denial | 'allowed'> {
  const decision = await verifierWith(options).verify(token, { ...CALL, ...call });
  return decision.allowed ? 'allowed' : decision.denial;
}
export const code = async (...call: Parameters<typeof denial>) => {
  const denied = await denial(...call);
  return denied === 'allowed' ? denied : denied.code;
};

export const flipped = (token: string, index: number) =>
  token.slice(0, index) + (token[index] === 'A' ? 'Q' : 'A') + token.slice(index + 1);
