import { describe, expect, test } from 'vitest';
import {
  encodeFeedFile,
  type FeedEntry,
  NEVER_EXPIRES,
  openFeedFile,
} from '../../../src/feed/index.ts';
import { createVerifier, type Feed, type Tier } from '../../../src/verifier/index.ts';
import { CALL } from '../fixtures/feed.ts';
import { AUDIENCE, at, ISSUER, mintToken, unwrap } from '../fixtures/issuer.ts';
import { deltaOf, feedKeys, headOver, seconds, sign } from '../fixtures/log.ts';

/** `CALL` uses `crm.search`; the token grants `crm.update` as well. */
const TOOL = 'crm.search';
const denial: FeedEntry = {
  kind: 'denial',
  seq: 1,
  at: seconds(0),
  expires: NEVER_EXPIRES,
  scope: 'tool',
  value: TOOL,
  before: seconds(1),
};
const watermarks = [
  { scope: 'tool', value: TOOL, before: seconds(1), expires: NEVER_EXPIRES },
] as const;

/** A feed from a file, and one that answers questions. */
async function feeds(): Promise<{ file: Feed; live: Feed }> {
  const head = await sign(await headOver([denial], 0, { watermarks }));
  const bytes = encodeFeedFile({ head, deltas: [deltaOf([denial])] });
  const options = { issuer: ISSUER, feedKey: feedKeys.publicKey, now: () => at(1) };
  const file = unwrap(await openFeedFile(bytes, options));
  const live: Feed = {
    head: file.head,
    find: (question) => file.find(question),
    refresh: async () => ({ ok: true }),
  };
  return { file, live };
}
const verifierOver = (feed: Feed) =>
  createVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: 'feed', feed, now: () => at(1) });

describe('a tool that an operator has blocked is denied', () => {
  test.each<[Tier, 'file' | 'live']>([
    [0, 'file'],
    [1, 'file'],
    [2, 'file'],
    [0, 'live'],
    [3, 'live'],
  ])('on tier %d by a verifier with a feed from a %s, and no other tool is', async (tier, from) => {
    const verifier = verifierOver((await feeds())[from]);
    const token = mintToken();
    expect(await verifier.verify(token, { ...CALL, tier })).toMatchObject({
      allowed: false,
      denial: { code: 'tool_denied', tool: TOOL },
      evidence: { workflow: 'wf_1', tool: TOOL },
    });
    const update = { ...CALL, tool: 'crm.update', action: 'write', tier } as const;
    expect(await verifier.verify(token, update)).toMatchObject({ allowed: true });
  });

  test('and is not listed among the tools of a token', async () => {
    const { canUse } = await verifierOver((await feeds()).file).admit(mintToken(), { tier: 1 });
    expect(canUse(TOOL, 'read')).toBe(false);
    expect(canUse('crm.update', 'write')).toBe(true);
  });
});
