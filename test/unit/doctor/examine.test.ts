import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/deployment/index.ts';
import { CHECKS, examine, type Finding, type Site } from '../../../src/doctor/index.ts';
import { signHead } from '../../../src/feed/log/index.ts';
import { generateKeyFile } from '../../../src/key-file/contents.ts';
import { type KeyFile, signerOf } from '../../../src/key-file/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { deploymentOf, VALID } from '../deployment/scene.ts';
import { headOver, seconds } from '../fixtures/log.ts';

const NOW = new Date(seconds(1) * 1_000);
const ISSUER = 'https://issuer.example';
const GATEWAY = 'https://gateway.example';
const VERSION = 'd'.repeat(64);
const keys = generateKeyFile(seconds(0));
const [environment] = (await deploymentOf(VALID)).environments;

type Answers = Readonly<Record<string, () => Response | Promise<Response>>>;
const dated = { date: NOW.toUTCString() };

const HEALTHY: Answers = {
  [`${ISSUER}/readyz`]: () => Response.json({ ready: true, checks: [] }),
  [`${ISSUER}/healthz`]: () => Response.json({}, { headers: dated }),
  [`${ISSUER}/admin/v1/audit?limit=1`]: () => new Response(null, { status: 401 }),
  [`${ISSUER}/feed/v2/0/head`]: async () =>
    Response.json(
      await signHead(await headOver([], 1, { issuer: ISSUER }), signerOf(keys.feed.privateKey)),
    ),
  [`${GATEWAY}/readyz`]: () => Response.json({ ready: true, checks: [] }),
  [`${GATEWAY}/healthz`]: () => Response.json({}, { headers: dated }),
  [`${GATEWAY}/mcp/files`]: () => new Response(null, { status: 401 }),
  [`${GATEWAY}/http/orders`]: () => new Response(null, { status: 401 }),
  'https://acme.okta.com/oauth2/v1/keys': () => Response.json({ keys: [] }),
  'https://acme.okta.com/.well-known/openid-configuration': () =>
    Response.json({
      issuer: 'https://acme.okta.com',
      jwks_uri: 'https://acme.okta.com/oauth2/v1/keys',
    }),
};

const STATUS = {
  now: NOW.toISOString(),
  issuer: ISSUER,
  audiences: [GATEWAY],
  shards: 1,
  keys: {
    mint: keys.mint.map(({ id, publicKey }) => ({ id, active: true, public_key: publicKey })),
    feed: keys.feed.publicKey,
  },
  storage: [{ object: 'AuditLog', stored: 3, known: 3 }],
  audit: { records: 5, bytes: 1_000, traffic_bytes_max: 8_000, grants_bytes_max: 9_000 },
  feed: [
    { shard: 0, state: { epoch: 1, seq: 0, verifiers: { seen: 2, confirmed: 2, waiting: [] } } },
  ],
  providers: [{ name: 'okta', kind: 'oidc', keys: 'reachable' }],
} as const;

/** A shard whose two witnesses have seen it, with some members changed. */
const shardWith = (change: object) => ({
  shard: 0,
  state: {
    epoch: 1,
    seq: 0,
    verifiers: { seen: 2, confirmed: 2, waiting: [] },
    tree: {
      size: 3,
      seen_at: '2026-11-20T10:00:00.000Z',
      faults: [],
      silent: [],
      witnesses: [
        { name: 'w0', size: 3 },
        { name: 'w1', size: 2, fault: 'TimeoutError' },
      ],
      ...change,
    },
  },
});

const LOG = { log: 'control', fill: 0, faults: [], silent: [] };

const ACTIVE = {
  n: 1,
  version: VERSION,
  before: null,
  catalogue_hash: '',
  at: NOW.toISOString(),
  actor: 'operator',
  by: 'deploy',
  reason: '',
  state: 'active',
  in_feed: true,
} as const;

interface Change {
  readonly answers?: Answers;
  readonly status?: object;
  readonly keys?: KeyFile;
  readonly active?: object | null;
  readonly now?: Date;
  readonly site?: Partial<Site>;
}

const ROUTES = [
  { server: 'files', kind: 'mcp', mode: 'enforce' },
  { server: 'orders', kind: 'http', mode: 'enforce' },
] as const;

function siteWith({ answers = {}, status = {}, active = ACTIVE, now = NOW, ...change }: Change) {
  const all = { ...HEALTHY, ...answers };
  const site: Site = {
    environment: environment as Environment,
    issuer: ISSUER,
    gateways: [
      {
        name: 'gateway',
        url: GATEWAY,
        upstreams: { files: 'https://files.internal.example/mcp' },
        routes: ROUTES,
      },
    ],
    contents: { faults: 0, casesPassed: 1 },
    keys: change.keys ?? keys,
    feedPublicKey: keys.feed.publicKey,
    version: VERSION,
    now: () => now,
    fetch: async (input) => {
      const answer = all[String(input)];
      if (!answer) throw new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } });
      return answer();
    },
    status: async () => ok({ ...STATUS, ...status }) as never,
    active: async () => ok({ active, recording: null, last_by: {} }) as never,
    drill: undefined,
    ...change.site,
  };
  return site;
}

const examined = (change: Change = {}): Promise<readonly Finding[]> =>
  examine(CHECKS, siteWith(change));

async function findingsOf(check: string, change: Change): Promise<readonly Finding[]> {
  return (await examined(change)).filter((one) => one.check === check && one.status !== 'ok');
}

const unready = () =>
  Response.json(
    {
      ready: false,
      checks: [{ name: 'configuration', ok: false, variable: 'MINT_KEYS', advice: 'Correct it.' }],
    },
    { status: 503 },
  );

test('a healthy deployment has only findings that are ok, and a drill that is not requested', async () => {
  const findings = await examined();
  expect(findings.filter(({ status }) => status !== 'ok')).toMatchObject([
    { check: 'drill', status: 'skip', advice: expect.stringContaining('--drill') },
  ]);
  expect(new Set(findings.map(({ check }) => check))).toEqual(
    new Set(CHECKS.map(({ name }) => name)),
  );
});

test('a server that is only observed is named, and not called', async () => {
  const asked: string[] = [];
  const routes = ROUTES.map((route) => ({ ...route, mode: 'observe' as const }));
  const site = siteWith({});
  const found = await examine(CHECKS, {
    ...site,
    gateways: [{ name: 'gateway', url: GATEWAY, upstreams: {}, routes }],
    fetch: async (input) => {
      asked.push(String(input));
      return site.fetch(input);
    },
  });
  const observing = found.filter(({ detail }) => detail.includes('only observes'));
  expect(observing.map(({ status, detail }) => [status, detail.slice(0, 20)])).toEqual([
    ['warn', 'only observes files:'],
    ['warn', 'only observes orders'],
  ]);
  expect(asked.filter((url) => /\/(?:mcp|http)\//.test(url))).toEqual([]);
});

describe('doctor finds', () => {
  const old = {
    ...keys,
    mint: keys.mint.map((key) => ({ ...key, since: seconds(0) - 200 * 86_400 })),
  };
  const others = generateKeyFile(seconds(0));
  test.each<[string, string, 'warn' | 'fail' | 'skip', string, Change]>([
    [
      'a fault of the files',
      'configuration',
      'fail',
      '3 faults',
      { site: { contents: { faults: 3, casesPassed: 0 } } },
    ],
    [
      'a Worker that is not ready',
      'ready',
      'fail',
      'configuration (MINT_KEYS)',
      { answers: { [`${ISSUER}/readyz`]: unready } },
    ],
    [
      'a gateway that does not answer',
      'ready',
      'fail',
      'ENOTFOUND',
      {
        site: {
          gateways: [
            { name: 'gateway', url: 'https://nowhere.example', upstreams: {}, routes: [] },
          ],
        },
      },
    ],
    [
      'an older release',
      'ready',
      'warn',
      'no /readyz',
      { answers: { [`${GATEWAY}/readyz`]: () => new Response(null, { status: 404 }) } },
    ],
    ['a root key that is due', 'keys', 'warn', '200 days', { keys: old }],
    ['an issuer with other keys', 'keys', 'fail', 'another key', { keys: others }],
    [
      'a machine without the keys',
      'keys',
      'skip',
      'does not have the key file',
      { site: { keys: undefined } },
    ],
    [
      'a clock that is behind',
      'clocks',
      'fail',
      '120 s behind',
      { now: new Date(NOW.getTime() - 120_000) },
    ],
    [
      'a feed that another key signed',
      'feed',
      'fail',
      'head_signature',
      { site: { feedPublicKey: others.feed.publicKey } },
    ],
    [
      'a verifier that lacks the newest stop',
      'verifiers',
      'warn',
      'not yet: gw-1',
      {
        status: {
          feed: [
            {
              shard: 0,
              state: { epoch: 1, seq: 4, verifiers: { seen: 2, confirmed: 1, waiting: ['gw-1'] } },
            },
          ],
        },
      },
    ],
    [
      'no verifier',
      'verifiers',
      'warn',
      'no verifier reported',
      {
        status: {
          feed: [
            {
              shard: 0,
              state: { epoch: 1, seq: 4, verifiers: { seen: 0, confirmed: 0, waiting: [] } },
            },
          ],
        },
      },
    ],
    [
      'a log that fails',
      'verifiers',
      'fail',
      'did not answer',
      { status: { feed: [{ shard: 0, state: null }] } },
    ],
    [
      'another active version',
      'version',
      'warn',
      'differs',
      { active: { ...ACTIVE, version: 'e'.repeat(64) } },
    ],
    ['no active version', 'version', 'warn', 'no version is active', { active: null }],
    [
      'a provider that the issuer cannot reach',
      'providers',
      'fail',
      'cannot fetch its keys (timeout)',
      {
        status: {
          providers: [{ name: 'okta', kind: 'oidc', keys: 'unreachable', why: 'timeout' }],
        },
      },
    ],
    [
      'a provider that names other keys',
      'providers',
      'warn',
      'names other keys',
      {
        answers: {
          'https://acme.okta.com/.well-known/openid-configuration': () =>
            Response.json({ issuer: 'https://acme.okta.com', jwks_uri: 'https://other.example' }),
        },
      },
    ],
    [
      'an admin API without a credential',
      'open routes',
      'fail',
      'HTTP 200',
      { answers: { [`${ISSUER}/admin/v1/audit?limit=1`]: () => Response.json({}) } },
    ],
    [
      'a gateway without a token',
      'open routes',
      'fail',
      'HTTP 200',
      { answers: { [`${GATEWAY}/mcp/files`]: () => Response.json({}) } },
    ],
    [
      'an HTTP API behind the gateway without a token',
      'open routes',
      'fail',
      'HTTP 200',
      { answers: { [`${GATEWAY}/http/orders`]: () => Response.json({}) } },
    ],
    [
      'an upstream past the gateway',
      'upstreams',
      'warn',
      'past the gateway',
      {
        answers: {
          'https://files.internal.example/mcp': () => new Response(null, { status: 406 }),
        },
      },
    ],
    [
      'storage of a newer release',
      'storage',
      'warn',
      'newer than the code',
      { status: { storage: [{ object: 'AuditLog', stored: 4, known: 3 }] } },
    ],
    [
      'an object that does not start',
      'storage',
      'fail',
      'did not answer',
      { status: { storage: [{ object: 'AuditLog', stored: null, known: 3 }] } },
    ],
    [
      'an audit log that fills',
      'audit',
      'warn',
      '87 % full',
      { status: { audit: { ...STATUS.audit, bytes: 7_000 } } },
    ],
    [
      'a full audit log',
      'audit',
      'fail',
      '100 % full',
      { status: { audit: { ...STATUS.audit, bytes: 8_000 } } },
    ],
    [
      'a log that stopped',
      'audit',
      'fail',
      'forked',
      { status: { logs: [{ ...LOG, faults: ['stopped'], stopped: 'forked' }] } },
    ],
    [
      'a log that is not signed',
      'audit',
      'warn',
      'no checkpoint covers',
      { status: { logs: [{ ...LOG, faults: ['unsigned'] }] } },
    ],
    [
      'a record that waits for the archive',
      'audit',
      'warn',
      'waited 900 s',
      { status: { logs: [{ ...LOG, faults: ['late'], pending_seconds: 900 }] } },
    ],
    [
      'a log that fills',
      'audit',
      'warn',
      '85 % full',
      { status: { logs: [{ ...LOG, faults: ['filling'], fill: 0.85 }] } },
    ],
    [
      'a witness that is silent',
      'audit',
      'warn',
      'witness.example',
      { status: { logs: [{ ...LOG, faults: ['witness_silent'], silent: ['witness.example'] }] } },
    ],
    [
      'a witness of the feed that is silent',
      'feed',
      'warn',
      'not cosigned by w1 (TimeoutError)',
      { status: { feed: [shardWith({ faults: ['witness_silent'], silent: ['w1'] })] } },
    ],
    [
      'a feed that too few witnesses have seen',
      'feed',
      'fail',
      'too few have seen',
      { status: { feed: [shardWith({ faults: ['quorum_missing'], silent: [] })] } },
    ],
    [
      'a feed with another history at a witness',
      'feed',
      'fail',
      'it has seen 9 leaves',
      { status: { feed: [shardWith({ faults: ['stopped'], stopped: 'it has seen 9 leaves' })] } },
    ],
    [
      'a fault of the feed of a later release',
      'feed',
      'warn',
      'haunted',
      { status: { feed: [shardWith({ faults: ['haunted'] })] } },
    ],
    [
      'a fault of a later release',
      'audit',
      'warn',
      'haunted',
      { status: { logs: [{ ...LOG, faults: ['haunted'] }] } },
    ],
    [
      'a drill that was late',
      'drill',
      'fail',
      'late',
      { site: { drill: async () => ({ subject: 'drill', status: 'fail', detail: 'late' }) } },
    ],
  ])('%s', async (_, check, status, detail, change) => {
    const findings = await findingsOf(check, change);
    expect(findings).toContainEqual(
      expect.objectContaining({
        status,
        detail: expect.stringContaining(detail),
        advice: expect.any(String),
      }),
    );
  });

  test('the witnesses of the feed and of the logs', async () => {
    const log = { ...LOG, witnesses: [{ name: 'w1', size: 9, at: NOW.toISOString() }] };
    const change = { status: { feed: [shardWith({})], logs: [log] } };
    const findings = await examined(change);
    expect(findings).toContainEqual(
      expect.objectContaining({
        subject: 'witnesses of shard 0',
        status: 'ok',
        detail: 'w0, w1: seen 2026-11-20T10:00:00.000Z',
      }),
    );
    expect(findings.filter(({ check }) => check === 'audit')).toMatchObject([
      { status: 'ok', detail: expect.stringContaining('witnesses: w1') },
    ]);
  });

  test('nothing about what only the issuer knows, without the credential', async () => {
    const site = {
      status: async () => refuse('no credential'),
      active: async () => refuse('none'),
    };
    const findings = await examined({ site });
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(findings.filter(({ status }) => status === 'skip').length).toBeGreaterThan(4);
  });

  test('a check that throws, as a failure of that check', async () => {
    const site = { status: () => Promise.reject(new Error('out of memory')) };
    const findings = await examined({ site });
    expect(findings.filter(({ check }) => check === 'audit')).toMatchObject([
      { status: 'fail', detail: 'could not be examined: out of memory' },
    ]);
    expect(findings.filter(({ check }) => check === 'ready')).toHaveLength(2);
  });
});
