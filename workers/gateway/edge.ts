import toolCatalogue from '../../policy/tools.toml';
import { RecordOutbox } from '../../src/audit/index.ts';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import { createNonces } from '../../src/dpop/index.ts';
import { toBase64Url } from '../../src/encoding.ts';
import { createVerifier, type Verifier } from '../../src/verifier/index.ts';
import { Ledger } from '../../src/workflow/index.ts';
import { type GatewayConfig, type GatewayEnv, parseConfig } from './config.ts';
import { createFeeds, type Feeds } from './feeds.ts';

/**
 * What an isolate keeps between requests: its verifier, its copy of the feed, its unsent records.
 */
export interface Edge {
  readonly config: GatewayConfig;
  readonly catalogue: Catalogue;
  readonly verifier: Verifier;
  readonly feeds: Feeds;
  readonly outbox: RecordOutbox;
  readonly ledger: Ledger;
}

const edges = new WeakMap<object, Edge>();

/** Requests share the edge and not the promise of it, which ends with the request that made it. */
export async function edgeOf(env: GatewayEnv): Promise<Edge> {
  const held = edges.get(env);
  if (held) return held;
  const made = await createEdge(env);
  const first = edges.get(env) ?? made;
  edges.set(env, first);
  return first;
}

async function createEdge(env: GatewayEnv): Promise<Edge> {
  const config = parseConfig(env);
  const catalogue = parseCatalogue(toolCatalogue);
  if (!catalogue.ok) throw new Error(`policy/tools.toml: ${JSON.stringify(catalogue.error)}`);
  // Random per isolate: two isolates of one gateway count apart.
  const name = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
  const feeds = await createFeeds(config, env, name);
  const outbox = new RecordOutbox(name, async (batch) => {
    await env.ISSUER_RECORDS.append([...batch]);
  });
  const { issuer, audience, issuerKeys: keys, nonceSecret } = config;
  const nonces = nonceSecret && { nonces: createNonces(nonceSecret) };
  const verifier = createVerifier({ issuer, audience, keys, feed: feeds.feed, ...nonces });
  const ledger = new Ledger({
    charge: async (order) => await env.ISSUER_RECORDS.charge(order),
    lease: async (order) => await env.ISSUER_RECORDS.lease(order),
    settle: async (...account) => await env.ISSUER_RECORDS.settle(...account),
  });
  return { config, catalogue: catalogue.value, verifier, feeds, outbox, ledger };
}
