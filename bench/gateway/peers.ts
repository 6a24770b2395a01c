/** Other gateways, as their packages start them, each in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { freePort } from '../mint/index.ts';
import { FLOORS, httpCall, mcpCall, type Target } from './targets.ts';

export interface Peer extends Target {
  readonly stop: () => Promise<void>;
}

const MODULES = join(import.meta.dirname, 'node_modules');
const UPSTREAM = join(import.meta.dirname, 'upstream.node.ts');
const START_MILLISECONDS_MAX = 30_000;
const TOKEN_SECONDS = 3_600;

/** mcp-proxy: an API key in front of an MCP server that speaks stdio. */
export async function startMcpProxy(): Promise<Peer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const key = crypto.randomUUID();
  const program = join(MODULES, 'mcp-proxy/dist/bin/mcp-proxy.mjs');
  const options = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream'];
  const stateless = ['--stateless', '--no-eventStore', '--apiKey', key];
  const child = start([
    program,
    ...options,
    ...stateless,
    '--',
    process.execPath,
    UPSTREAM,
    'stdio',
  ]);
  const call = mcpCall(url, 'read', {
    name: 'mcp-proxy 6: MCP, API key',
    floor: FLOORS.mcp,
    headers: { 'x-api-key': key },
  });
  await answering(child, url, call);
  return { name: 'mcp-proxy', pid: pidOf(child), calls: [call], stop: () => stopped(child) };
}

/** express-gateway: a JWT in front of an HTTP API. */
export async function startExpressGateway(upstream: string): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-bench-peer-'));
  const port = await freePort();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keyFile = join(folder, 'key.pem');
  await writeFile(keyFile, await exportSPKI(publicKey));
  await cp(join(MODULES, 'express-gateway/lib/config/models'), join(folder, 'models'), {
    recursive: true,
  });
  await writeFile(join(folder, 'system.config.yml'), SYSTEM);
  await writeFile(join(folder, 'gateway.config.yml'), pipeline(port, upstream, keyFile));
  const run = `require(${JSON.stringify(join(MODULES, 'express-gateway'))})().load(${JSON.stringify(folder)}).run()`;
  const child = start(['-e', run]);
  const token = await new SignJWT({ sub: 'bench' })
    .setProtectedHeader({ alg: 'ES256' })
    .setExpirationTime(`${TOKEN_SECONDS} seconds`)
    .sign(privateKey);
  const url = `http://127.0.0.1:${port}`;
  const call = httpCall(url, {
    name: 'express-gateway 1: HTTP, JWT',
    floor: FLOORS.http,
    headers: { authorization: `Bearer ${token}` },
  });
  await answering(child, call.url, call);
  const stop = async () => {
    await stopped(child);
    await rm(folder, { recursive: true, force: true });
  };
  return { name: 'express-gateway', pid: pidOf(child), calls: [call], stop };
}

/** Everything in memory, instead of in Redis. */
const SYSTEM = `
db: { redis: { emulate: true, namespace: EG } }
crypto: { cipherKey: only-for-the-bench, algorithm: aes256, saltRounds: 10 }
session: { secret: only-for-the-bench, resave: false, saveUninitialized: false }
accessTokens: { timeToExpiry: 7200000 }
refreshTokens: { timeToExpiry: 7200000 }
authorizationCodes: { timeToExpiry: 300000 }
`;

const pipeline = (port: number, upstream: string, keyFile: string): string => `
http: { hostname: 127.0.0.1, port: ${port} }
apiEndpoints: { api: { host: '*', paths: '/*' } }
serviceEndpoints: { upstream: { url: '${upstream}' } }
policies: [jwt, proxy]
pipelines:
  default:
    apiEndpoints: [api]
    policies:
      - jwt: [{ action: { secretOrPublicKeyFile: '${keyFile}', checkCredentialExistence: false } }]
      - proxy: [{ action: { serviceEndpoint: upstream } }]
`;

const start = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error', NODE_NO_WARNINGS: '1' },
  });

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a gateway did not start');
  return pid;
}

/** Waits for the first right answer. */
async function answering(
  child: ChildProcess,
  url: string,
  { method, headers, body, expects }: Target['calls'][number],
): Promise<void> {
  const until = performance.now() + START_MILLISECONDS_MAX;
  let last = '';
  while (performance.now() < until && child.exitCode === null) {
    try {
      const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
      last = await response.text();
      if (last.includes(expects)) return;
    } catch (error) {
      last = String(error);
    }
    await new Promise((later) => setTimeout(later, 200));
  }
  await stopped(child);
  throw new Error(`${url} does not answer: ${last.slice(0, 300)}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
