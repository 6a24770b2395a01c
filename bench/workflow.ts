/** A workflow that a verifier knows: its issuer, what an agent received of it, a step of it. */
import {
  date,
  generateKeyPair,
  integer,
  mint,
  type PrivateKey,
  parseBlock,
  string,
  type Term,
} from '../src/biscuit/index.ts';
import { type Narrowing, narrow, type Parameter, writeAuthority } from '../src/capability/index.ts';
import { toHex } from '../src/encoding.ts';
import { AUDIENCE, CALL, ISSUER, NOW, openVerifier } from './decision.ts';
import { must } from './must.ts';

/** What the agent got from the one before it: one caveat block, which every step shares. */
const RECEIVED: Narrowing = { dataset: 'crm/contacts', expires: new Date(NOW + 240_000) };

/** What `narrowingFetch` cuts a step down to: the tool, its datasets, the whole arguments, 30 s. */
export const STEP: Narrowing = {
  tool: CALL.tool,
  action: CALL.action,
  dataset: CALL.dataset,
  args: CALL.args ?? {},
  expires: new Date(NOW + 30_000),
};

/** A verifier at work and the token that an agent of one workflow has received. */
export async function openWorkflow() {
  const keys = await generateKeyPair();
  const received = must(await narrow(await mintToken(keys.privateKey), RECEIVED));
  const publicKey = toHex(keys.publicKey.bytes);
  return { received, publicKey, verifier: openVerifier(publicKey) };
}

async function mintToken(rootKey: PrivateKey): Promise<string> {
  const { source, parameters } = must(
    writeAuthority(
      {
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
