import { describe, expect, test } from 'vitest';
import { createNonces } from '../../../src/dpop/index.ts';
import {
  FeedClient,
  FeedReplica,
  FeedReporter,
  FeedSubscription,
  openFeedFile,
} from '../../../src/feed/index.ts';
import { loadFloor } from '../../../src/feed/replica/floor.ts';
import {
  createVerifier,
  guard,
  resourceMetadata,
  TIERS,
  withResourceMetadata,
} from '../../../src/verifier/index.ts';
import { floorFile, listener } from '../../../src/verifier-node/index.ts';
import { CALL, fixedFeed, verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, ISSUER, issuerKey, mintToken } from '../fixtures/issuer.ts';
import { feedKeys } from '../fixtures/log.ts';

/** Options as JavaScript callers write them, without a compiler that would catch a mistake. */

const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
const token = mintToken();
type Odd = readonly [what: string, value: unknown];
const ODD: readonly Odd[] = [
  ['null', null],
  ['a string', 'x'],
  ['an empty string', ''],
  ['a number', 1],
  ['true', true],
  ['a list', []],
  ['an empty object', {}],
];
const cut = (odd: readonly Odd[], ...fine: readonly string[]) =>
  odd.filter(([what]) => !fine.includes(what));

describe('createVerifier refuses', () => {
  const good = { issuer: ISSUER, audience: AUDIENCE, keys: [issuerKey], feed: fixedFeed(1) };
  const make = (changes: object) => () => createVerifier({ ...good, ...changes } as never);
  test('no valid option', () => {
    make({})();
    make({ keys: 'feed', tiers: TIERS, nonces: createNonces(new Uint8Array(32)) })();
  });

  test.each([
    ...ODD.map((odd) => ['issuer', ...odd] as const),
    ...ODD.map((odd) => ['audience', ...odd] as const),
    ...cut(ODD, 'a list').map((odd) => ['keys', ...odd] as const),
    ...ODD.map((odd) => ['feed', ...odd] as const),
    ...ODD.map((odd) => ['tiers', ...odd] as const),
    ...ODD.map((odd) => ['nonces', ...odd] as const),
    ...ODD.map((odd) => ['now', ...odd] as const),
    ['keys', 'a misspelt feed', 'Feed'],
    ['keys', 'a key in capitals', [{ ...issuerKey, publicKey: 'AB'.repeat(32) }]],
    ['keys', 'a key without an id', [{ publicKey: issuerKey.publicKey }]],
    ['issuer', 'another protocol', 'ftp://issuer.example'],
  ] as const)('%s: %s', (name, _, value) => {
    expect(make({ [name]: value })).toThrow(TypeError);
    expect(make({ [name]: value })).toThrow(name);
  });

  const { 0: zero, 1: one, 2: two, 3: three } = TIERS;
  test.each<[string, object]>([
    ['with one missing', { 0: zero, 1: one, 2: two }],
    ['with one too many', { ...TIERS, 4: three }],
    ['under other names', { public: zero, internal: one, write: two, irreversible: three }],
    ['as a list', [zero, one, two, three]],
    ['with a rule that is a number', { ...TIERS, 2: 15 }],
    ['with a bound that is a string', { ...TIERS, 2: { ...two, headSecondsMax: '15' } }],
    ['with a bound that is NaN', { ...TIERS, 2: { ...two, headSecondsMax: Number.NaN } }],
    ['with an infinite bound', { ...TIERS, 2: { ...two, headSecondsMax: Infinity } }],
    ['with a bound below zero', { ...TIERS, 2: { ...two, headSecondsMax: -1 } }],
    [
      'with a misspelt bound',
      { ...TIERS, 2: { maxHeadSeconds: 15, whenOlder: 'ask', whenFresh: 'ask' } },
    ],
    ['with a misspelt value', { ...TIERS, 3: { ...three, whenFresh: 'Ask' } }],
    ['with an unknown value', { ...TIERS, 3: { ...three, whenOlder: 'deny' } }],
    ['with a missing value', { ...TIERS, 3: { headSecondsMax: 5, whenOlder: 'ask' } }],
  ])('tiers %s', (_, tiers) => {
    expect(make({ tiers })).toThrow(TypeError);
  });
});

describe('denies a tier that does not exist:', () => {
  const feed = fixedFeed(1, [], () => 1);
  test.each([
    [4],
    [-1],
    [1.5],
    [Number.NaN],
    ['1'],
    ['3'],
    [''],
    [null],
    ['__proto__'],
    ['constructor'],
    ['toString'],
    [[1]],
    [{}],
    [true],
  ] as const)('%j', async (tier) => {
    const verifier = verifierWith({ feed });
    for (const decision of [
      await verifier.verify(token, { ...CALL, tier: tier as never }),
      (await verifier.admit(token, { tier: tier as never })).decision,
    ]) {
      expect(decision).toMatchObject({ allowed: false, denial: { code: 'tier_unknown' } });
      expect(decision.evidence).not.toHaveProperty('tier');
    }
  });
});

describe('guard refuses', () => {
  const good = {
    verifier: verifierWith(),
    describe: async () => ({ ok: true, value: CALL }),
    handle: async () => new Response(),
  };
  test.each([
    ...ODD.map((odd) => ['verifier', ...odd] as const),
    ...ODD.map((odd) => ['describe', ...odd] as const),
    ...ODD.map((odd) => ['handle', ...odd] as const),
    ...ODD.map((odd) => ['decided', ...odd] as const),
    ...ODD.map((odd) => ['resourceMetadata', ...odd] as const),
  ])('%s: %s', (name, _, value) => {
    const make = () => guard({ ...good, [name]: value } as never);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`\`${name}\``);
  });
});

describe('FeedClient refuses', () => {
  const good = { issuer: ISSUER, feedKey: feedKeys.publicKey, fetch: async () => new Response() };
  const make = (changes: object) => () => new FeedClient({ ...good, ...changes } as never);
  test.each([
    ...ODD.map((odd) => ['issuer', ...odd] as const),
    ...ODD.map((odd) => ['feedKey', ...odd] as const),
    ...ODD.map((odd) => ['fetch', ...odd] as const),
    ...ODD.map((odd) => ['floor', ...odd] as const),
    ...ODD.map((odd) => ['kill', ...odd] as const),
    ...ODD.map((odd) => ['now', ...odd] as const),
    ...cut(ODD, 'a number').map((odd) => ['shard', ...odd] as const),
    ...cut(ODD, 'a number').map((odd) => ['refreshMilliseconds', ...odd] as const),
    ...cut(ODD, 'a number').map((odd) => ['retryMilliseconds', ...odd] as const),
    ['feedKey', 'a private key', feedKeys.privateKey],
    ['feedKey', 'a key of another kind', hmac],
    ['feedKey', 'a list with one bad key', [feedKeys.publicKey, hmac]],
    ['refreshMilliseconds', 'zero', 0],
    ['refreshMilliseconds', 'longer than a timer can be', 2 ** 31],
    ['refreshMilliseconds', 'NaN', Number.NaN],
    ['shard', 'half a shard', 0.5],
  ] as const)('%s: %s', (name, _, value) => {
    expect(make({ [name]: value })).toThrow(TypeError);
    expect(make({ [name]: value })).toThrow(name);
  });
  test('no valid option', () => {
    make({ feedKey: [feedKeys.publicKey], shard: 3, floor: floorFile('/tmp/x') })();
    make({ kill: { key: feedKeys.publicKey } })();
  });
});

describe('a floor', () => {
  const bad = { epoch: '1', seq: 7, chain: 'ab'.repeat(32), issued_at: 1 };
  test.each([
    ['a string for a number', bad],
    ['no members', {}],
    ['a number', 7],
    ['an empty string', ''],
    ['a malformed chain', { ...bad, epoch: 1, chain: 'x' }],
  ])('with %s protects nothing, so it stops the feed', async (_, floor) => {
    const replica = new FeedReplica({ issuer: ISSUER, feedKey: feedKeys.publicKey });
    const store = { load: async () => floor as never, save: async () => undefined };
    expect(await loadFloor(replica, store, {})).toBe(false);
    const options = { issuer: ISSUER, feedKey: feedKeys.publicKey, floor } as never;
    await expect(openFeedFile(new Uint8Array(), options)).rejects.toThrow('`floor`');
  });
});

describe('the other functions refuse', () => {
  const socket = {
    url: 'wss://issuer.example/feed/v2/0/subscribe',
    client: new FeedClient({
      issuer: ISSUER,
      feedKey: feedKeys.publicKey,
      fetch: async () => new Response(null, { status: 500 }),
    }),
    WebSocket: class {},
  };
  test.each<[string, () => unknown]>([
    ['an empty secret for nonces', () => createNonces(new Uint8Array())],
    ['a short secret for nonces', () => createNonces(new Uint8Array(31))],
    [
      'a string as secret for nonces',
      () => createNonces('a secret of thirty-two characters' as never),
    ],
    ['a file without a name', () => floorFile('')],
    ['a file that is not a string', () => floorFile(7 as never)],
    ['an origin that is not a URL', () => listener(async () => new Response(), { origin: 'api' })],
    ['a socket over http', () => new FeedSubscription({ ...socket, url: ISSUER } as never)],
    [
      'a subscription without a client',
      () => new FeedSubscription({ ...socket, client: {} } as never),
    ],
    [
      'a silence longer than a timer can be',
      () => new FeedSubscription({ ...socket, silenceMilliseconds: 1e12 } as never),
    ],
    [
      'a verifier name with a space',
      () => new FeedReporter({ verifier: 'a b', send: async () => {} }),
    ],
    [
      'metadata without an issuer',
      () => resourceMetadata({ resource: AUDIENCE, authorizationServers: [] }),
    ],
    [
      'metadata with an issuer that is not a URL',
      () => resourceMetadata({ resource: AUDIENCE, authorizationServers: ['issuer'] }),
    ],
  ])('%s', (_, make) => {
    expect(make).toThrow(TypeError);
  });

  test('a quotation mark in the URL of a challenge', () => {
    const denied = new Response(null, { headers: { 'www-authenticate': 'Bearer realm="x"' } });
    const response = withResourceMetadata(denied, 'https://crm.example/", error="none');
    expect(response.headers.get('www-authenticate')?.match(/"/g)).toHaveLength(4);
  });
});
