import { type LogName, ShardedOutbox } from '../../src/audit/index.ts';
import {
  type CatalogueGet,
  parseCatalogue,
  type VerifiedCatalogue,
} from '../../src/catalogue/index.ts';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { createNonces } from '../../src/dpop/index.ts';
import { fromHex, toBase64Url } from '../../src/encoding.ts';
import { FamilyLabels } from '../../src/labels/index.ts';
import { Ledger } from '../../src/lifecycle/index.ts';
import { LEDGER_MILLISECONDS_MAX } from '../../src/limits.ts';
import { report } from '../../src/report.ts';
import { createVerifier, type Verifier } from '../../src/verifier/index.ts';
import { catalogueHash } from '../../src/version/index.ts';
import { within } from '../../src/within.ts';
import { type Append, appendTo } from './call/older-issuer.ts';
import { Catalogues } from './catalogues.ts';
import { type GatewayConfig, type GatewayEnv, parseConfig } from './config.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { InFlight } from './mcp/in-flight.ts';
import type { McpState } from './mcp/route.ts';
import { Sessions } from './mcp/session.ts';
import { Tasks } from './mcp/tasks.ts';
import { Definitions } from './mcp/tools/definitions.ts';
import { SourceNames } from './observe/index.ts';
import { Rates } from './rates.ts';
import { Receipts } from './receipts/index.ts';
import { CallerSigner, createUpstreams, type Upstreams } from './upstream/index.ts';

/** What an isolate keeps between requests. */
export interface Gateway extends McpState {
  /** What servers list of the tools that the catalogue pins. */
  readonly definitions: Definitions;
  readonly config: GatewayConfig;
  /** By which of them a call is judged, the newest head says. */
  readonly catalogues: Catalogues;
  readonly verifier: Verifier;
  readonly feeds: Feeds;
  /** Records on their way to the audit log. */
  readonly outbox: ShardedOutbox;
  /** The budgets of workflows. */
  readonly ledger: Ledger;
  /** What workflows have read, as far as this isolate knows. */
  readonly labels: FamilyLabels;
  /** Receipts of what this isolate has served. */
  readonly receipts: Receipts;
  readonly rates: Rates;
  /** Names calls without a token, for routes that only observe. */
  readonly sources: SourceNames;
  readonly upstreams: Upstreams;
  /** Signs who calls, for the servers behind the gateway. */
  readonly caller: CallerSigner;
}

/**
 * Returns the function that gives each isolate its gateway. Requests share the gateway and never
 * the promise of it: a promise ends with the request that made it
 * (docs/decisions/002-no-promise-across-requests.md).
 */
export function gatewayPerIsolate(
  catalogue: string | undefined,
): (env: GatewayEnv) => Promise<Gateway> {
  const gateways = new WeakMap<object, Gateway>();
  // The variables of an isolate do not change, so a flood must not read them again each time.
  const faults = new WeakMap<object, ConfigurationFault>();
  return async (env) => {
    const existing = gateways.get(env);
    if (existing) return existing;
    const fault = faults.get(env);
    if (fault) throw fault;
    const assembled = await assembleGateway(catalogue, env).catch((error: unknown) => {
      if (error instanceof ConfigurationFault) faults.set(env, error);
      throw error;
    });
    const first = gateways.get(env) ?? assembled;
    gateways.set(env, first);
    return first;
  };
}

async function assembleGateway(
  catalogueText: string | undefined,
  env: GatewayEnv,
): Promise<Gateway> {
  const config = parseConfig(env);
  const configured = catalogueText === undefined ? undefined : await readConfigured(catalogueText);
  for (const binding of ['ISSUER_FEED', 'ISSUER_RECORDS'] as const) {
    if (!env[binding]) throw new ConfigurationFault(binding, 'is not bound');
  }
  // Random per isolate: the isolates of one gateway number their records separately.
  const name = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
  const appendToLog =
    (log: LogName): Append =>
    async (...batch) =>
      // An issuer before 0.4.0 has one log, and ignores the name.
      await env.ISSUER_RECORDS.append(batch[0], batch[1], log);
  const outbox = new ShardedOutbox(name, (log) => appendTo(appendToLog(log)));
  const feeds = await createFeeds(config, env, outbox);
  const get: CatalogueGet = (path, init) => env.ISSUER_FEED.fetch(`${config.issuer}${path}`, init);
  const catalogues = new Catalogues({ feed: feeds.zero, get, configured });
  const { issuer, audience, issuerKeys: keys, nonceSecret } = config;
  const nonces = nonceSecret && { nonces: createNonces(nonceSecret) };
  const spendsApprovals = true;
  const known = { issuer, audience, keys, feed: feeds.feed, spendsApprovals };
  const verifier = createVerifier({ ...known, ...nonces });
  const ledger = new Ledger({
    charge: async (order) => await env.ISSUER_RECORDS.charge(order),
    giveBack: async (order) => await env.ISSUER_RECORDS.giveBack(order),
    end: async (...ended) => await env.ISSUER_RECORDS.end(...ended),
    lease: async (order) => await env.ISSUER_RECORDS.lease(order),
    settle: async (...account) => await env.ISSUER_RECORDS.settle(...account),
  });
  const labels = new FamilyLabels({
    raise: async (request) => await env.ISSUER_RECORDS.raise(request),
  });
  const receipts = new Receipts({
    gateway: audience,
    privateKey: config.receiptKey,
    feed: feeds.zero,
    client: {
      attachments: async (...order) => await env.ISSUER_RECORDS.attachments(...order),
    },
  });
  const readSecret = () => readSealingSecret(config, env);
  const sessions = new Sessions(readSecret);
  const sources = new SourceNames(config.sourceHeader, readSecret);
  const inFlight = new InFlight();
  const definitions = new Definitions();
  const { SOURCE_RATE: source, WORKFLOW_RATE: workflow } = env;
  const rates = new Rates(config.rates, config.sourceHeader, { source, workflow });
  const caller = new CallerSigner(config.audience, config.callerKeys);
  const upstreams = createUpstreams(config.upstreams, env, caller);
  return {
    config,
    catalogues,
    verifier,
    feeds,
    outbox,
    ledger,
    labels,
    receipts,
    rates,
    sources,
    upstreams,
    caller,
    sessions,
    inFlight,
    tasks: new Tasks(),
    definitions,
  };
}

async function readConfigured(text: string): Promise<VerifiedCatalogue> {
  const catalogue = parseCatalogue(text);
  if (!catalogue.ok) {
    throw new ConfigurationFault('catalogue', JSON.stringify(catalogue.error));
  }
  return { hash: await catalogueHash(text), catalogue: catalogue.value };
}

/** Returns the gateway's own secret, or the one that the issuer makes for its audience. */
async function readSealingSecret({ nonceSecret, audience }: GatewayConfig, env: GatewayEnv) {
  if (nonceSecret) return nonceSecret;
  try {
    const ask = async () => await env.ISSUER_RECORDS.gatewaySecret(audience);
    return fromHex(await within(ask(), LEDGER_MILLISECONDS_MAX));
  } catch (error) {
    report('session.unsealed', { code: error instanceof Error ? error.name : typeof error });
    return undefined;
  }
}
