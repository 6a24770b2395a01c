import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BundledWorkers,
  bundleWorkers,
  findWrangler,
  type Wrangler,
} from '../bundle/index.ts';
import { type Deployment, type Environment, secretNames } from '../deployment/index.ts';
import { devFolder } from '../dev-run.ts';
import { keysToPublish } from '../issuer-api/index.ts';
import {
  issuerSecrets,
  type KeyFile,
  loadWorkerSecrets,
  secretVariable,
  statedSecrets,
  type WorkerSecrets,
  workerSecretsFile,
} from '../key-file/index.ts';
import { LOOPBACK, type LoopbackPort, reservePort } from '../loopback/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type StatedUpstream, tableOf } from '../upstream/index.ts';
import { chosenEnvironment, DEV, localEnvironment, serversOf } from './environment.ts';
import {
  devDirectory,
  devProviders,
  type IdentityKey,
  type IdentityProvider,
  partiesOf,
  peopleOf,
  startIdentityProvider,
} from './identity/index.ts';
import { reserveIssuerPort, stateFolderOf } from './issuer-port.ts';
import type { WorkerLine } from './miniflare.ts';
import type { LocalPorts } from './ports.ts';
import { publishOwnKeys } from './put-in-force.ts';
import { startRuntime } from './runtime.ts';
import { readVariables } from './server-variables.ts';
import { type StdioServers, startStdioServers } from './stdio-servers/index.ts';
import { credentialDigest, verifierCredential } from './verifier-credential.ts';

/** The ports that a run keeps, also when it starts its parts again. */
export interface Ports {
  readonly issuer: number;
  readonly gateways: readonly number[];
  readonly identityProvider: LoopbackPort;
  readonly servers: LoopbackPort;
}

/** What a run starts from. */
export interface Scene {
  /** The folder of `hewn.toml`, as an absolute path. */
  readonly folder: string;
  /** Contains `.hewn`. */
  readonly home: string;
  readonly deployment: Deployment;
  readonly ports: Ports;
  readonly keys: KeyFile;
  readonly identityKey: IdentityKey;
  readonly buildFolder: string;
  readonly onLine: (line: WorkerLine) => void;
  /** Reads the environment of the process. */
  readonly variable: (name: string) => string | undefined;
}

export interface LocalGateway {
  readonly name: string;
  readonly url: string;
  /** The names of the MCP servers behind it: `<url>/mcp/<name>`. */
  readonly servers: readonly string[];
  /** The names of the HTTP APIs behind it: `<url>/http/<name>`. */
  readonly apis: readonly string[];
}

/** Everything that runs: identity provider, MCP servers and Workers. */
export interface Stage {
  readonly issuer: string;
  readonly gateways: readonly LocalGateway[];
  readonly audiences: readonly string[];
  readonly identity: IdentityProvider;
  /** The MCP servers that were started. */
  readonly stdioServers: StdioServers | undefined;
  /** The environment variables of credentials that are not set. Their upstreams are unavailable. */
  readonly unset: readonly string[];
  readonly close: () => Promise<void>;
}

/** Draws the ports of a run. A port that is in use rejects with `PortInUse`. */
export async function reservePorts(
  home: string,
  ports: LocalPorts,
  deployment: Deployment,
): Promise<Ports> {
  const issuer = await reserveIssuerPort(devFolder(home), ports.issuer);
  const gateways: number[] = [];
  for (const [index] of chosenEnvironment(deployment).gateways.entries()) {
    const { port } = ports.gateway;
    const wanted = { ...ports.gateway, port: port === 0 ? 0 : port + index };
    gateways.push(await reservePort(wanted));
  }
  const fixed = async (port: LoopbackPort) => ({ ...port, port: await reservePort(port) });
  return {
    issuer,
    gateways,
    identityProvider: await fixed(ports.identityProvider),
    servers: await fixed(ports.servers),
  };
}

const urlOf = (port: number): string => `http://${LOOPBACK}:${port}`;

/** The environment of this run, which is known before anything of it runs. */
function environmentOf({ deployment, ports, keys, identityKey }: Scene): Environment {
  const issuer = urlOf(ports.issuer);
  const { started, running } = serversOf(deployment);
  const bridged = started.map(({ name }) => [name, `${urlOf(ports.servers.port)}/${name}`]);
  return localEnvironment(deployment, {
    issuer,
    gateways: ports.gateways.map(urlOf),
    servers: { ...running, ...Object.fromEntries(bridged) },
    credentialDigest: (audience) => credentialDigest(verifierCredential(keys.operator, audience)),
    operators: devDirectory(
      deployment.dev,
      chosenEnvironment(deployment).operators,
      urlOf(ports.identityProvider.port),
    ),
    providers: devProviders(chosenEnvironment(deployment), {
      base: urlOf(ports.identityProvider.port),
      audience: issuer,
      publicJwk: { ...identityKey.publicJwk },
    }),
  });
}

export interface Bundled {
  readonly wrangler: Wrangler;
  readonly environment: Environment;
  readonly workers: BundledWorkers;
}

/** Builds the Workers of a run. Whatever runs already is not touched. A text says what is wrong. */
export async function bundleStage(scene: Scene): Promise<Result<Bundled, string>> {
  const { folder, keys, buildFolder } = scene;
  const wrangler = await findWrangler(folder);
  if (!wrangler.ok) return refuse(wrangler.error.message);
  const environment = environmentOf(scene);
  const { publicKey: feedPublicKey } = keys.feed;
  const outFolder = buildFolder;
  const workers = await bundleWorkers({ folder, environment, outFolder, feedPublicKey });
  if (!workers.ok) return refuse(workers.error.message);
  return ok({ wrangler: wrangler.value, environment, workers: workers.value });
}

interface Closable {
  readonly close: () => Promise<void>;
}

/** Starts everything in the order of its dependencies. It is closed in the opposite order. */
export async function openStage(
  scene: Scene,
  { wrangler, environment, workers }: Bundled,
): Promise<Stage> {
  const { folder, home, deployment, ports, keys, identityKey, onLine } = scene;
  const stateFolder = stateFolderOf(devFolder(home), ports.issuer);
  const opened: Closable[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  const keep = <Part extends Closable>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  try {
    const servers = await Promise.all(
      serversOf(deployment).started.map(async ({ name, command = [], cwd = '.', variables }) => ({
        name,
        command,
        cwd: resolve(folder, cwd),
        stateFolder: devFolder(home),
        ...(variables !== undefined && { env: await readVariables(folder, variables) }),
      })),
    );
    const stdioServers =
      servers.length > 0 ? keep(await startStdioServers(servers, ports.servers)) : undefined;
    const { url: issuer, audiences = [] } = environment.issuer;
    const identity = keep(
      await startIdentityProvider({
        port: ports.identityProvider,
        audience: issuer,
        key: identityKey,
        parties: partiesOf(chosenEnvironment(deployment), deployment.dev),
        people: peopleOf(deployment.dev),
      }),
    );
    const { secrets: gatewaySecrets, missing } = await localSecrets(scene, workers);
    const gateways = workers.gateways.map((bundled, index) => ({
      bundled,
      port: ports.gateways[index] ?? 0,
      secrets: gatewaySecrets.get(bundled.role) ?? {},
    }));
    const first = { bundled: workers.issuer, port: ports.issuer, secrets: issuerSecrets(keys) };
    keep(await startRuntime({ wrangler, workers: [first, ...gateways], stateFolder, onLine }));
    await Promise.all([issuer, ...environment.gateways.map(({ url }) => url)].map(untilAlive));
    const toPublish = keysToPublish({
      issuer: { url: issuer, approverKey: keys.approver?.privateKey },
      gateways: environment.gateways.map(({ name, url }) => ({
        url,
        receiptKey: gatewaySecrets.get(name)?.RECEIPT_KEY,
      })),
    });
    for (const line of await publishOwnKeys(issuer, keys.operator, toPublish)) {
      onLine({ level: 'warn', message: line });
    }
    return {
      issuer,
      gateways: environment.gateways.map(({ name, url, upstreams }) => ({
        name,
        url,
        servers: namesOf(upstreams, 'mcp'),
        apis: namesOf(upstreams, 'http'),
      })),
      audiences: [...environment.gateways.map(({ url }) => url), ...audiences],
      identity,
      stdioServers,
      unset: missing.map(({ role, name }) => secretVariable(role, name)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Returns the secrets of the gateways: generated keys, and credentials of upstreams from the
 * environment of the process. Without one, its upstream is unavailable, and everything else runs.
 */
async function localSecrets(
  { home, variable }: Scene,
  { gateways }: BundledWorkers,
): Promise<WorkerSecrets> {
  const needs = gateways.map(({ role, config }) => {
    const names = secretNames(config);
    return { role, names, known: statedSecrets(role, names, variable) };
  });
  const loaded = await loadWorkerSecrets(workerSecretsFile(home, DEV), needs);
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}

const ANSWER_MILLISECONDS_MAX = 30_000;
const ANSWER_POLL_MILLISECONDS = 50;

/** Waits until a Worker answers. The first request compiles it. */
async function untilAlive(url: string): Promise<void> {
  if (await untilOk(`${url}/healthz`)) return;
  throw new Error(`the Worker at ${url} does not answer`);
}

/** Waits until the gateways know the catalogue. What does not become ready says so when asked. */
export async function untilReady({ gateways }: Stage): Promise<void> {
  await Promise.all(gateways.map(({ url }) => untilOk(`${url}/readyz`)));
}

async function untilOk(url: string): Promise<boolean> {
  const end = performance.now() + ANSWER_MILLISECONDS_MAX;
  for (;;) {
    const isOk = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isOk || performance.now() > end) return isOk;
    await sleep(ANSWER_POLL_MILLISECONDS);
  }
}

const namesOf = (
  upstreams: Readonly<Record<string, StatedUpstream>>,
  kind: 'mcp' | 'http',
): readonly string[] =>
  Object.entries(upstreams)
    .filter(([, upstream]) => (tableOf(upstream).kind ?? 'mcp') === kind)
    .map(([name]) => name);
