import toolCatalogue from '../../policy/tools.toml';
import { RecordOutbox } from '../../src/audit/index.ts';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import { createNonces } from '../../src/dpop/index.ts';
import { toBase64Url } from '../../src/encoding.ts';
import { FeedClient, FeedReporter } from '../../src/feed/index.ts';
import { createVerifier, type Verifier } from '../../src/verifier/index.ts';
import { Ledger } from '../../src/workflow/index.ts';
import { type GatewayConfig, type GatewayEnv, parseConfig } from './config.ts';

/**
 * What an isolate keeps between requests: its verifier, its copy of the feed, its unsent records.
 */
export interface Edge {
  readonly config: GatewayConfig;
  readonly catalogue: Catalogue;
  readonly verifier: Verifier;
  readonly feed: FeedClient;
  readonly outbox: RecordOutbox;
  readonly ledger: Ledger;
  readonly reporter: FeedReporter;
}

const edges = new WeakMap<object, Promise<Edge>>();

export function edgeOf(env: GatewayEnv): Promise<Edge> {
  let edge = edges.get(env);
  if (!edge) {
    edge = createEdge(env);
    edges.set(env, edge);
  }
  return edge;
}

async function createEdge(env: GatewayEnv): Promise<Edge> {
  const config = parseConfig(env);
  const catalogue = parseCatalogue(toolCatalogue);
  if (!catalogue.ok) throw new Error(`policy/tools.toml: ${JSON.stringify(catalogue.error)}`);
  const feedKey = await Promise.all(config.feedPublicKeys.map(importPublic));
  const { kill } = config;
  const killKey = kill && (await importPublic(kill.publicKey));
  const feed = new FeedClient({
    issuer: config.issuer,
    feedKey,
    fetch: (path, init) => env.ISSUER_FEED.fetch(`${config.issuer}${path}`, init),
    ...(killKey && { kill: { key: killKey, fetch: (init) => fetch(kill.url, init) } }),
  });
  // Random per isolate: two isolates of one gateway count apart.
  const name = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
  const reporter = new FeedReporter({
    verifier: name,
    send: async (shard, confirmation) => {
      await env.ISSUER_RECORDS.confirm(shard, confirmation);
    },
    failed: (error) => {
      console.error({ event: 'feed.unconfirmed', error: (error as Error).name });
    },
  });
  const outbox = new RecordOutbox(name, async (batch) => {
    await env.ISSUER_RECORDS.append([...batch]);
  });
  const { issuer, audience, issuerKeys: keys, nonceSecret } = config;
  const nonces = nonceSecret && { nonces: createNonces(nonceSecret) };
  const verifier = createVerifier({ issuer, audience, keys, feed, ...nonces });
  const ledger = new Ledger({
    charge: async (order) => await env.ISSUER_RECORDS.charge(order),
    lease: async (order) => await env.ISSUER_RECORDS.lease(order),
    settle: async (...account) => await env.ISSUER_RECORDS.settle(...account),
  });
  return { config, catalogue: catalogue.value, verifier, feed, outbox, ledger, reporter };
}

const importPublic = (raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
