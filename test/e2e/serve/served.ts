import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocuments, type Documents } from '../../../scripts/local/documents.ts';
import { startMcpBridge } from '../../../scripts/local/mcp-bridge.ts';
import { LOOPBACK, reservePort } from '../../../src/dev/index.ts';
import { deploymentKeyFile, readKeyFile } from '../../../src/key-file/index.ts';
import { projectFile } from '../../unit/docs/markdown.ts';
import type { Reached } from '../agent.ts';
import { startTestIdentityProvider } from '../parts.ts';

/** A deployment folder outside the repository, which uses the package as a project would. */
export interface Served extends Omit<Reached, 'operator'> {
  readonly folder: string;
  readonly documents: Documents;
  /** Runs a `hewn` command to its end. */
  hewn(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts `hewn serve`, and resolves once it says where the Workers are. */
  serve(args?: readonly string[]): Promise<ServeProcess>;
  /** The operator's credential. There is one once a server has started. */
  operator(): Promise<string>;
  close(): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface ServeProcess {
  readonly process: ChildProcess;
  /** What it printed up to now. */
  readonly output: { out: string; err: string };
  readonly ended: Promise<Ended>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<Ended>;
}

const COMMAND = projectFile('src/cli/main.ts');

/** What `npm run bench -- serve` changes: an MCP server that costs little, and no rate limits. */
export interface ServedChanges {
  readonly upstream?: string;
  readonly issuerRates?: string;
  readonly gatewayRates?: string;
  /** Keys of `[drill]`. */
  readonly drill?: string;
}

export async function createServed(changes: ServedChanges = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-serve-'));
  const ports = await Promise.all(
    ['issuer', 'gateway'].map((what) => reservePort({ port: 0, what, portVariable: 'none' })),
  );
  const [issuer, audience] = ports.map((port) => `http://${LOOPBACK}:${port}`);
  if (!issuer || !audience) throw new Error('a port is missing');
  const { identity, server } = await startTestIdentityProvider(issuer);
  const documents = await createDocuments(join(folder, 'documents'));
  const bridge = await startMcpBridge({ root: documents.root, port: 0 });
  await writeDeployment(folder, {
    issuer,
    audience,
    ports,
    identity,
    upstream: changes.upstream ?? bridge.url,
    issuerRates: changes.issuerRates ?? 'tokenPerSource = 30',
    gatewayRates: changes.gatewayRates ?? '',
    drill: changes.drill ?? '',
  });
  const running = new Set<ChildProcess>();

  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, ['--no-warnings', COMMAND, ...args], {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const output = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.err += text;
    });
    const ended = once(child, 'close').then(([code]): Ended => {
      running.delete(child);
      return { code, ...output };
    });
    return { process: child, output, ended };
  };

  return {
    folder,
    issuer,
    audience,
    identity,
    documents,
    fetch: (input, init) => fetch(input, { signal: AbortSignal.timeout(30_000), ...init }),
    hewn: (args, environment) => start(args, environment).ended,
    serve: async (args = []) => {
      const server = start(['serve', ...args]);
      const isReady = async () => {
        while (!server.output.err.includes('main: http')) {
          await new Promise((passed) => setTimeout(passed, 20));
          if (server.process.exitCode !== null) return;
        }
      };
      await isReady();
      if (server.process.exitCode !== null) throw new Error((await server.ended).err);
      const stop = () => {
        server.process.kill('SIGTERM');
        return server.ended;
      };
      return { ...server, stop };
    },
    operator: async () => {
      const keys = await readKeyFile(deploymentKeyFile(folder, 'production'));
      if (!keys.ok) throw new Error(keys.error.code);
      return keys.value.operator;
    },
    close: async () => {
      for (const child of running) child.kill('SIGTERM');
      await bridge.close();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Addresses {
  readonly issuer: string;
  readonly audience: string;
  readonly ports: readonly number[];
  readonly identity: { readonly issuer: string };
  readonly drill: string;
  readonly upstream: string;
  readonly issuerRates: string;
  readonly gatewayRates: string;
}

async function writeDeployment(folder: string, addresses: Addresses): Promise<void> {
  const { issuer, audience, ports, identity, upstream } = addresses;
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await mkdir(join(folder, 'policy'));
  await symlink(projectFile('.'), join(folder, 'node_modules/hewn'));
  await symlink(projectFile('node_modules/wrangler'), join(folder, 'node_modules/wrangler'));
  await copyFile(projectFile('policy/reports.datalog'), join(folder, 'policy/reports.datalog'));
  await copyFile(projectFile('policy/tools.toml'), join(folder, 'tools.toml'));
  const files = {
    'issuer.ts': `import { createIssuer } from 'hewn/issuer';
import reports from './policy/reports.datalog';
import catalogue from './tools.toml';
export * from 'hewn/issuer/objects';
export default createIssuer({ policy: { 'policy/reports.datalog': reports }, catalogue });
`,
    'gateway.ts': `import { createGateway } from 'hewn/gateway';
import catalogue from './tools.toml';
export default createGateway({ catalogue });
`,
    'package.json': '{ "name": "served", "private": true, "type": "module" }\n',
    'hewn.toml': `name = "served"
catalogue = "tools.toml"
[issuer]
url = "${issuer}"
rateLimits = { ${addresses.issuerRates} }
[providers.local-idp]
issuer = "${identity.issuer}"
jwksUri = "${identity.issuer}/jwks"
audience = "${issuer}"
algorithms = ["ES256"]
allowedActors = ["${identity.issuer}#report-agent"]
[gateways.main]
url = "${audience}"
denials = "error"
upstreams = { files = { url = "${upstream}", addresses = ["127.0.0.1"] } }
rateLimits = { ${addresses.gatewayRates} }
[serve]
sourceHeader = "x-real-ip"
issuerPort = ${ports[0]}
gatewayPorts = { main = ${ports[1]} }
issuerNetwork = ["public", "private"]
gatewayNetwork = ["public", "private"]
[drill]
${addresses.drill}
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
