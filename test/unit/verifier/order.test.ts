import { describe, expect, test } from 'vitest';
import type { FeedHit, FeedQuery } from '../../../src/feed/index.ts';
import type { Denial } from '../../../src/verifier/index.ts';
import { CALL, fixedFeed, type Revoked, verifierWith } from '../fixtures/feed.ts';
import { at, issuerKey, mintToken, narrowed, opened, otherKey } from '../fixtures/issuer.ts';

/**
 * A call with everything wrong is corrected one fault at a time, which shows the order of the
 * checks. The caller is checked before the call, revocation before expiry, and the shape of the call
 * before what the token allows. So the audit trail names the gravest cause that is certain.
 */
test('checks a call in one fixed order', async () => {
  const [wrong, right] = [
    { audience: 'https://other.example', holder: 'a'.repeat(43) },
    { audience: 'https://crm.example' },
  ];
  const cut = { expires: new Date(at(1)), dataset: 'crm/contacts/us' };
  const foreign = await narrowed(mintToken(wrong), cut);
  const bound = await narrowed(mintToken({ ...right, holder: 'a'.repeat(43) }), cut);
  const mine = await narrowed(mintToken(right), cut);
  const cutLater = await narrowed(mintToken(right), { dataset: 'crm/contacts/us' });
  const stale = fixedFeed(-100, [{ by: 'workflow', id: 'wf_1' }]);
  const revoked = fixedFeed(1, [{ by: 'workflow', id: 'wf_1' }]);
  const call = { ...CALL, dataset: ['../hr'], tier: 1 } as const;
  const uncovered = { ...CALL, dataset: ['hr'] } as const;

  const codes = [];
  for (const [token, queries, options] of [
    ['', call, {}],
    [foreign, call, { keys: [otherKey] }],
    [foreign, call, { issuer: 'https://other.example' }],
    [foreign, call, { feed: stale }],
    [bound, call, { feed: stale }],
    [mine, call, { feed: stale, now: () => at(-61) }],
    [mine, call, { feed: stale }],
    [mine, call, { feed: revoked }],
    [mine, call, {}],
    [mine, uncovered, {}],
    [cutLater, uncovered, {}],
    [cutLater, CALL, {}],
    [mintToken(right), CALL, {}],
  ] as const) {
    const decision = await verifierWith(options).verify(token, queries);
    codes.push(decision.allowed ? 'allowed' : decision.denial.code);
  }
  expect(codes).toEqual([
    'token_missing',
    'signature_invalid',
    'issuer_mismatch',
    'audience_mismatch',
    'holder_unproven',
    'issued_in_future',
    'head_stale',
    'revoked',
    'name_invalid',
    'expired',
    'no_grant',
    'caveat_failed',
    'allowed',
  ]);
});

describe('revoked:', () => {
  const decide = async (token: string, revoked: Revoked) => {
    const decision = await verifierWith({ feed: fixedFeed(1, [revoked]) }).verify(token, CALL);
    return decision.allowed ? 'allowed' : decision.denial;
  };

  test('by its workflow', async () => {
    expect(await decide(mintToken(), { by: 'workflow', id: 'wf_1' })).toEqual({
      code: 'revoked',
      by: 'workflow',
      id: 'wf_1',
    });
  });

  test('by an ancestor, which covers its children', async () => {
    const child = mintToken({ workflow: 'wf_2', ancestors: ['wf_0', 'wf_1'] });
    expect(await decide(child, { by: 'workflow', id: 'wf_0' })).toMatchObject({ id: 'wf_0' });
  });

  test('by any block of its chain, but not by a block narrowed from it', async () => {
    const wide = mintToken();
    const step = await narrowed(wide, { tool: 'crm.search' });
    const [first = '', second = ''] = (await opened(step)).revocationIds;
    const block = (id: string) => ({ by: 'block', id }) as const;
    expect(await decide(step, block(first))).toMatchObject({ by: 'block', id: first });
    expect(await decide(step, block(second))).toMatchObject({ by: 'block', id: second });
    expect(await decide(wide, block(second))).toBe('allowed');
  });

  test('in tier 0 too, with a stale head', async () => {
    const feed = fixedFeed(-10_000, [{ by: 'workflow', id: 'wf_1' }]);
    const decision = await verifierWith({ feed }).verify(mintToken(), { ...CALL, tier: 0 });
    expect(decision).toMatchObject({ allowed: false, denial: { code: 'revoked' } });
  });

  test.each<[FeedHit, Denial]>([
    [
      { by: 'watermark', scope: 'owner', value: 'team:growth', before: 1 },
      { code: 'revoked', by: 'watermark', id: 'owner team:growth' },
    ],
    [
      { by: 'watermark', scope: 'all', value: '', before: 1 },
      { code: 'revoked', by: 'watermark', id: 'all' },
    ],
    [
      { by: 'generation', id: 'wf_1', genMin: 2 },
      { code: 'revoked', by: 'generation', id: 'wf_1' },
    ],
    [
      { by: 'suspension', id: 'wf_0' },
      { code: 'suspended', id: 'wf_0' },
    ],
  ])('%j is the denial %j', async (hit, denial) => {
    const feed = { ...fixedFeed(1), head: fixedFeed(1).head, find: () => hit };
    const decision = await verifierWith({ feed }).verify(mintToken(), CALL);
    expect(decision).toMatchObject({ allowed: false, denial });
  });

  test('the feed is queried with the names in the token and the key that verified it', async () => {
    const queries: FeedQuery[] = [];
    const find = (question: FeedQuery) => void queries.push(question);
    const feed = { ...fixedFeed(1), head: fixedFeed(1).head, find };
    const token = await narrowed(mintToken({ ancestors: ['wf_0'] }), { tool: 'crm.search' });
    await verifierWith({ feed, keys: [otherKey, issuerKey] }).verify(token, CALL);
    const { authority, revocationIds } = await opened(token);
    expect(queries).toEqual([
      { ...authority, blocks: revocationIds, issuerKey: issuerKey.publicKey, tool: 'crm.search' },
    ]);
  });
});
