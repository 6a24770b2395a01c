import toolCatalogue from '../../policy/tools.toml';
import { RecordOutbox } from '../../src/audit/index.ts';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { createNonces } from '../../src/dpop/index.ts';
import { fromHex, toBase64Url } from '../../src/encoding.ts';
import { Ledger } from '../../src/lifecycle/index.ts';
import { LEDGER_MILLISECONDS_MAX } from '../../src/limits.ts';
import { report } from '../../src/report.ts';
import { createVerifier, type Verifier } from '../../src/verifier/index.ts';
import { within } from '../../src/within.ts';
import { type GatewayConfig, type GatewayEnv, parseConfig } from './config.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { InFlight } from './in-flight.ts';
import { type Append, appending } from './older-issuer.ts';
import { Rates } from './rates.ts';
import { Sessions } from './session.ts';

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
  readonly inFlight: InFlight;
  readonly sessions: Sessions;
  readonly rates: Rates;
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
  if (!catalogue.ok) {
    throw new ConfigurationFault('policy/tools.toml', JSON.stringify(catalogue.error));
  }
  for (const binding of ['ISSUER_FEED', 'ISSUER_RECORDS'] as const) {
    if (!env[binding]) throw new ConfigurationFault(binding, 'is not bound');
  }
  // Random per isolate: two isolates of one gateway count apart.
  const name = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
  const append: Append = async (...said) => await env.ISSUER_RECORDS.append(...said);
  const outbox = new RecordOutbox(name, appending(append));
  const feeds = await createFeeds(config, env, outbox);
  const { issuer, audience, issuerKeys: keys, nonceSecret } = config;
  const nonces = nonceSecret && { nonces: createNonces(nonceSecret) };
  const verifier = createVerifier({ issuer, audience, keys, feed: feeds.feed, ...nonces });
  const ledger = new Ledger({
    charge: async (order) => await env.ISSUER_RECORDS.charge(order),
    giveBack: async (order) => await env.ISSUER_RECORDS.giveBack(order),
    lease: async (order) => await env.ISSUER_RECORDS.lease(order),
    settle: async (...account) => await env.ISSUER_RECORDS.settle(...account),
  });
  const sessions = new Sessions(() => sealingSecret(config, env));
  const inFlight = new InFlight();
  const { SOURCE_RATE: source, WORKFLOW_RATE: workflow } = env;
  const rates = new Rates(config.rates, config.sourceHeader, { source, workflow });
  return {
    config,
    catalogue: catalogue.value,
    verifier,
    feeds,
    outbox,
    ledger,
    inFlight,
    sessions,
    rates,
  };
}

/** The gateway's own secret, or the one that the issuer makes for its audience. */
async function sealingSecret({ nonceSecret, audience }: GatewayConfig, env: GatewayEnv) {
  if (nonceSecret) return nonceSecret;
  try {
    const asked = async () => await env.ISSUER_RECORDS.gatewaySecret(audience);
    return fromHex(await within(asked(), LEDGER_MILLISECONDS_MAX));
  } catch (error) {
    report('session.unsealed', { code: error instanceof Error ? error.name : typeof error });
    return undefined;
  }
}
