import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { buildWorker } from '../../../scripts/local/worker-build.ts';
import type { WorkerOptions } from '../../../src/dev/index.ts';
import { LOOPBACK, reservePort } from '../../../src/dev/index.ts';
import { ISSUER, People } from './people.ts';

export { ISSUER };

const ENTRY = join(import.meta.dirname, 'issuer.ts');

export const AUDIENCE = 'https://gateway.example';
/** The log's own key, with which its checkpoints verify. */
export const LOG_KEY = `ed25519-private/${'06'.repeat(32)}`;
const NO_LIMIT = 10_000_000;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The issuer as `npm start` runs it, in a runtime that tests kill. Its rows are in a folder. */
export class LocalIssuer {
  readonly operator = 'operator-credential-of-the-storm';
  readonly feedKey: CryptoKey;
  readonly people: People;
  readonly #folder: string;
  readonly #worker: WorkerOptions;
  readonly #port: number;
  #runtime: Miniflare | undefined;
  #processes: readonly number[] = [];

  constructor(parts: {
    folder: string;
    worker: WorkerOptions;
    port: number;
    feedKey: CryptoKey;
    people: People;
  }) {
    this.#folder = parts.folder;
    this.#worker = parts.worker;
    this.#port = parts.port;
    this.feedKey = parts.feedKey;
    this.people = parts.people;
  }

  /** With a bucket for its archive, as in the cloud, or with objects, as on one's own machine. */
  static async build({ hasBucket }: { readonly hasBucket: boolean }): Promise<LocalIssuer> {
    const folder = await mkdtemp(join(tmpdir(), 'hewn-storm-'));
    const port = await reservePort({ port: 0, what: 'issuer', portVariable: 'none' });
    const built = await buildWorker('./wrangler.toml', join(folder, 'built'), ENTRY);
    const people = await People.create();
    const [mint, feed] = [ed25519(), ed25519()];
    const vars = {
      ISSUER,
      AUDIENCES: JSON.stringify([AUDIENCE]),
      IDENTITY_ISSUERS: JSON.stringify([people.provider]),
      MINT_KEYS: JSON.stringify([{ id: 1, key: mint.privateKey, state: 'active' }]),
      FEED_KEY: feed.privateKey,
      LOG_KEY,
      OPERATOR_SHA256: digestOf('operator-credential-of-the-storm'),
      RATE_LIMITS: JSON.stringify({
        tokenShared: NO_LIMIT,
        tokenPerAgent: NO_LIMIT,
        tokenPerSource: NO_LIMIT,
        reportPerVerifier: NO_LIMIT,
        recordsPerVerifier: NO_LIMIT,
      }),
    };
    const worker: WorkerOptions = {
      ...built,
      ...(!hasBucket && { r2Buckets: {} }),
      ratelimits: {},
      name: 'issuer',
      bindings: { ...built.bindings, ...vars },
      unsafeDirectSockets: [{ host: LOOPBACK, port }],
    };
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: feed.x };
    const feedKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
    return new LocalIssuer({ folder, worker, port, feedKey, people });
  }

  async start(): Promise<void> {
    const before = new Set(runtimesOfThisProcess());
    this.#runtime = new Miniflare(
      convertV4MiniflareOptions({
        host: LOOPBACK,
        port: 0,
        cf: false,
        telemetry: { enabled: false },
        log: new Log(LogLevel.NONE),
        handleStructuredLogs: () => undefined,
        resourcePersistencePath: join(this.#folder, 'state'),
        workers: [this.#worker],
      }),
    );
    await this.#runtime.ready;
    this.#processes = runtimesOfThisProcess().filter((id) => !before.has(id));
    if (this.#processes.length === 0) throw new Error('no runtime to kill');
  }

  /** SIGKILL, in the middle of whatever it does. */
  async kill(): Promise<void> {
    for (const id of this.#processes) process.kill(id, 'SIGKILL');
    await this.#runtime?.dispose().catch(() => undefined);
    this.#runtime = undefined;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const signal = init.signal ?? AbortSignal.timeout(10_000);
    return fetch(`http://${LOOPBACK}:${this.#port}${path}`, { ...init, signal });
  }

  admin(path: string, body?: unknown): Promise<Response> {
    return this.fetch(`/admin/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.operator}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async close(): Promise<void> {
    await this.#runtime?.dispose();
    await this.people.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Finds the process by parent and name, so that no other process is ever killed. */
function runtimesOfThisProcess(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  return lines.split('\n').flatMap((line) => {
    const [, id, parent, name = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && name.includes('workerd') ? [Number(id)] : [];
  });
}

function ed25519(): { privateKey: string; x: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('hex');
  const x = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64url');
  return { privateKey: `ed25519-private/${seed}`, x };
}
