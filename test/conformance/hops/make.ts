/** Makes the vectors of hand-offs. Its keys and tokens differ in each run, as signatures do. */
import { type HandOffOptions, handOff } from '../../../src/agent/index.ts';
import type { DpopKey, PublicJwk } from '../../../src/dpop/index.ts';
import { thumbprintOf } from '../../../src/jwk-thumbprint.ts';
import { HOPS_MAX } from '../../../src/limits.ts';
import { signedBlock, withBlocks } from '../../unit/fixtures/hand-off.ts';
import {
  AUDIENCE,
  AUTHORITY,
  appendSource,
  at,
  ISSUER,
  issuerKey,
  mintToken,
  narrowed,
  unwrap,
} from '../../unit/fixtures/issuer.ts';
import type { HopVector, HopVectors } from './vector.ts';

const ALGORITHMS = {
  planner: 'EC',
  worker: 'OKP',
  reader: 'EC',
  thief: 'EC',
} as const;

type Holder = keyof typeof ALGORITHMS;

interface Made {
  readonly key: DpopKey;
  readonly written: HopVectors['keys'][string];
}

async function makeKey(kty: 'EC' | 'OKP'): Promise<Made> {
  const how = kty === 'EC' ? { name: 'ECDSA', namedCurve: 'P-256' } : 'Ed25519';
  const pair = (await crypto.subtle.generateKey(how, true, ['sign', 'verify'])) as CryptoKeyPair;
  const exported = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const { crv = '', x = '', y, d = '' } = exported as JsonWebKey;
  const jwk = { kty, crv, x, ...(y !== undefined && { y }), d };
  const { d: _, ...rest } = jwk;
  const publicJwk = rest as PublicJwk;
  const thumbprint = await thumbprintOf(publicJwk);
  const algorithm = kty === 'EC' ? 'ES256' : 'EdDSA';
  const privateKey = pair.privateKey as DpopKey['privateKey'];
  return { key: { algorithm, privateKey, publicJwk, thumbprint }, written: { thumbprint, jwk } };
}

const SEARCH = { tools: 'crm.search', datasets: 'crm/contacts' };
const EU = { tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' } as const;
const US = { ...EU, dataset: 'crm/contacts/us' } as const;
const NOW = at(1) / 1_000;

async function handed(
  token: string,
  holder: DpopKey,
  to: DpopKey,
  options: Partial<HandOffOptions> = {},
): Promise<string> {
  const capability = {
    token,
    workflow: AUTHORITY.workflow,
    task: AUTHORITY.task,
    audience: AUDIENCE,
    grants: AUTHORITY.grants,
    expires: new Date(at(300)),
    holder,
  };
  return unwrap(await handOff(capability, { to: to.thumbprint, ...SEARCH, ...options })).token;
}

/** Returns good and bad hand-offs, each with its verdict. */
export async function makeHopVectors(): Promise<HopVectors> {
  const made = new Map<string, Made>();
  for (const [name, kty] of Object.entries(ALGORITHMS)) made.set(name, await makeKey(kty));
  const keyOf = (name: Holder): DpopKey => (made.get(name) as Made).key;
  const [planner, worker, reader, thief] = (['planner', 'worker', 'reader', 'thief'] as const).map(
    keyOf,
  ) as [DpopKey, DpopKey, DpopKey, DpopKey];

  const wide = mintToken({ holder: planner.thumbprint });
  const one = await handed(wide, planner, worker, { name: 'worker' });
  const two = await handed(one, worker, reader);
  const narrow = await handed(wide, planner, worker, { datasets: EU.dataset });
  const brief = await handed(wide, planner, worker, { expires: new Date(at(10)) });
  const later = await handed(brief, worker, reader, { expires: new Date(at(60)) });
  const toWorker = { by: planner.thumbprint, to: worker.thumbprint };
  const hops = [
    { ...toWorker, name: 'worker' },
    { by: worker.thumbprint, to: reader.thumbprint },
  ];
  const allowed = { verdict: 'allowed', call: EU, now: NOW };
  const denied = (verdict: string, why?: string) => ({
    verdict,
    call: EU,
    now: NOW,
    ...(why !== undefined && { why }),
  });
  const unsigned = (to: DpopKey) => appendSource(wide, `handed_to("${to.thumbprint}", "")`);
  const fact = `handed_to("${worker.thumbprint}"`;
  let nine = wide;
  let [by, to] = [planner, worker];
  for (let hop = 0; hop <= HOPS_MAX; hop++) {
    nine = await handed(nine, by, to);
    [by, to] = [to, by];
  }
  const vectors: readonly HopVector[] = [
    { name: 'one hop', token: one, proven: 'worker', ...allowed, hops: hops.slice(0, 1) },
    { name: 'two hops', token: two, proven: 'reader', ...allowed, hops },
    {
      name: 'narrowed after a hop',
      token: await narrowed(one, { tool: 'crm.search' }),
      proven: 'worker',
      ...allowed,
      hops: hops.slice(0, 1),
    },
    {
      name: 'wrong key: of the holder before',
      token: one,
      proven: 'planner',
      ...denied('holder_unproven'),
    },
    {
      name: 'wrong key: of the first of two hops',
      token: two,
      proven: 'worker',
      ...denied('holder_unproven'),
    },
    { name: 'wrong key: none', token: one, ...denied('holder_unproven') },
    {
      name: 'wrong signer: a thief of the capability',
      token: await handed(wide, thief, thief),
      proven: 'thief',
      ...denied('hop_invalid', 'signer'),
    },
    {
      name: 'wrong signer: the first holder again',
      token: await handed(one, planner, thief),
      proven: 'thief',
      ...denied('hop_invalid', 'signer'),
    },
    {
      name: 'missing hop: the first',
      token: withBlocks(two, [0, 2]),
      proven: 'reader',
      ...denied('signature_invalid'),
    },
    {
      name: 'missing hop: the last',
      token: withBlocks(two, [0, 1]),
      proven: 'worker',
      ...denied('signature_invalid'),
    },
    {
      name: 'hops in another order',
      token: withBlocks(two, [0, 2, 1]),
      proven: 'worker',
      ...denied('signature_invalid'),
    },
    {
      name: 'inside a narrow hop',
      token: await handed(narrow, worker, reader),
      proven: 'reader',
      ...allowed,
    },
    {
      name: 'widened by the second hop',
      token: await handed(narrow, worker, reader),
      proven: 'reader',
      ...denied('caveat_failed'),
      call: US,
    },
    {
      name: 'widened to another tool',
      token: await handed(narrow, worker, reader, { tools: 'crm.update' }),
      proven: 'reader',
      ...denied('caveat_failed'),
    },
    {
      name: 'before the earliest expiry',
      token: later,
      proven: 'reader',
      ...allowed,
      now: at(9) / 1_000,
    },
    {
      name: 'expired, although a later hop ends later',
      token: later,
      proven: 'reader',
      ...denied('expired'),
      now: at(10) / 1_000,
    },
    {
      name: 'of a capability without a key',
      token: await handed(mintToken(), planner, worker),
      proven: 'worker',
      ...denied('hop_invalid', 'unbound'),
    },
    { name: 'nine hops', token: nine, proven: 'reader', ...denied('hop_invalid', 'count') },
    {
      name: 'a hop without a name',
      token: await signedBlock(wide, planner, `${fact})`),
      proven: 'worker',
      ...denied('hop_invalid', 'malformed'),
    },
    {
      name: 'a hop to two keys',
      token: await signedBlock(wide, planner, `${fact}, ""); handed_to("${thief.thumbprint}", "")`),
      proven: 'worker',
      ...denied('hop_invalid', 'malformed'),
    },
    {
      name: 'an unsigned block is no hop: the key stays',
      token: unsigned(thief),
      proven: 'planner',
      ...allowed,
    },
    {
      name: 'an unsigned block is no hop: the other key',
      token: unsigned(thief),
      proven: 'thief',
      ...denied('holder_unproven'),
    },
  ];
  return {
    about: 'Vectors of docs/reference/hand-off.md; written by scripts/make-hop-vectors.ts.',
    issuer: ISSUER,
    audience: AUDIENCE,
    root_key: { id: issuerKey.id, hex: issuerKey.publicKey },
    keys: Object.fromEntries([...made].map(([name, { written }]) => [name, written])),
    vectors: [...vectors],
  };
}
