/**
 * Everything that the bench of the gateway runs: the upstream, a Worker that only forwards, our
 * gateway, and its issuer, each in a process of its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as miniflare from 'miniflare';
import { buildWorker } from '../../scripts/local/worker-build.ts';
import { LOOPBACK, startMiniflare, type WorkerOptions } from '../../src/dev/index.ts';
import { toHex, utf8 } from '../../src/encoding.ts';
import { generatePair } from '../../src/key-file/index.ts';
import { freePort, type Scene, startScene } from '../mint/index.ts';
import { childrenNamed } from '../runtimes/index.ts';
import { FLOORS, httpCall, mcpCall, type Target } from './targets.ts';

const NO_LIMIT = 10_000_000;
const CREDENTIAL = 'verifier-credential-of-the-bench';

export interface Started extends Target {
  readonly stop: () => Promise<void>;
}

/** A running issuer, and our gateway before its upstream. */
export interface Ours {
  readonly issuer: Scene;
  /** The gateway's URL. */
  readonly audience: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export async function startUpstream(): Promise<Started & { readonly url: string }> {
  const child = fork(join(import.meta.dirname, 'upstream.node.ts'));
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  const url = `http://${LOOPBACK}:${port}`;
  const calls = [
    mcpCall(`${url}/mcp`, 'read', { name: 'upstream alone: MCP', floor: FLOORS.mcp }),
    httpCall(url, { name: 'upstream alone: HTTP', floor: FLOORS.http }),
  ];
  const stop = async () => child.disconnect();
  return { name: 'upstream', url, pid: child.pid ?? 0, calls, stop };
}

/** A Worker that forwards every request, on the same runtime as the gateway. */
export async function startPlain(upstream: string): Promise<Started> {
  const port = await freePort();
  const script = await bundled('plain.worker.ts');
  const worker: WorkerOptions = {
    ...onPort('plain', port),
    modules: true,
    script,
    bindings: { UPSTREAM: upstream },
  };
  const { pid, stop } = await run([worker]);
  const url = `http://${LOOPBACK}:${port}`;
  const calls = [
    mcpCall(`${url}/mcp`, 'read', { name: FLOORS.mcp, floor: FLOORS.mcp }),
    httpCall(url, { name: FLOORS.http, floor: FLOORS.http }),
  ];
  return { name: 'plain', pid, calls, stop };
}

export async function startOurs(upstream: string): Promise<Ours> {
  const port = await freePort();
  const audience = `http://${LOOPBACK}:${port}`;
  const issuer = await startScene({
    otherAudience: audience,
    issuerVars: {
      VERIFIER_CREDENTIALS: JSON.stringify([{ audience, sha256: await sha256(CREDENTIAL) }]),
      RATE_LIMITS: JSON.stringify({ recordsPerVerifier: NO_LIMIT, tokenPerAgent: NO_LIMIT }),
    },
  });
  try {
    await activate(issuer);
    const folder = await mkdtemp(join(tmpdir(), 'hewn-bench-gateway-'));
    const built = await buildWorker('workers/gateway/wrangler.toml', folder);
    const { ratelimits: _, ...bindings } = built;
    const gateway: WorkerOptions = {
      ...bindings,
      ...onPort('gateway', port),
      bindings: { ...built.bindings, ...gatewayVars(issuer, audience, upstream) },
    };
    const elsewhere: WorkerOptions = {
      name: 'issuer',
      compatibilityDate: COMPATIBILITY_DATE,
      modules: true,
      script: await bundled('issuer-elsewhere.worker.ts'),
      bindings: { ISSUER: issuer.issuer, CREDENTIAL },
    };
    const { pid, stop } = await run([gateway, elsewhere]);
    return {
      issuer,
      audience,
      pid,
      stop: async () => {
        await stop();
        await issuer.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await issuer.stop();
    throw error;
  }
}

const gatewayVars = (issuer: Scene, audience: string, upstream: string) => ({
  ISSUER: issuer.issuer,
  AUDIENCE: audience,
  FEED_PUBLIC_KEY: issuer.keys.feed.publicKey,
  // Each call is signed for its server, as in every deployment.
  CALLER_KEY: generatePair().privateKey,
  UPSTREAMS: JSON.stringify({
    bench: { url: `${upstream}/mcp`, addresses: [LOOPBACK] },
    api: { url: upstream, kind: 'http', addresses: [LOOPBACK] },
  }),
  RATE_LIMITS: JSON.stringify({
    requestPerSource: NO_LIMIT,
    requestShared: NO_LIMIT,
    requestPerWorkflow: NO_LIMIT,
  }),
});

/** Puts the policy and the catalogue of the bench in force. */
async function activate({ issuer, keys }: Scene): Promise<void> {
  const read = (name: string) => readFile(join(import.meta.dirname, name), 'utf8');
  const version = {
    policy: { 'policy.datalog': await read('policy.datalog') },
    catalogue: await read('tools.toml'),
  };
  const operate = async (path: string, body: object): Promise<{ readonly id: string }> => {
    const response = await fetch(`${issuer}/admin/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, reason: 'bench' }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: HTTP ${response.status} ${text}`);
    return JSON.parse(text);
  };
  const { id } = await operate('versions', version);
  await operate(`versions/${id}/activate`, { expects: null });
}

const COMPATIBILITY_DATE = '2026-11-17';

const onPort = (name: string, port: number) => ({
  name,
  compatibilityDate: COMPATIBILITY_DATE,
  unsafeDirectSockets: [{ host: LOOPBACK, port }],
});

/** Runs Workers in a workerd of their own, which is found by its being new. */
async function run(workers: WorkerOptions[]): Promise<Pick<Started, 'pid' | 'stop'>> {
  const before = await childrenNamed('workerd');
  const stateFolder = await mkdtemp(join(tmpdir(), 'hewn-bench-state-'));
  const onLine = ({ level, message }: { readonly level: string; readonly message: string }) => {
    if (level === 'error') process.stderr.write(`${message}\n`);
  };
  const runtime = await startMiniflare(miniflare, workers, { stateFolder, onLine });
  const [pid = 0] = (await childrenNamed('workerd')).filter((one) => !before.includes(one));
  return {
    pid,
    stop: async () => {
      await runtime.dispose();
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

const sha256 = async (text: string): Promise<string> =>
  toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
