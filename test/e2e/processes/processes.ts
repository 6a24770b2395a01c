import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocuments, type Documents } from '../../../scripts/local/documents.ts';
import { type McpBridge, startMcpBridge } from '../../../scripts/local/mcp-bridge.ts';
import { buildWorker } from '../../../scripts/local/worker-build.ts';
import type { WorkerOptions } from '../../../src/dev/index.ts';
import { LOOPBACK, reservePort } from '../../../src/dev/index.ts';
import type { TestIdentityProvider } from '../parts.ts';
import { ed25519, IN_SHADOW, sha256, startTestIdentityProvider } from '../parts.ts';
import type { Condition } from './issuer/index.ts';
import { Runtime } from './runtime.ts';
import { Wire } from './wire.ts';

/** What the functions of the ring (`obtain`, `send`, `admin`) need of a stage. */
export interface Processes {
  readonly issuer: string;
  readonly audience: string;
  readonly operator: string;
  readonly identity: TestIdentityProvider;
  readonly documents: Documents;
  readonly bridge: McpBridge;
  readonly fetch: typeof fetch;
  /** Between gateway and issuer. The test itself reaches both directly. */
  readonly wire: Wire;
  readonly issuerProcess: Runtime;
  readonly gatewayProcess: Runtime;
  /** Sets how the audit log treats writes. */
  auditLogIs(condition: Condition): Promise<void>;
  close(): Promise<void>;
}

/** Variables that a test adds or changes, for either Worker. */
export interface Changes {
  readonly issuer?: Readonly<Record<string, string>>;
  readonly gateway?: Readonly<Record<string, string>>;
}

const portFor = (what: string) => reservePort({ port: 0, what, portVariable: 'none' });

/**
 * Runs issuer and gateway as two workerd processes with a wire between them. This shows what stays
 * invisible while both share one event loop: answers that overtake each other, a log that receives
 * a question and does not answer, a process that dies with its unsent state.
 */
export async function openProcesses(changes: Changes = {}): Promise<Processes> {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-processes-'));
  const [issuerPort, gatewayPort, farPort] = await Promise.all(
    ['issuer', 'gateway', 'far end'].map(portFor),
  );
  const [issuer, audience] = [issuerPort, gatewayPort].map((port) => `http://${LOOPBACK}:${port}`);
  if (!issuer || !audience || !farPort) throw new Error('a port is missing');
  const { identity, server } = await startTestIdentityProvider(issuer);
  const documents = await createDocuments(join(folder, 'documents'));
  const bridge = await startMcpBridge({ root: documents.root, port: 0 });
  const wire = await Wire.open(() => farPort);
  const operator = 'operator-credential-of-the-processes';
  const [mint, feed] = [ed25519(), ed25519()];
  const worker = async (
    config: string,
    own: { port?: number; vars?: Readonly<Record<string, string>> },
  ): Promise<WorkerOptions> => {
    const built = await buildWorker(config, join(folder, config.replaceAll(/\W/g, '-')));
    const socket = own.port === undefined ? [] : [{ host: LOOPBACK, port: own.port }];
    return {
      ...built,
      bindings: { ...built.bindings, ...own.vars },
      unsafeDirectSockets: socket,
    };
  };
  const identityIssuers = [
    {
      name: 'local-idp',
      issuer: identity.issuer,
      jwksUri: `${identity.issuer}/jwks`,
      audience: issuer,
      algorithms: ['ES256'],
      allowedActors: [`${identity.issuer}#report-agent`],
    },
  ];
  const issuerVars = {
    ISSUER: issuer,
    AUDIENCES: JSON.stringify([audience]),
    IDENTITY_ISSUERS: JSON.stringify(identityIssuers),
    DEVIATION_RULES: JSON.stringify(IN_SHADOW),
    MINT_KEYS: JSON.stringify([{ id: 1, key: `ed25519-private/${mint.seed}`, state: 'active' }]),
    FEED_KEY: `ed25519-private/${feed.seed}`,
    OPERATOR_SHA256: sha256(operator),
    ...changes.issuer,
  };
  const gatewayVars = {
    ISSUER: issuer,
    AUDIENCE: audience,
    FEED_PUBLIC_KEY: feed.publicKey,
    CALLER_KEY: `ed25519-private/${ed25519().seed}`,
    MCP_UPSTREAMS: JSON.stringify({ files: bridge.url, mail: bridge.mailUrl }),
    DENIAL_FORM: 'error',
    ...changes.gateway,
  };
  const [issuerWorker, farEnd, gatewayWorker, nearEnd] = await Promise.all([
    worker(await issuerConfig(folder), { port: Number(issuerPort), vars: issuerVars }),
    worker('./test/e2e/processes/far-end/wrangler.toml', { port: farPort }),
    worker('./workers/gateway/wrangler.toml', { port: Number(gatewayPort), vars: gatewayVars }),
    worker('./test/e2e/processes/near-end/wrangler.toml', { vars: { WIRE: wire.url } }),
  ]);
  const issuerProcess = new Runtime(
    [named('issuer', issuerWorker), named('far-end', farEnd)],
    join(folder, 'issuer-state'),
  );
  const gatewayProcess = new Runtime(
    [named('gateway', gatewayWorker), named('issuer', nearEnd)],
    join(folder, 'gateway-state'),
  );
  await issuerProcess.start();
  await gatewayProcess.start();
  return {
    issuer,
    audience,
    operator,
    identity,
    documents,
    bridge,
    fetch: (input, init) => fetch(input, { signal: AbortSignal.timeout(30_000), ...init }),
    wire,
    issuerProcess,
    gatewayProcess,
    auditLogIs: async (condition) => {
      const url = `http://${LOOPBACK}:${farPort}/condition/${condition}`;
      const response = await fetch(url, { method: 'POST' });
      if (!response.ok)
        throw new Error(`the audit log did not take its condition: HTTP ${response.status}`);
    },
    close: async () => {
      await Promise.all([gatewayProcess.close(), issuerProcess.close()]);
      await wire.close();
      await bridge.close();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const named = (name: string, worker: WorkerOptions): WorkerOptions => ({ ...worker, name });

/** The issuer's own configuration, with a main module whose audit log a test can break. */
async function issuerConfig(folder: string): Promise<string> {
  const config = await readFile('./wrangler.toml', 'utf8');
  const main = join(import.meta.dirname, 'issuer/index.ts');
  const path = join(folder, 'issuer.toml');
  await writeFile(path, config.replace(/^main = .*$/m, `main = ${JSON.stringify(main)}`));
  return path;
}
