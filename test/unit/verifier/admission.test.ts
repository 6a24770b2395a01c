import { describe, expect, test } from 'vitest';
import { fixedFeed, verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, appendSource, at, mintToken, narrowed } from '../fixtures/issuer.ts';

const HOLDER = 'a'.repeat(43);
const route = { tier: 1 } as const;

const admit = (token: string, options: Parameters<typeof verifierWith>[0] = {}) =>
  verifierWith(options).admit(token, route);

async function usable(token: string): Promise<readonly string[]> {
  const { canUse } = await admit(token);
  const pairs = [
    ['crm.search', 'read'],
    ['crm.search', 'write'],
    ['crm.update', 'write'],
    ['crm.other', 'read'],
  ] as const;
  return pairs.filter(([tool, action]) => canUse(tool, action)).map((pair) => pair.join(' '));
}

describe('a token that makes no call', () => {
  test('is admitted and can use the tools that its grants name', async () => {
    const { decision } = await admit(mintToken());
    expect(decision).toMatchObject({ allowed: true, evidence: { workflow: 'wf_1', tier: 1 } });
    expect(await usable(mintToken())).toEqual(['crm.search read', 'crm.update write']);
  });

  test('can use only the tool or action to which it is narrowed', async () => {
    const wide = mintToken();
    expect(await usable(await narrowed(wide, { tool: 'crm.search' }))).toEqual(['crm.search read']);
    expect(await usable(await narrowed(wide, { action: 'write' }))).toEqual(['crm.update write']);
    expect(await usable(await narrowed(wide, { tool: 'crm.other' }))).toEqual([]);
  });

  test('keeps its tools while a caveat on the call is undecided', async () => {
    for (const cut of [
      { dataset: 'hr' },
      { args: {} },
      { constraints: { '/a': { number: { max: 1 } } } },
    ]) {
      expect(await usable(await narrowed(mintToken(), cut))).toHaveLength(2);
    }
  });

  test.each([
    ['expired', { expires: new Date(at(1)) }],
    ['caveat_failed', { audience: 'https://other.example' }],
  ] as const)('is denied as %s before any call', async (code, cut) => {
    const { decision, canUse } = await admit(await narrowed(mintToken(), cut));
    expect(decision).toMatchObject({ allowed: false, denial: { code } });
    expect(canUse('crm.search', 'read')).toBe(false);
  });

  test.each([
    ['token_missing', '', {}],
    ['revoked', mintToken(), { feed: fixedFeed(1, [{ by: 'workflow', id: 'wf_1' }]) }],
    ['head_stale', mintToken(), { feed: fixedFeed(-60) }],
    ['audience_mismatch', mintToken({ audience: `${AUDIENCE}/` }), {}],
    ['holder_unproven', mintToken({ holder: HOLDER }), {}],
  ] as const)('is denied as %s and can use nothing', async (code, token, options) => {
    const { decision, canUse } = await admit(token, options);
    expect(decision).toMatchObject({ allowed: false, denial: { code } });
    expect(canUse('crm.search', 'read')).toBe(false);
  });

  test('may be narrowed to a key that the route has proven', async () => {
    const token = appendSource(mintToken(), `check all holder($h), $h == "${HOLDER}"`);
    const proven = await verifierWith().admit(token, { ...route, holder: HOLDER });
    expect(proven.decision.allowed).toBe(true);
    expect(proven.canUse('crm.search', 'read')).toBe(true);
    const other = await verifierWith().admit(token, { ...route, holder: 'b'.repeat(43) });
    expect(other.decision).toMatchObject({ denial: { code: 'caveat_failed', fact: 'holder' } });
  });
});
