import { describe, expect, test } from 'vitest';
import { type HandOffOptions, handOff, receiveHandOff } from '../../../src/agent/index.ts';
import {
  appendThirdPartyBlock,
  blockSigner,
  createThirdPartyRequest,
  fact,
  parseBlock,
  parseToken,
  signThirdPartyBlock,
  string,
} from '../../../src/biscuit/index.ts';
import { createDpopKey, type DpopKey, signProof } from '../../../src/dpop/index.ts';
import { HOPS_MAX } from '../../../src/limits.ts';
import type { VerifyRequest } from '../../../src/verifier/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { signedBlock, withBlocks } from '../fixtures/hand-off.ts';
import {
  AUDIENCE,
  AUTHORITY,
  appendSource,
  at,
  mintToken,
  narrowed,
  unwrap,
} from '../fixtures/issuer.ts';

/** A capability that is handed from process to process, and everyone who would like to have it. */
const [first, second, third, thief] = await Promise.all([
  createDpopKey('ES256'),
  createDpopKey('EdDSA'),
  createDpopKey('ES256'),
  createDpopKey('ES256'),
]);
const URL_ = `${AUDIENCE}/search`;

const held = (token: string, holder?: DpopKey) => ({
  token,
  workflow: AUTHORITY.workflow,
  task: AUTHORITY.task,
  audience: AUDIENCE,
  grants: AUTHORITY.grants,
  expires: new Date(at(300)),
  ...(holder && { holder }),
});

const wide = mintToken({ holder: first.thumbprint });
const EMPTY = unwrap(parseBlock('check if true'));
const SEARCH = { tools: 'crm.search', datasets: 'crm/contacts' };

async function handed(
  token: string,
  by: DpopKey,
  to: DpopKey,
  options: Partial<HandOffOptions> = {},
): Promise<string> {
  const { thumbprint } = to;
  return unwrap(await handOff(held(token, by), { to: thumbprint, ...SEARCH, ...options })).token;
}

async function decide(token: string, by: DpopKey, call: Partial<VerifyRequest> = {}, seconds = 1) {
  const now = at(seconds);
  const text = await signProof(by, { method: 'GET', url: URL_, now, token });
  const proof = { scheme: 'DPoP', text, method: 'GET', url: URL_ } as const;
  return verifierWith({ now: () => now }).verify(token, { ...CALL, proof, ...call });
}

async function codeOf(...call: Parameters<typeof decide>): Promise<string> {
  const decision = await decide(...call);
  return decision.allowed ? 'allowed' : decision.denial.code;
}

const toThird = await handed(await handed(wide, first, second), second, third, {
  name: 'summariser',
});

describe('a capability that was handed on', () => {
  test.each([
    ['P-256', first, third],
    ['Ed25519', second, third],
    ['P-256 to Ed25519', first, second],
  ])('is allowed with a proof of the next key: %s', async (_, by, to) => {
    const token = await handed(mintToken({ holder: by.thumbprint }), by, to);
    expect(await codeOf(token, to)).toBe('allowed');
    expect(await codeOf(await narrowed(token, { tool: 'crm.search' }), to)).toBe('allowed');
  });

  test('names each hop in the evidence, with the name that its signer gave', async () => {
    const decision = await decide(toThird, third);
    expect(decision).toMatchObject({ allowed: true });
    expect(decision.evidence.hops).toEqual([
      { by: first.thumbprint, to: second.thumbprint },
      { by: second.thumbprint, to: third.thumbprint, name: 'summariser' },
    ]);
    expect(decision.evidence).toMatchObject({ workflow: 'wf_1', agent: AUTHORITY.agent });
  });

  test('is denied to every holder before it', async () => {
    for (const key of [first, second, thief]) {
      expect(await codeOf(toThird, key)).toBe('holder_unproven');
    }
    expect(await codeOf(await handed(wide, first, second), third)).toBe('holder_unproven');
  });

  test('is denied as a bearer token', async () => {
    const decision = await verifierWith().verify(toThird, CALL);
    expect(decision).toMatchObject({ allowed: false, denial: { code: 'holder_unproven' } });
  });

  test('stays usable for the one who handed it on', async () => {
    await handed(wide, first, second);
    expect(await codeOf(wide, first)).toBe('allowed');
  });

  test('allows only what each hop leaves', async () => {
    const narrow = await handed(wide, first, second, { datasets: 'crm/contacts/eu' });
    const wider = await handed(narrow, second, third, { datasets: 'crm/contacts' });
    const outside = { dataset: 'crm/contacts/us' };
    expect(await codeOf(narrow, second, outside)).toBe('caveat_failed');
    expect(await codeOf(wider, third, outside)).toBe('caveat_failed');
    expect(await codeOf(wider, third)).toBe('allowed');
    const otherTool = await handed(wide, first, second, { tools: 'crm.update' });
    expect(await codeOf(otherTool, second)).toBe('caveat_failed');
  });

  test('allows only the arguments of its constraints', async () => {
    const token = await handed(wide, first, second, {
      arguments: { '/limit': { number: { max: 10 } } },
    });
    expect(await codeOf(token, second, { args: { limit: 10 } })).toBe('allowed');
    expect(await codeOf(token, second, { args: { limit: 11 } })).toBe('caveat_failed');
  });

  test('ends with the earliest expiry of its hops', async () => {
    const brief = await handed(wide, first, second, { expires: new Date(at(10)) });
    const later = await handed(brief, second, third, { expires: new Date(at(60)) });
    expect(await codeOf(later, third, {}, 9)).toBe('allowed');
    expect(await codeOf(later, third, {}, 10)).toBe('expired');
  });

  test('does not grant what the workflow was not granted', async () => {
    const token = await handed(wide, first, second, { tools: 'crm.purge', datasets: 'crm' });
    expect(await codeOf(token, second, { tool: 'crm.purge' })).toBe('no_grant');
  });
});

describe('a thief of a capability', () => {
  test('cannot hand it to a key of their own', async () => {
    const stolen = await handed(held(wide).token, thief, thief);
    const decision = await decide(stolen, thief);
    expect(decision).toMatchObject({
      denial: { code: 'hop_invalid', block: 1, why: 'signer' },
      // The trail says whose capability was stolen.
      evidence: { workflow: 'wf_1', agent: AUTHORITY.agent },
    });
    expect(decision.evidence.hops).toBeUndefined();
  });

  test('cannot extend a capability that was handed to another key', async () => {
    expect(await codeOf(await handed(toThird, thief, thief), thief)).toBe('hop_invalid');
    expect(await codeOf(await handed(toThird, first, thief), thief)).toBe('hop_invalid');
  });

  test('cannot append the signature of a hop to another capability', async () => {
    const signer = unwrap(blockSigner(first.privateKey as CryptoKey, first.publicJwk));
    const parsed = unwrap(parseToken(wide));
    const hop = { ...EMPTY, facts: [fact('handed_to', string(thief.thumbprint), string(''))] };
    const request = unwrap(createThirdPartyRequest(parsed));
    const contents = unwrap(await signThirdPartyBlock(request, signer, hop));
    expect(await appendThirdPartyBlock(parsed, contents)).toMatchObject({ ok: true });
    const other = mintToken({ holder: first.thumbprint, workflow: 'wf_2' });
    expect(await appendThirdPartyBlock(unwrap(parseToken(other)), contents)).toMatchObject({
      error: { code: 'external_signature_invalid' },
    });
  });

  test.each([
    ['without its last hop', [0, 1]],
    ['without its first hop', [0, 2]],
    ['without any hop', [0]],
    ['with its hops in another order', [0, 2, 1]],
    ['with a hop twice', [0, 1, 1, 2]],
  ])('cannot use it %s', async (_, order) => {
    const cut = withBlocks(toThird, order);
    for (const key of [first, second, third]) {
      expect(await codeOf(cut, key)).toBe('signature_invalid');
    }
  });

  test.each([
    ['with an unsigned block', (to: string) => appendSource(wide, `handed_to("${to}", "")`)],
    ['with a fact about the holder', (to: string) => appendSource(wide, `holder("${to}")`)],
    ['with a rule', (to: string) => appendSource(wide, `handed_to("${to}", "") <- holder($h)`)],
  ])('cannot bind it to their key %s', async (_, write) => {
    expect(await codeOf(write(thief.thumbprint), thief)).toBe('holder_unproven');
    expect(await codeOf(write(thief.thumbprint), first)).toBe('allowed');
  });
});

describe('a hop', () => {
  test('of a capability without a key is denied', async () => {
    const unbound = mintToken();
    expect(await handOff(held(unbound), { to: second.thumbprint, ...SEARCH })).toEqual({
      ok: false,
      error: { code: 'unbound' },
    });
    const forced = await handed(unbound, first, second);
    expect(await decide(forced, second)).toMatchObject({
      denial: { code: 'hop_invalid', why: 'unbound' },
    });
  });

  test('counts eight times and no more', async () => {
    let token = wide;
    let by = first;
    for (let hop = 1; hop <= HOPS_MAX; hop++) {
      const to = await createDpopKey(hop % 2 === 0 ? 'ES256' : 'EdDSA');
      token = await handed(token, by, to);
      by = to;
    }
    expect(await codeOf(token, by)).toBe('allowed');
    expect(await decide(await handed(token, by, thief), thief)).toMatchObject({
      denial: { code: 'hop_invalid', block: HOPS_MAX + 1, why: 'count' },
    });
  });

  test.each([
    ['no thumbprint', 'handed_to("me", "")'],
    ['no name', `handed_to("${'a'.repeat(43)}")`],
    ['a third term', `handed_to("${'a'.repeat(43)}", "", 1)`],
    ['a number for a name', `handed_to("${'a'.repeat(43)}", 1)`],
    ['an invisible name', `handed_to("${'a'.repeat(43)}", "a\u200bb")`],
    ['a long name', `handed_to("${'a'.repeat(43)}", "${'n'.repeat(129)}")`],
    ['two next holders', `handed_to("${'a'.repeat(43)}", ""); handed_to("${'b'.repeat(43)}", "")`],
  ])('is denied with %s', async (_, source) => {
    expect(await decide(await signedBlock(wide, first, source), first)).toMatchObject({
      denial: { code: 'hop_invalid', block: 1, why: 'malformed' },
    });
  });

  test('ignores facts that claim more than its checks', async () => {
    const source = `handed_to("${second.thumbprint}", ""); grant("crm.purge", "delete", "crm"); tool("crm.search"); holder("${thief.thumbprint}")`;
    const token = await signedBlock(wide, first, source);
    expect(await codeOf(token, thief)).toBe('holder_unproven');
    expect(await codeOf(token, second, { tool: 'crm.purge', action: 'delete' })).toBe('no_grant');
  });

  test('is not made by a block of another third party', async () => {
    const noted = await signedBlock(wide, thief, 'reviewed(true)');
    expect(await codeOf(noted, first)).toBe('allowed');
    expect(await codeOf(noted, thief)).toBe('holder_unproven');
  });
});

describe('receiving', () => {
  test('returns the capability of the next holder, with what is left of its grants', async () => {
    const received = unwrap(await receiveHandOff(toThird, third));
    expect(received).toEqual({
      token: toThird,
      workflow: 'wf_1',
      task: AUTHORITY.task,
      audience: AUDIENCE,
      grants: [AUTHORITY.grants[0]],
      expires: new Date(at(300)),
      holder: third,
    });
  });

  test('refuses a capability for another key, and a malformed one', async () => {
    expect(await receiveHandOff(toThird, second)).toEqual({
      ok: false,
      error: { code: 'bound_to_another_key' },
    });
    expect(await receiveHandOff('no token', second)).toMatchObject({ ok: false });
    const stolen = await handed(wide, thief, thief);
    expect(await receiveHandOff(stolen, thief)).toMatchObject({ error: { code: 'hop_invalid' } });
  });
});

test.each([
  ['no thumbprint', { to: 'the researcher' }],
  ['no tool', { tools: [] }],
  ['an invisible name', { name: 'a\u200bb' }],
  ['an expiry of another type', { expires: 'tomorrow' as unknown as Date }],
  ['an unknown member', { tool: 'crm.search' } as Partial<HandOffOptions>],
])('refuses to hand on with %s', async (_, changes) => {
  const options = { to: second.thumbprint, ...SEARCH, ...changes };
  expect(await handOff(held(wide, first), options)).toMatchObject({ ok: false });
});
