import { describe, expect, test } from 'vitest';
import { parseToken } from '../../../src/biscuit/index.ts';
import type { ArgumentConstraints, Authority } from '../../../src/capability/index.ts';
import { testIssuer } from '../../../src/testing/index.ts';
import type { Verifier } from '../../../src/verifier/index.ts';
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
    feed.resume('wf_parent');
    expect(await codeOf(verifier, child)).toBe('allowed');
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

test('rejects a capability that the issuer could not write, and a clock that goes back', async () => {
  const { mint, clock } = await testIssuer({ audience: AUDIENCE });
  await expect(mint({ grants, gen: 0 })).rejects.toThrow(TypeError);
  expect(() => clock.advance(-1)).toThrow(TypeError);
  expect(() => clock.advance(Number.NaN)).toThrow(TypeError);
});
