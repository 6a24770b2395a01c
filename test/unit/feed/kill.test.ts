import { describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import { FeedClient, type KillStatement, type Signed } from '../../../src/feed/index.ts';
import { signKill } from '../../../src/feed/log/index.ts';
import { at, ISSUER, unwrap } from '../fixtures/issuer.ts';
import { feedKeys, headOver, json, question, seconds, serve, sign } from '../fixtures/log.ts';

const pair = async () =>
  (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
const operator = await pair();

const KILL: KillStatement = {
  v: 1,
  issuer: ISSUER,
  issued_at: seconds(0),
  serial: 1,
  scope: 'owner',
  value: 'team:growth',
  before: seconds(1),
};

const signed = (kill: KillStatement, key = operator.privateKey): Promise<Signed> =>
  signKill(kill, async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)));

/** An issuer with an empty log, and a host of kill statements. */
async function scene(kills: () => unknown, now = () => at(0)) {
  const server = await serve(async (request, response) => {
    if (request.url === '/kills.json') {
      const list = kills();
      if (list !== undefined) json(response, list);
      return; // Without a list, the host hangs.
    }
    json(response, await sign(await headOver([], now() > at(0) ? 60 : 0)));
  });
  const client = new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now,
    fetch: (path, init) => fetch(`${server.url}${path}`, init),
    kill: { key: operator.publicKey, fetch: (init) => fetch(`${server.url}/kills.json`, init) },
  });
  return { server, client };
}

const HIT = { by: 'watermark', scope: 'owner', value: 'team:growth', before: seconds(1) };

describe('a kill statement', () => {
  test('is in force before the first decision, permanently', async () => {
    let list: unknown = [await signed(KILL)];
    let now = at(0);
    const { server, client } = await scene(
      () => list,
      () => now,
    );
    await using _ = server;
    unwrap(await client.refresh());
    expect(client.find(question())).toEqual(HIT);
    list = [];
    now = at(60);
    await client.poll();
    expect(client.head?.issued_at).toBe(seconds(60));
    expect(client.find(question())).toEqual(HIT);
  });

  test('is fetched every 30 s in the background, and never during a decision', async () => {
    let now = at(0);
    const { server, client } = await scene(
      () => [],
      () => now,
    );
    await using _ = server;
    const asked = () => server.asked.filter((path) => path === '/kills.json').length;
    for (const [offset, expected] of [
      [0, 1],
      [29.9, 1],
      [30, 2],
    ] as const) {
      now = at(offset);
      await client.poll();
      expect(asked()).toBe(expected);
    }
    now = at(90);
    await client.refresh();
    expect(asked()).toBe(2);
  });

  test('does not delay a feed whose issuer answers', async () => {
    const { server, client } = await scene(() => undefined);
    await using _ = server;
    const began = Date.now();
    unwrap(await client.refresh());
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test('counts if it comes from a file', async () => {
    const { server, client } = await scene(() => []);
    await using _ = server;
    expect(await client.addKills([await signed(KILL)])).toBe(1);
    expect(client.find(question())).toEqual(HIT);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['under another key', async () => signed(KILL, (await pair()).privateKey)],
    ['under the feed key', () => signed(KILL, feedKeys.privateKey)],
    ['for another issuer', () => signed({ ...KILL, issuer: `${ISSUER}/` })],
    ['of another version', () => signed({ ...KILL, v: 2 } as never)],
    ['of an unknown scope', () => signed({ ...KILL, scope: 'planet' } as never)],
    ['of all, with a value', () => signed({ ...KILL, scope: 'all' })],
    ['with a member more', () => signed({ ...KILL, unless: 1 } as never)],
    ['over 4 KiB', () => signed({ ...KILL, value: 'x'.repeat(4_096) })],
    [
      'that is a head of the operator',
      async () => sign(await headOver([], 0), operator.privateKey),
    ],
    ['that is malformed', async () => ({ payload: toBase64Url(utf8('{}')), signature: '' })],
  ])('%s stops nothing, and does not hide a genuine one', async (_, wrong) => {
    const { server, client } = await scene(() => []);
    await using _server = server;
    expect(await client.addKills([await wrong()])).toBe(0);
    expect(client.find(question())).toBeUndefined();
    expect(await client.addKills([await wrong(), await signed(KILL)])).toBe(1);
  });

  test.each([null, {}, 'kills', 1])('is ignored if the list is %j', async (list) => {
    const { server, client } = await scene(() => []);
    await using _ = server;
    expect(await client.addKills(list)).toBe(0);
  });
});
