import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK, reservePort } from '../../src/dev/index.ts';

const START_MILLISECONDS_MAX = 20_000;
const FOLDER = import.meta.dirname;

/** The servers that the suites run against, by the name that the gateway has for them. */
export const SERVERS = {
  reference: ['servers/reference/everything-server.ts'],
  sdk: ['servers/sdk/everything-server.ts'],
  everything: [
    'node_modules/@modelcontextprotocol/server-everything/dist/index.js',
    'streamableHttp',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ServerName = keyof typeof SERVERS;

export const SERVER_NAMES = Object.keys(SERVERS) as readonly ServerName[];

export interface RunningServer {
  readonly name: ServerName;
  /** Its MCP endpoint. `localhost`, because the suites test its protection against DNS rebinding. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a server and waits until it answers. */
export async function startServer(name: ServerName): Promise<RunningServer> {
  const port = await reservePort({ port: 0, what: name, portVariable: 'PORT' });
  const [file = '', ...args] = SERVERS[name];
  const child = spawn(process.execPath, [join(FOLDER, file), ...args], {
    env: { ...process.env, PORT: String(port), NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-4_000);
  });
  const end = performance.now() + START_MILLISECONDS_MAX;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > end) {
      await stop(child);
      throw new Error(`the server ${name} does not start:\n${errors}`);
    }
    await sleep(100);
  }
  return { name, url: `http://localhost:${port}/mcp`, close: () => stop(child) };
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://${LOOPBACK}:${port}/`).then(
    () => true,
    () => false,
  );

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
