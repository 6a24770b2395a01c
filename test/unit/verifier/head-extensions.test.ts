import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FeedClient, type HeadExtension } from '../../../src/feed/index.ts';
import { catalogueExtension } from '../../../src/feed/log/index.ts';
import { createVerifier, type Tier } from '../../../src/verifier/index.ts';
import { AUDIENCE, at, ISSUER, issuerKey, mintToken } from '../fixtures/issuer.ts';
import { feedKeys, headOver, sign } from '../fixtures/log.ts';

/** A verifier beside a log that signs extensions. */

const token = mintToken();
const LATER: HeadExtension = { name: 'later', version: 1, critical: true, value: {} };
let now: number;
let extensions: readonly HeadExtension[];

beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
  now = 0;
  extensions = [];
});

function verifier() {
  const feed = new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now: () => at(now),
    retryMilliseconds: 0,
    fetch: async () => {
      const listed = extensions.length > 0 ? { extensions } : {};
      return Response.json(await sign(await headOver([], now, listed)));
    },
  });
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: [issuerKey], feed };
  const { verify } = createVerifier({ ...options, now: () => at(now) });
  return async (tier: Tier) => {
    const request = { tool: 'crm.search', action: 'read', dataset: 'crm/contacts', tier } as const;
    const decision = await verify(token, request);
    return decision.allowed ? (decision.stale ? 'stale' : 'allowed') : decision.denial.code;
  };
}

describe('a verifier whose log signs', () => {
  test('a catalogue needs none itself, and allows what it allowed before', async () => {
    extensions = [catalogueExtension('ab'.repeat(32))];
    const decide = verifier();
    for (const tier of [0, 1, 2, 3] as const) expect(await decide(tier)).toBe('allowed');
  });

  test('an extension that it does not know and that is not critical ignores it', async () => {
    extensions = [{ ...LATER, critical: false }];
    const decide = verifier();
    for (const tier of [0, 1, 2, 3] as const) expect(await decide(tier)).toBe('allowed');
  });

  test('a critical extension that it does not know stops, tier by tier', async () => {
    const decide = verifier();
    expect(await decide(1)).toBe('allowed');
    extensions = [LATER];
    expect(await decide(3)).toBe('head_stale');
    expect(await decide(2)).toBe('allowed');
    now = 16;
    expect(await decide(2)).toBe('head_stale');
    expect(await decide(1)).toBe('allowed');
    now = 61;
    expect(await decide(1)).toBe('head_stale');
    now = 299;
    expect(await decide(0)).toBe('allowed');
    extensions = [];
    expect(await decide(3)).toBe('allowed');
  });
});
