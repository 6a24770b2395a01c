import { expect, test } from 'vitest';
import { FeedClient, type FeedEntry, type Head } from '../../../src/feed/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { at, ISSUER, mintToken, opened } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, question, sign } from '../fixtures/log.ts';

/** Tier 3 uses no answer to a refresh that started before the call. */

const pass = (milliseconds: number) => new Promise((passed) => setTimeout(passed, milliseconds));
const [granted] = [mintToken()];
const [block = ''] = (await opened(granted)).revocationIds;
const REVOKED = entry(1, { kind: 'block', id: block });

/** A log whose answers take a while to arrive, as over a slow line. */
function slowLog(milliseconds: number) {
  const shown: { log: readonly FeedEntry[]; asked: number; slow?: (path: string) => number } = {
    log: [],
    asked: 0,
  };
  const fetch = async (path: string): Promise<Response> => {
    // The answer is settled when the request arrives.
    const { log } = shown;
    if (path.includes('/head')) {
      shown.asked += 1;
      const answer = Response.json(await sign(await headOver(log, 1)));
      await pass(shown.slow?.(path) ?? milliseconds);
      return answer;
    }
    const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
    return new Response(deltaOf(log.filter(({ seq }) => seq > from && seq <= to)));
  };
  const feedKey = feedKeys.publicKey;
  const client = new FeedClient({ issuer: ISSUER, feedKey, now: () => at(1), fetch });
  return { shown, client };
}

test('denies every tier 3 call that is sent after a revocation was acknowledged', async () => {
  const { shown, client } = slowLog(200);
  const verifier = verifierWith({ feed: client });
  const call = () => verifier.verify(granted, { ...CALL, tier: 3 });
  expect(await call()).toMatchObject({ allowed: true });

  // Other tier 3 traffic keeps a refresh running all the time.
  let isOver = false;
  const traffic = (async () => {
    while (!isOver) await Promise.all([call(), pass(20)]);
  })();
  const others = Array.from({ length: 3 }, () => call());
  await pass(30);
  shown.log = [REVOKED];
  // The revocation is acknowledged. From here on, nothing may be allowed.
  const later = [];
  for (let sent = 0; sent < 60; sent += 1) {
    later.push(call());
    await pass(5);
  }
  const decisions = await Promise.all(later);
  isOver = true;
  await Promise.all([...others, traffic]);
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(0);
  expect(decisions[0]).toMatchObject({ denial: { code: 'revoked', by: 'block' } });
  // Calls share refreshes: at most two for each round trip.
  expect(shown.asked).toBeLessThan(15);
});

test('an older answer that arrives in between does not replace a newer one', async () => {
  const { shown, client } = slowLog(0);
  const heads: Head[] = [];
  for (let round = 0; round < 40; round += 1) {
    const { client: racing, shown: log } = slowLog(0);
    log.slow = (path) => (path.endsWith('polled') ? (round % 8) / 2 : 0);
    const polling = racing.poll(); // Settled before the revocation, applied whenever it comes.
    await pass(0);
    log.log = [REVOKED];
    const answer = await racing.refresh();
    expect(answer.ok).toBe(true);
    if (racing.head) heads.push(racing.head);
    expect(racing.find(question({ blocks: [block] })), `round ${round}`).toBeDefined();
    await polling;
  }
  expect(heads.every(({ seq }) => seq === 1)).toBe(true);
  expect([shown.asked, client.head]).toEqual([0, undefined]);
});
