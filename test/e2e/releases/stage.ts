import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocuments, type Documents } from '../../../scripts/local/documents.ts';
import { startMcpBridge } from '../../../scripts/local/mcp-bridge.ts';
import { buildWorker } from '../../../scripts/local/worker-build.ts';
import type { WorkerOptions } from '../../../src/dev/index.ts';
import { LOOPBACK, reservePort } from '../../../src/dev/index.ts';
import { type ReleasedRole, releasedWorker } from '../../releases/released.ts';
import type { Reached } from '../agent.ts';
import { ed25519, IN_SHADOW, sha256, startTestIdentityProvider } from '../parts.ts';
import { Runtime } from '../processes/runtime.ts';

/** The release before the code of this repository. */
export const PREVIOUS = '0.3.0';

/** A version, or the code of this repository. */
export type Release = typeof PREVIOUS | 'current';

/** An issuer and a gateway with one state folder, each of a release that a test chooses. */
export interface ReleaseStage extends Reached {
  readonly documents: Documents;
  /** The public half of the feed key, and the seed that a thief of it has. */
  readonly feed: { readonly publicKey: string; readonly seed: string };
  /** The servers of the gateway, by name. */
  readonly servers: Readonly<Record<'files' | 'mail', string>>;
  /**
   * Stops both Workers, and starts them of these releases on the same state. `changes` are variables
   * of both and the catalogue in the bundle of the gateway.
   */
  run(
    releases: Readonly<Record<ReleasedRole, Release>>,
    changes?: {
      readonly gatewayVars?: Readonly<Record<string, string>>;
      readonly issuerVars?: Readonly<Record<string, string>>;
      readonly catalogue?: string;
    },
  ): Promise<void>;
  /** Calls an admin route of either release; another status than 200 fails the test. */
  operate(path: string, body?: object): Promise<Readonly<Record<string, unknown>>>;
  /** What the logs have of a workflow, and whether its chain is whole in an issuer with one. */
  trail(workflow: string): Promise<{ whole: boolean; events: readonly string[] }>;
  /** The records that an audit query finds. */
  audit(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

const CONFIGS: Readonly<Record<ReleasedRole, string>> = {
  issuer: './wrangler.toml',
  gateway: './workers/gateway/wrangler.toml',
};

export async function openReleases(): Promise<ReleaseStage> {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-releases-'));
  const [issuerPort, gatewayPort] = await Promise.all(
    ['issuer', 'gateway'].map((what) => reservePort({ port: 0, what, portVariable: 'none' })),
  );
  const [issuer, audience] = [issuerPort, gatewayPort].map((port) => `http://${LOOPBACK}:${port}`);
  if (!issuer || !audience) throw new Error('a port is missing');
  const { identity, server } = await startTestIdentityProvider(issuer);
  const documents = await createDocuments(join(folder, 'documents'));
  const bridge = await startMcpBridge({ root: documents.root, port: 0 });
  const servers = { files: bridge.url, mail: bridge.mailUrl };
  const operator = 'operator-credential-of-the-releases';
  const [mint, feed] = [ed25519(), ed25519()];
  const vars: Readonly<Record<ReleasedRole, Readonly<Record<string, string>>>> = {
    issuer: {
      ISSUER: issuer,
      AUDIENCES: JSON.stringify([audience]),
      IDENTITY_ISSUERS: JSON.stringify([
        {
          name: 'local-idp',
          issuer: identity.issuer,
          jwksUri: `${identity.issuer}/jwks`,
          audience: issuer,
          algorithms: ['ES256'],
          allowedActors: [`${identity.issuer}#report-agent`],
        },
      ]),
      DEVIATION_RULES: JSON.stringify(IN_SHADOW),
      MINT_KEYS: JSON.stringify([{ id: 1, key: `ed25519-private/${mint.seed}`, state: 'active' }]),
      FEED_KEY: `ed25519-private/${feed.seed}`,
      OPERATOR_SHA256: sha256(operator),
    },
    gateway: {
      ISSUER: issuer,
      AUDIENCE: audience,
      FEED_PUBLIC_KEY: feed.publicKey,
      MCP_UPSTREAMS: JSON.stringify(servers),
      DENIAL_FORM: 'error',
    },
  };
  const ports = { issuer: Number(issuerPort), gateway: Number(gatewayPort) };
  const built = new Map<string, Promise<WorkerOptions>>();
  const build = (role: ReleasedRole, release: Release): Promise<WorkerOptions> => {
    const name = `${role}-${release}`;
    const outFolder = join(folder, name);
    const worker =
      built.get(name) ??
      (release === 'current'
        ? buildWorker(CONFIGS[role], outFolder)
        : releasedWorker(release, role, outFolder));
    built.set(name, worker);
    return worker;
  };
  const runnable = async (role: ReleasedRole, release: Release): Promise<WorkerOptions> => {
    const worker = await build(role, release);
    return {
      ...worker,
      name: role,
      bindings: { ...worker.bindings, ...vars[role] },
      unsafeDirectSockets: [{ host: LOOPBACK, port: ports[role] }],
    };
  };
  const operate: ReleaseStage['operate'] = async (path, body) => {
    const response = await fetch(`${issuer}/admin/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: HTTP ${response.status} ${text}`);
    return JSON.parse(text);
  };
  const audited = async (query: string) => {
    const { whole = true, records } = (await operate(`audit?${query}`)) as {
      whole?: boolean;
      records: readonly { readonly record: Readonly<Record<string, unknown>> }[];
    };
    return { whole, records: records.map(({ record }) => record) };
  };
  let runtime: Runtime | undefined;
  return {
    issuer,
    audience,
    operator,
    identity,
    documents,
    feed,
    fetch: (input, init) => fetch(input, { signal: AbortSignal.timeout(30_000), ...init }),
    operate,
    servers,
    trail: async (workflow) => {
      const { whole, records } = await audited(`workflow=${workflow}`);
      return { whole, events: records.map(({ event }) => String(event)) };
    },
    audit: async (query) => (await audited(query)).records,
    run: async (releases, changes = {}) => {
      await runtime?.close();
      const issuerWorker = await runnable('issuer', releases.issuer);
      const gatewayWorker = await runnable('gateway', releases.gateway);
      const { bindings } = gatewayWorker;
      const workers = [
        { ...issuerWorker, bindings: { ...issuerWorker.bindings, ...changes.issuerVars } },
        { ...gatewayWorker, bindings: { ...bindings, ...changes.gatewayVars } },
      ];
      if (changes.catalogue !== undefined) await replaceCatalogue(gatewayWorker, changes.catalogue);
      runtime = new Runtime(workers, join(folder, 'state'));
      await runtime.start();
    },
    close: async () => {
      await runtime?.close();
      await bridge.close();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes another catalogue into a Worker that was built, as its bundle would have it. */
async function replaceCatalogue(worker: WorkerOptions, catalogue: string): Promise<void> {
  const modules = 'modules' in worker && Array.isArray(worker.modules) ? worker.modules : [];
  const text = modules.find(({ path }) => path.endsWith('.toml'));
  if (!text) throw new Error('the Worker has no catalogue');
  await writeFile(text.path, catalogue);
}
