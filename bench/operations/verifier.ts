/**
 * The verifier's decisions on a workflow that it knows: the whole of `verify`, from the text of a
 * token and a described call to a decision, with freshness and revocation.
 */
import {
  date,
  generateKeyPair,
  integer,
  mint,
  type PrivateKey,
  parseBlock,
  string,
  type Term,
} from '../../src/biscuit/index.ts';
import {
  type Narrowing,
  narrow,
  type Parameter,
  writeAuthority,
} from '../../src/capability/index.ts';
import { toHex } from '../../src/encoding.ts';
import { createVerifier, type Verifier, type VerifyRequest } from '../../src/verifier/index.ts';
import { counter, must } from './must.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'https://crm.example';
/** More than a verifier keeps, so that a step that comes round again has been forgotten. */
const STEPS = 2_100;

/** What the agent got from the one before it: one caveat block, which every step shares. */
const RECEIVED: Narrowing = { dataset: 'crm/contacts', expires: new Date(NOW + 240_000) };

export const CALL: VerifyRequest = {
  tool: 'crm.search',
  action: 'read',
  datasets: ['crm/contacts/eu'],
  args: { query: 'churned in Q3', limit: 50 },
  tier: 1,
};

/** What `narrowingFetch` cuts a step down to: the tool, its datasets, the whole arguments, 30 s. */
export const STEP: Narrowing = {
  tool: CALL.tool,
  action: CALL.action,
  dataset: CALL.datasets,
  args: CALL.args ?? {},
  expires: new Date(NOW + 30_000),
};

export async function verifierOperations() {
  const { received, verifier } = await openWorkflow();
  const tokens: string[] = [];
  for (let i = 0; i < STEPS; i++) tokens.push(must(await narrow(received, STEP)));
  const [same = ''] = tokens;
  const next = counter(STEPS);
  return {
    'verifier step': () => decide(verifier, tokens[next()] ?? ''),
    'verifier again': () => decide(verifier, same),
  };
}

export async function decide(verifier: Verifier, token: string): Promise<void> {
  const decision = await verifier.verify(token, CALL);
  if (!decision.allowed) throw new Error(JSON.stringify(decision.denial));
}

/** A verifier at work and the token that an agent of one workflow has received. */
export async function openWorkflow() {
  const keys = await generateKeyPair();
  const received = must(await narrow(await mintToken(keys.privateKey), RECEIVED));
  const publicKey = toHex(keys.publicKey.bytes);
  return { received, publicKey, verifier: openVerifier(publicKey) };
}

export function openVerifier(publicKey: string): Verifier {
  const issued_at = NOW / 1_000;
  const head = { v: 1, issuer: ISSUER, epoch: 1, seq: 0, chain: '', issued_at } as const;
  return createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: [{ id: 1, publicKey }],
    feed: { head, find: () => undefined, refresh: async () => ({ ok: true }) },
    now: () => NOW,
  });
}

async function mintToken(rootKey: PrivateKey): Promise<string> {
  const { source, parameters } = must(
    writeAuthority(
      {
        ...{ issuer: ISSUER, workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA', gen: 1, ancestors: [] },
        ...{ agent: 'spiffe://acme.example/agents/analyst', subject: 'user:alice@acme.example' },
        ...{ owner: 'team:growth', task: 'quarterly churn report', issuedAt: new Date(NOW) },
        audience: AUDIENCE,
        grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
      },
      new Date(NOW + 300_000),
    ),
  );
  const terms = Object.entries(parameters).map(([name, value]) => [name, toTerm(value)] as const);
  const block = must(parseBlock(source, Object.fromEntries(terms)));
  return must(await mint({ rootKey, rootKeyId: 1, block })).text;
}

function toTerm(value: Parameter): Term {
  if (value instanceof Date) return date(value.getTime() / 1_000);
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'string') return string(value);
  throw new TypeError('an authority has no other parameters');
}
