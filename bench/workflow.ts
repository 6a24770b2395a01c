/** A workflow that a verifier knows: its issuer, the capability of an agent, and a step of it. */
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
import { CALL, NOW, openVerifier, STARTED } from './decision.ts';
import { unwrap } from './unwrap.ts';

/** What the agent received from the one before it: one caveat block that every step shares. */
const RECEIVED: Narrowing = { dataset: 'crm/contacts', expires: new Date(NOW + 240_000) };

/** The step that `narrowingFetch` narrows to: the tool, its datasets, all arguments, 30 s. */
export const STEP: Narrowing = {
  tool: CALL.tool,
  action: CALL.action,
  dataset: CALL.dataset,
  args: CALL.args ?? {},
  expires: new Date(NOW + 30_000),
};

/** A running verifier, and the token that an agent of one workflow has received. */
export async function openWorkflow() {
  const keys = await generateKeyPair();
  const received = unwrap(await narrow(await mintToken(keys.privateKey), RECEIVED));
  const publicKey = toHex(keys.publicKey.bytes);
  return { received, publicKey, verifier: openVerifier(publicKey) };
}

async function mintToken(rootKey: PrivateKey): Promise<string> {
  const { source, parameters } = unwrap(
    writeAuthority(
      {
        ...STARTED,
        grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
      },
      new Date(NOW + 300_000),
    ),
  );
  const terms = Object.entries(parameters).map(([name, value]) => [name, toTerm(value)] as const);
  const block = unwrap(parseBlock(source, Object.fromEntries(terms)));
  return unwrap(await mint({ rootKey, rootKeyId: 1, block })).text;
}

function toTerm(value: Parameter): Term {
  if (value instanceof Date) return date(value.getTime() / 1_000);
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'string') return string(value);
  throw new TypeError('an authority has no other parameters');
}
