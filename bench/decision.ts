/** The verifier under measurement, and the one call that it decides. */
import { createVerifier, type Verifier, type VerifyRequest } from '../src/verifier/index.ts';

export const NOW = Date.parse('2026-11-23T10:00:00Z');
const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://crm.example';

/** The workflow of every token here, as its authority describes it. Each suite adds the grants. */
export const STARTED = {
  issuer: ISSUER,
  workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA',
  gen: 1,
  ancestors: [],
  agent: 'spiffe://acme.example/agents/analyst',
  subject: 'user:alice@acme.example',
  owner: 'team:growth',
  task: 'quarterly churn report',
  issuedAt: new Date(NOW),
  audience: AUDIENCE,
} as const;

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
