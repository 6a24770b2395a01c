import type { IssuerKey } from '../../../src/capability/index.ts';
import { createNonces } from '../../../src/dpop/index.ts';
import {
  type ConfirmOptions,
  confirmOverHttp,
  exportFeed,
  FeedClient,
  type FeedOptions,
  FeedReplica,
  FeedReporter,
  type FeedReporterOptions,
  FeedSubscription,
  type FileOptions,
  type KillSource,
  openFeedFile,
  type ReplicaOptions,
  type SubscriptionOptions,
} from '../../../src/feed/index.ts';
import {
  createProtection,
  createVerifier,
  type GuardOptions,
  guard,
  type PresentedProof,
  type ProtectedResource,
  type ProtectionOptions,
  type ProtectKillOptions,
  type ProtectOptions,
  protect,
  type Route,
  type RouteFacts,
  resourceMetadata,
  TIERS,
  type TierRule,
  type Tiers,
  type VerifierOptions,
  type VerifyRequest,
} from '../../../src/verifier/index.ts';
import {
  type ListenerOptions,
  listener,
  type NodeProtectOptions,
  protect as protectInNode,
} from '../../../src/verifier-node/index.ts';
import { fixedFeed, verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, ISSUER, issuerKey } from '../fixtures/issuer.ts';
import { feedKeys } from '../fixtures/log.ts';
import { FULL_CALL, OPTIONAL_IN_CALL } from '../fixtures/narrowing.ts';
import { recorder } from '../verifier/protect/protected.ts';
import { nothing, now, token, unanswered, type Walk, walk } from './walk.ts';

const feedKey = feedKeys.publicKey;

class NoSocket {
  binaryType = '';
  addEventListener = nothing;
  close = nothing;
}

const REQUEST: Required<VerifyRequest> = {
  ...FULL_CALL,
  tier: 1,
  proof: { scheme: 'DPoP', text: '', method: 'GET', url: AUDIENCE },
  attached: {},
  catalogue: new Map(),
};
const VERIFIER: Required<VerifierOptions> = {
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: [issuerKey],
  feed: fixedFeed(1),
  tiers: TIERS,
  nonces: createNonces(new Uint8Array(32).fill(7)),
  spendsApprovals: true,
  now,
};

const PROTECTION: Required<ProtectionOptions> = {
  issuer: ISSUER,
  audience: AUDIENCE,
  verifier: verifierWith(),
  feed: VERIFIER.feed,
  afterResponse: async () => undefined,
  records: recorder(),
  catalogue: new Map(),
  bodyBytesMax: 1024,
  resourceMetadata: AUDIENCE,
  report: nothing,
};
const WITNESSES = 'log l+0+A\nwitness w w+0+B\nquorum w';
const PROTECT: Required<ProtectOptions> = {
  issuer: ISSUER,
  audience: AUDIENCE,
  feedKey,
  witnesses: WITNESSES,
  keys: 'feed',
  tiers: TIERS,
  nonces: VERIFIER.nonces,
  service: unanswered,
  shards: 2,
  kill: { key: feedKey, url: `${ISSUER}/kills` },
  records: PROTECTION.records,
  catalogue: PROTECTION.catalogue,
  bodyBytesMax: 1024,
  resourceMetadata: AUDIENCE,
  report: nothing,
  now,
};
const OPTIONAL_IN_PROTECT = [
  ...(['keys', 'tiers', 'nonces', 'service', 'shards', 'witnesses', 'kill', 'records'] as const),
  ...(['catalogue', 'bodyBytesMax', 'resourceMetadata', 'report', 'now'] as const),
];
const ROUTE: Required<Route> = {
  tool: 'crm.search',
  action: 'read',
  tier: 1,
  dataset: 'crm/contacts',
  args: {},
  mode: 'enforce',
  scoped: true,
  body: 'json',
};

export const VERIFIERS: readonly Walk[] = [
  walk('createVerifier', VERIFIER, ['tiers', 'nonces', 'spendsApprovals', 'now'], createVerifier),
  walk<IssuerKey>('createVerifier: keys', issuerKey, [], (given) =>
    createVerifier({ ...VERIFIER, keys: [given] }),
  ),
  walk<Tiers>('createVerifier: tiers', TIERS, [], (tiers) =>
    createVerifier({ ...VERIFIER, tiers }),
  ),
  walk<TierRule>('createVerifier: tiers[3]', TIERS[3], [], (rule) =>
    createVerifier({ ...VERIFIER, tiers: { ...TIERS, 3: rule } }),
  ),
  walk<PresentedProof>('verify: proof', REQUEST.proof, [], (proof) =>
    verifierWith().verify(token, { ...REQUEST, proof }),
  ),
  walk<VerifyRequest>(
    'verify',
    REQUEST,
    [...OPTIONAL_IN_CALL, 'proof', 'attached', 'catalogue'],
    (request) => verifierWith().verify(token, request),
  ),
  walk<RouteFacts>(
    'admit',
    { tier: 1, holder: REQUEST.holder, proof: REQUEST.proof },
    ['holder', 'proof'],
    (route) => verifierWith().admit(token, route),
  ),
  walk<GuardOptions<[]>>(
    'guard',
    {
      verifier: verifierWith(),
      describe: async () => ({ ok: true, value: REQUEST }),
      handle: unanswered,
      resourceMetadata: AUDIENCE,
      decided: nothing,
      report: nothing,
    },
    ['resourceMetadata', 'decided', 'report'],
    guard,
  ),
  walk<ProtectionOptions>(
    'createProtection',
    PROTECTION,
    ['feed', 'afterResponse', 'records', 'catalogue', 'bodyBytesMax', 'resourceMetadata', 'report'],
    createProtection,
  ),
  walk<Route>('createProtection: route', ROUTE, ['args', 'mode', 'scoped', 'body'], (route) =>
    createProtection(PROTECTION).fetch(route, unanswered),
  ),
  walk<ProtectOptions>('protect', PROTECT, OPTIONAL_IN_PROTECT, protect),
  walk<ProtectKillOptions>('protect: kill', PROTECT.kill, [], (kill) =>
    protect({ ...PROTECT, kill }),
  ),
  walk<ProtectedResource>(
    'resourceMetadata',
    { resource: AUDIENCE, authorizationServers: [ISSUER], name: 'CRM', documentation: ISSUER },
    ['name', 'documentation'],
    resourceMetadata,
  ),
];

export const NODE: readonly Walk[] = [
  walk<NodeProtectOptions>(
    'protect',
    { ...PROTECT, credential: 'x', floor: '/nowhere/hewn-floor.json', WebSocket: false },
    [...OPTIONAL_IN_PROTECT, 'floor', 'credential', 'WebSocket'],
    async (given) => await protectInNode(given).close(),
  ),
  walk<ListenerOptions>('listener', { origin: AUDIENCE, failed: nothing }, ['failed'], (given) =>
    listener(unanswered, given),
  ),
];

const REPLICA: Required<ReplicaOptions> = {
  issuer: ISSUER,
  feedKey,
  shard: 0,
  witnesses: WITNESSES,
};
const FEED: Required<FeedOptions> = {
  ...REPLICA,
  fetch: unanswered,
  floor: { load: async () => undefined, save: async () => undefined },
  kill: { key: feedKey },
  now,
  refreshMilliseconds: 100,
  retryMilliseconds: 100,
  report: nothing,
};

export const FEEDS: readonly Walk[] = [
  walk(
    'FeedClient',
    FEED,
    [
      'shard',
      'witnesses',
      'floor',
      'kill',
      'now',
      'refreshMilliseconds',
      'retryMilliseconds',
      'report',
    ],
    (given: FeedOptions) => new FeedClient(given),
  ),
  walk<KillSource>(
    'FeedClient: kill',
    { key: feedKey, fetch: unanswered },
    ['fetch'],
    (kill) => new FeedClient({ ...FEED, kill }),
  ),
  walk<ReplicaOptions>(
    'FeedReplica',
    REPLICA,
    ['shard', 'witnesses'],
    (given) => new FeedReplica(given),
  ),
  walk<FileOptions>(
    'openFeedFile',
    { ...REPLICA, now, floor: { epoch: 1, seq: 1, chain: 'a'.repeat(64), issued_at: 1 } },
    ['shard', 'witnesses', 'now', 'floor'],
    (given) => openFeedFile(new Uint8Array(), given),
  ),
  walk<Omit<FeedOptions, 'kill'>>(
    'exportFeed',
    {
      ...REPLICA,
      fetch: unanswered,
      floor: FEED.floor,
      now,
      refreshMilliseconds: 100,
      retryMilliseconds: 100,
      report: nothing,
    },
    ['shard', 'witnesses', 'floor', 'now', 'refreshMilliseconds', 'retryMilliseconds', 'report'],
    exportFeed,
  ),
  walk<FeedReporterOptions>(
    'FeedReporter',
    {
      verifier: 'edge-1',
      send: async () => undefined,
      shard: 0,
      records: () => ({ counts: [], isBehind: false }),
      audience: 'https://api.example',
      fault: () => undefined,
      failed: nothing,
    },
    ['shard', 'records', 'audience', 'fault', 'failed'],
    (given) => new FeedReporter(given),
  ),
  walk<ConfirmOptions>(
    'confirmOverHttp',
    { issuer: ISSUER, credential: 'x', fetch: unanswered },
    ['fetch'],
    confirmOverHttp,
  ),
  walk<SubscriptionOptions>(
    'FeedSubscription',
    {
      url: 'wss://issuer.example/feed/v2/0/subscribe',
      credential: 'x',
      client: new FeedClient(FEED),
      WebSocket: NoSocket,
      random: () => 0,
      onHead: nothing,
      silenceMilliseconds: 60_000,
      report: nothing,
    },
    ['credential', 'random', 'onHead', 'silenceMilliseconds', 'report'],
    (given) => new FeedSubscription(given).close(),
  ),
];
