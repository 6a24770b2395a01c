import { describe, expect, test } from 'vitest';
import { parseToken } from '../../../src/biscuit/index.ts';
import { type ArgumentConstraints, type Authority, narrow } from '../../../src/capability/index.ts';
import { testIssuer } from '../../../src/testing/index.ts';
import { readCredentials, type Verifier } from '../../../src/verifier/index.ts';
import { AUDIENCE, AUTHORITY, at, ISSUER, mintToken, unwrap } from '../fixtures/issuer.ts';

const { grants } = AUTHORITY;
const CALL = { tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu', tier: 1 } as const;

async function codeOf(verifier: Verifier, token: string, call: typeof CALL = CALL) {
  const decision = await verifier.verify(token, call);
  return decision.allowed ? 'allowed' : decision.denial.code;
}

const authorityOf = (token: string) => unwrap(unwrap(parseToken(token)).block(0)).block;

test('signs the authority block that the reference engine of the issuer signs', async () => {
  const { mint } = await testIssuer({ audience: AUDIENCE, issuer: ISSUER, now: at(0) });
  const { issuer: _, issuedAt: __, ...facts } = AUTHORITY;
  const constraints: ArgumentConstraints = {
    arguments: ['to', 'count'],
    constraints: { '/to': { suffix: '@acme.example' }, '/count': { number: { min: 0, max: 5 } } },
  };
  const bounded = { tool: 'crm.mail', action: 'write', dataset: 'crm/contacts', constraints };
  const variants: readonly Pick<Authority, 'grants' | 'ancestors'>[] = [
    { grants, ancestors: [] },
    { grants, ancestors: ['wf_0'] },
    { grants: [{ ...bounded, action: 'write' }], ancestors: [] },
  ];
  for (const changes of variants) {
    const token = await mint({ ...facts, ...changes });
    expect(authorityOf(token)).toEqual(authorityOf(mintToken(changes)));
  }
});

describe('the verifier of a test issuer', () => {
  test('allows a granted call, and denies any other', async () => {
    const { mint, verifier } = await testIssuer({ audience: AUDIENCE });
    expect(await codeOf(verifier, await mint({ grants }))).toBe('allowed');
    const none = await mint({ grants: grants.slice(1) });
    expect(await codeOf(verifier, none)).toBe('no_grant');
  });

  test('denies the token of another issuer and a token for another audience', async () => {
    const { mint, verifier } = await testIssuer({ audience: AUDIENCE });
    const other = await testIssuer({ audience: AUDIENCE });
    expect(await codeOf(verifier, await other.mint({ grants }))).toBe('signature_invalid');
    const elsewhere = await mint({ grants, audience: 'https://other.example' });
    expect(await codeOf(verifier, elsewhere)).toBe('audience_mismatch');
  });

  test('denies a token once the clock has passed its expiry', async () => {
    const { mint, verifier, clock } = await testIssuer({ audience: AUDIENCE });
    const token = await mint({ grants, seconds: 30 });
    clock.advance(29);
    expect(await codeOf(verifier, token)).toBe('allowed');
    clock.advance(1);
    expect(await codeOf(verifier, token)).toBe('expired');
  });

  test('denies what the feed has revoked or suspended, and no other workflow', async () => {
    const { mint, verifier, feed } = await testIssuer({ audience: AUDIENCE });
    const child = await mint({ grants, workflow: 'wf_child', ancestors: ['wf_parent'] });
    feed.suspend('wf_parent');
    expect(await codeOf(verifier, child)).not.toBe('allowed');
    expect(await codeOf(verifier, await mint({ grants }))).toBe('allowed');
    feed.revoke('wf_parent');
    expect(await codeOf(verifier, child)).toBe('revoked');
    const other = await mint({ grants });
    expect(await codeOf(verifier, other)).toBe('allowed');
    feed.denyTool('crm.search');
    expect(await codeOf(verifier, other)).not.toBe('allowed');
  });

  test('denies a call when the feed has been out for longer than its tier allows', async () => {
    const { mint, verifier, feed, clock } = await testIssuer({ audience: AUDIENCE });
    const token = await mint({ grants });
    feed.disconnect();
    expect(await codeOf(verifier, token)).toBe('allowed');
    clock.advance(200);
    expect(await codeOf(verifier, token)).toBe('head_stale');
    feed.reconnect();
    expect(await codeOf(verifier, token)).toBe('allowed');
  });
});

describe('a resumed workflow', () => {
  test('denies its earlier tokens, and allows the ones that are minted next', async () => {
    const { mint, verifier, feed } = await testIssuer({ audience: AUDIENCE });
    const before = await mint({ grants, workflow: 'wf_paused' });
    feed.suspend('wf_paused');
    expect(await codeOf(verifier, before)).toBe('suspended');
    feed.resume('wf_paused');
    expect(await codeOf(verifier, before)).toBe('revoked');
    expect(await codeOf(verifier, await mint({ grants, workflow: 'wf_paused' }))).toBe('allowed');
  });

  test('resumes the children that it suspended, and none that was suspended alone', async () => {
    const { mint, verifier, feed } = await testIssuer({ audience: AUDIENCE });
    const child = { grants, workflow: 'wf_child', ancestors: ['wf_root', 'wf_parent'] };
    const alone = { grants, workflow: 'wf_alone', ancestors: ['wf_root'] };
    const [early] = [await mint(child), await mint(alone)];
    feed.suspend('wf_alone');
    feed.suspend('wf_root');
    expect(() => feed.resume('wf_parent')).toThrow('the parent of `wf_parent` is suspended');
    feed.resume('wf_root');
    expect(await codeOf(verifier, early)).toBe('revoked');
    expect(await codeOf(verifier, await mint(child))).toBe('allowed');
    expect(await codeOf(verifier, await mint(alone))).toBe('suspended');
    feed.resume('wf_alone');
    expect(await codeOf(verifier, await mint(alone))).toBe('allowed');
  });

  test('must have been suspended: a revocation is permanent', async () => {
    const { feed } = await testIssuer({ audience: AUDIENCE });
    expect(() => feed.resume('wf_1')).toThrow('`wf_1` is not suspended');
    feed.revoke('wf_1');
    feed.suspend('wf_1');
    expect(() => feed.resume('wf_1')).toThrow('`wf_1` is not suspended');
  });

  test('a child that is minted without its ancestors keeps those it has', async () => {
    const { mint, verifier, feed } = await testIssuer({ audience: AUDIENCE });
    await mint({ grants, workflow: 'wf_child', ancestors: ['wf_parent'] });
    const token = await mint({ grants, workflow: 'wf_child' });
    feed.revoke('wf_parent');
    expect(await codeOf(verifier, token)).toBe('revoked');
  });
});

describe('the feed of a test issuer', () => {
  test('revokes one block, and with it each token that was narrowed from it', async () => {
    const { mint, verifier, feed, revocationIds } = await testIssuer({ audience: AUDIENCE });
    const token = await mint({ grants });
    const narrowed = unwrap(await narrow(token, { tool: 'crm.search' }));
    const [authority = '', appended = ''] = revocationIds(narrowed);
    expect(revocationIds(token)).toEqual([authority]);
    feed.revokeBlock(appended);
    expect(await codeOf(verifier, narrowed)).toBe('revoked');
    expect(await codeOf(verifier, token)).toBe('allowed');
    feed.revokeBlock(authority);
    expect(await codeOf(verifier, token)).toBe('revoked');
    expect(() => feed.revokeBlock('wf_1')).toThrow(TypeError);
  });

  test('stops what a watermark names and was issued before it', async () => {
    const { mint, verifier, feed, clock } = await testIssuer({ audience: AUDIENCE });
    const agent = 'https://idp.example#leaky';
    const [leaked, other] = [await mint({ grants, agent }), await mint({ grants })];
    feed.watermark({ scope: 'agent', value: agent });
    expect(await codeOf(verifier, leaked)).toBe('revoked');
    expect(await codeOf(verifier, other)).toBe('allowed');
    clock.advance(1);
    expect(await codeOf(verifier, await mint({ grants, agent }))).toBe('allowed');
    feed.watermark({ scope: 'all' });
    expect(await codeOf(verifier, other)).toBe('revoked');
    expect(() => feed.watermark({ scope: 'agent' })).toThrow('`value` belongs to every scope');
    expect(() => feed.watermark({ scope: 'all', value: 'x' })).toThrow(TypeError);
  });
});

test('a bound capability is usable with a proof of its holder only, and each proof once', async () => {
  const { mint, verifier, holder } = await testIssuer({ audience: AUDIENCE });
  const [owner, thief] = [await holder(), await holder('EdDSA')];
  const token = await mint({ grants, holder: owner.thumbprint });
  expect(await codeOf(verifier, token)).toBe('holder_unproven');
  const sent = { method: 'GET', url: `${AUDIENCE}/contacts` };
  const present = async (headers: Record<string, string>) => {
    const { token: text, proof } = readCredentials(new Request(sent.url, { headers }));
    const decision = await verifier.verify(text, { ...CALL, ...(proof && { proof }) });
    return decision.allowed ? 'allowed' : decision.denial.code;
  };
  const headers = await owner.headers(token, sent);
  expect(await present(headers)).toBe('allowed');
  expect(await present(headers)).toBe('proof_invalid');
  expect(await present(await thief.headers(token, sent))).toBe('holder_unproven');
});

test('one issuer serves several audiences, and each verifier accepts the tokens of its own', async () => {
  const other = 'https://other.example';
  const { mint, protectionOf, verifier } = await testIssuer({ audience: [AUDIENCE, other] });
  const [own, elsewhere] = [await mint({ grants }), await mint({ grants, audience: other })];
  expect(protectionOf(AUDIENCE).verifier).toBe(verifier);
  expect(await codeOf(verifier, own)).toBe('allowed');
  expect(await codeOf(verifier, elsewhere)).toBe('audience_mismatch');
  expect(await codeOf(protectionOf(other).verifier, elsewhere)).toBe('allowed');
  expect(() => protectionOf('https://third.example')).toThrow(TypeError);
});

test('keeps what its protection decides, also what a route only observes', async () => {
  const { mint, protection, decisions } = await testIssuer({ audience: AUDIENCE });
  const route = { ...CALL, args: {}, mode: 'observe' } as const;
  const api = protection.fetch(route, () => new Response('reached'));
  const send = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await api(new Request(AUDIENCE, { headers }))).status;
  };
  const tokens = [await mint({ grants }), await mint({ grants: grants.slice(1) })];
  expect([await send(tokens[0] ?? ''), await send(tokens[1] ?? '')]).toEqual([200, 200]);
  const observed = decisions.map((decision) => decision.allowed && decision.observed?.code);
  expect(observed).toEqual([undefined, 'no_grant']);
});

test('rejects a capability that the issuer could not write, and a clock that goes back', async () => {
  const { mint, clock } = await testIssuer({ audience: AUDIENCE });
  await expect(mint({ grants, gen: 0 })).rejects.toThrow(TypeError);
  await expect(mint({ grants, seconds: 0 })).rejects.toThrow(/`seconds` must be/);
  expect(() => clock.advance(-1)).toThrow(TypeError);
  expect(() => clock.advance(Number.NaN)).toThrow(TypeError);
  expect(() => clock.advance(Number.POSITIVE_INFINITY)).toThrow(TypeError);
});
