/** The verifier under measurement, and the one call that it decides. */
import { createVerifier, type Verifier, type VerifyRequest } from '../src/verifier/index.ts';

export const NOW = Date.parse('2026-11-23T10:00:00Z');
export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://crm.example';

export const CALL: VerifyRequest = {
  tool: 'crm.search',
  action: 'read',
  dataset: ['crm/contacts/eu'],
  args: { query: 'churned in Q3', limit: 50 },
  tier: 1,
};

export function openVerifier(publicKey: string): Verifier {
  const issued_at = NOW / 1_000;
  const keys = [{ id: 1, publicKey }];
  const head = { epoch: 1, seq: 0, issued_at, keys };
  return createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys,
    feed: { head, find: () => undefined, refresh: async () => ({ ok: true }) },
    now: () => NOW,
  });
}

export async function decide(verifier: Verifier, token: string): Promise<void> {
  const decision = await verifier.verify(token, CALL);
  if (!decision.allowed) throw new Error(JSON.stringify(decision.denial));
}
