import { describe, expect, test } from 'vitest';
import type { Head } from '../../../src/feed/index.ts';
import { createVerifier, type Feed, type KeysOption } from '../../../src/verifier/index.ts';
import { CALL } from '../fixtures/feed.ts';
import { AUDIENCE, at, ISSUER, issuerKey, mintToken, otherKey } from '../fixtures/issuer.ts';
import { headOver } from '../fixtures/log.ts';

/** A feed whose head the test replaces, at once or when the verifier asks. */
class TestFeed implements Feed {
  head: Head | undefined;
  next: Head | undefined;
  asked = 0;
  find = () => undefined;
  async refresh() {
    this.asked += 1;
    this.head = this.next ?? this.head;
    return { ok: this.next !== undefined };
  }
}

const heads = {
  before: await headOver([], 0, { keys: [otherKey] }),
  both: await headOver([], 1, { keys: [otherKey, issuerKey] }),
  after: await headOver([], 2, { keys: [issuerKey] }),
};
const token = mintToken();

function scene(keys: KeysOption, head?: Head) {
  const feed = new TestFeed();
  feed.head = head;
  const time = { now: at(2) };
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys,
    feed,
    now: () => time.now,
  });
  const ask = async () => {
    const decision = await verifier.verify(token, CALL);
    return decision.allowed ? 'allowed' : decision.denial.code;
  };
  return { feed, time, ask, verifier };
}

describe('the keys of the feed', () => {
  test('are trusted only while the latest head has them, whatever was verified before', async () => {
    const { feed, ask } = scene('feed', heads.before);
    expect(await ask()).toBe('signature_invalid');
    feed.head = heads.both;
    expect(await ask()).toBe('allowed');
    feed.head = heads.after;
    expect(await ask()).toBe('allowed');
    feed.head = { ...heads.before, issued_at: heads.after.issued_at };
    expect(await ask()).toBe('signature_invalid');
    expect(feed.asked).toBe(0); // Offline means offline: a fresh head knows every key in use.
  });

  test.each([1, 3] as const)(
    'are those of the answer if tier %d asks: a withdrawn key is not trusted',
    async (tier) => {
      const old = await headOver([], -100, { keys: [otherKey, issuerKey] });
      const withdrawn = await headOver([], 2, { keys: [otherKey] });
      for (const keys of ['feed', [otherKey, 'feed']] as const) {
        const { feed, verifier } = scene(keys, tier === 3 ? heads.both : old);
        feed.next = withdrawn;
        expect(await verifier.verify(token, { ...CALL, tier })).toMatchObject({
          denial: { code: 'signature_invalid' },
        });
        expect(feed.asked).toBe(1);
      }
      const { feed, verifier } = scene([issuerKey, 'feed'], old); // Pinned here, it counts.
      feed.next = withdrawn;
      expect(await verifier.verify(token, { ...CALL, tier })).toMatchObject({ allowed: true });
    },
  );

  test('are requested while there is no head', async () => {
    const { feed, ask, time } = scene('feed');
    expect(await ask()).toBe('head_missing');
    time.now = at(3);
    feed.next = heads.after;
    expect(await ask()).toBe('allowed');
  });

  test('are requested again if the head is over 60 s old, at most once a second', async () => {
    const { feed, ask, time } = scene('feed', heads.before);
    time.now = at(61);
    feed.next = undefined;
    expect([await ask(), await ask(), await ask()]).toEqual(Array(3).fill('signature_invalid'));
    expect(feed.asked).toBe(1);
    time.now = at(62);
    feed.next = { ...heads.both, issued_at: at(62) / 1000 };
    expect(await ask()).toBe('allowed');
    expect(feed.asked).toBe(2);
  });
});

describe('pinned keys', () => {
  test('are the only trusted keys, whatever the head says', async () => {
    const { feed, ask } = scene([otherKey], heads.after);
    expect(await ask()).toBe('signature_invalid');
    const pinned = scene([issuerKey], heads.before);
    expect(await pinned.ask()).toBe('allowed');
    expect(feed.asked + pinned.feed.asked).toBe(0);
  });

  test("are trusted together with the feed's keys if both are configured", async () => {
    expect(await scene([otherKey, 'feed'], heads.after).ask()).toBe('allowed');
    expect(await scene([issuerKey, 'feed'], heads.before).ask()).toBe('allowed');
    expect(await scene([otherKey, 'feed'], heads.before).ask()).toBe('signature_invalid');
  });
});
