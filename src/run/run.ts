import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printableJson } from '../approval/index.ts';
import { type BridgeSocket, openBridgeEndpoint, openBridgeSocket } from '../bridge/index.ts';
import {
  type Client,
  clientOfCommand,
  collidingTools,
  forOneRun,
  ownServers,
} from '../clients/index.ts';
import { ok, type Result } from '../result.ts';
import { askOnTerminal, hasTerminal } from './ask.ts';
import { type AgentProcess, type Ending, startAgent } from './child.ts';
import type { RunConnection } from './connection.ts';
import { agentEnvironment } from './environment.ts';
import { catalogueOf, openRelays, type RelayScene } from './relays.ts';
import { type RunSummary, Tally } from './tally.ts';

export interface RunOptions extends RelayScene {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that the identity sources read, which the agent does not get. */
  readonly sourceVariables: readonly string[];
}

/** How a run ended. */
export interface Ended extends Ending {
  readonly summary: RunSummary;
  /** Why the workflow was not ended at the issuer, which then ends it by itself. */
  readonly notEnded?: string;
}

const GRACE_SECONDS = 0; // The agent has ended, so no call is in flight.

/**
 * Runs an agent with the servers of one workflow, and ends the workflow when the agent has ended.
 * The agent gets a socket: the capability and its key stay in this process.
 */
export async function runAgent(options: RunOptions): Promise<Result<Ended, string>> {
  const { connection, say } = options;
  const tally = new Tally(catalogueOf(options));
  const current = await connection.capability.current();
  if (current.ok) {
    tally.granted(current.value.grants);
    const { refused } = current.value;
    if (refused !== undefined) say(`not granted: ${printableJson(refused)}`);
  }
  let agent: AgentProcess | undefined;
  const isAsking = options.stepUp === 'ask' && hasTerminal();
  const open = openRelays(options, {
    tally,
    ...(isAsking && { ask: (use) => askOnTerminal(use, { pid: agent?.pid }) }),
  });
  const socket = await openBridgeSocket(open);
  // A program that is not known may know only URLs.
  const isKnown = clientOfCommand(options.command[0] ?? '') !== undefined;
  const endpoint = isKnown ? undefined : await openBridgeEndpoint(open);
  let ending: Ending | undefined;
  try {
    const handed = await handOver(options, socket, endpoint?.urls);
    if (!handed.ok) return handed;
    const { command, env } = handed.value;
    say(`workflow ${connection.workflow}`);
    await warnOfCollisions(options);
    agent = startAgent(command, { cwd: options.cwd, env });
    ending = await agent.ended;
  } finally {
    await endpoint?.close();
    await socket.close();
    const ended = await endWorkflow(connection, ending);
    if (ended !== undefined) say(`the workflow was not ended, and expires by itself: ${ended}`);
  }
  return ok({ ...ending, summary: await tally.summary() });
}

/** Some clients drop a tool silently whose name becomes that of another one. */
async function warnOfCollisions(options: RunOptions): Promise<void> {
  const names = [...((await catalogueOf(options)()) ?? new Map()).keys()] as readonly string[];
  for (const server of options.servers) {
    const prefix = `mcp/${server}/`;
    const own = names.filter((name) => name.startsWith(prefix));
    const tools = own.map((name) => name.slice(prefix.length));
    for (const { tools: same, clients } of collidingTools(server, tools)) {
      options.say(`${same.join(' and ')} have one name in ${clients.join(', ')}`);
    }
  }
}

/** The program that the agent starts for each server. */
const bridgeProgram = (): string =>
  fileURLToPath(
    new URL(`../bridge/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
      .href,
  );

interface HandedOver {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A call may wait for a person. Codex, by itself, waits for 60 s. */
const CALL_SECONDS = 360;

/** The servers that the agent itself has, which lead around the gateway. */
async function othersOf(
  client: Client | undefined,
  { cwd, env }: RunOptions,
): Promise<Result<readonly string[], string>> {
  // Claude Code leaves them out by itself, and its file is its state, which can be large.
  if (client === undefined || client.name === 'claude') return ok([]);
  const home = env.HOME ?? homedir();
  const variable = (name: string): string | undefined => env[name];
  return ownServers(client, { home, project: cwd, platform: process.platform, variable });
}

/** Configures the servers of the agent for this run. */
async function handOver(
  options: RunOptions,
  { folder, path }: BridgeSocket,
  urls: Readonly<Record<string, string>> | undefined,
): Promise<Result<HandedOver, string>> {
  const [program = '', ...args] = options.command;
  const entries = Object.fromEntries(
    options.servers.map((server) => [
      server,
      { command: process.execPath, args: [bridgeProgram(), path, server] },
    ]),
  );
  const client = clientOfCommand(program);
  const others = await othersOf(client, options);
  if (!others.ok) return others;
  const handed = forOneRun(client, entries, folder, {
    approveTools: true,
    callSeconds: CALL_SECONDS,
    others: others.value,
    variable: (name) => options.env[name],
  });
  if (!handed.ok) return handed;
  const urlEntries = Object.entries(urls ?? {}).map(([name, url]) => [name, { url }] as const);
  const byUrl = forOneRun(undefined, Object.fromEntries(urlEntries), folder);
  const named = byUrl.ok && urls !== undefined ? byUrl.value.env : {};
  for (const file of handed.value.files) {
    await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
    await writeFile(file.path, file.content, { mode: 0o600 });
  }
  return ok({
    command: [program, ...handed.value.args, ...args],
    env: agentEnvironment(options.env, options.sourceVariables, { ...named, ...handed.value.env }),
  });
}

/** Returns why the workflow was not ended. */
export async function endWorkflow(
  connection: RunConnection,
  ending: Ending | undefined,
): Promise<string | undefined> {
  const why = ending === undefined ? 'hewn run failed' : `exit code ${ending.code}`;
  const ended =
    ending?.code === 0 ? await connection.complete(GRACE_SECONDS) : await connection.fail(why);
  if (ended.ok || ended.error.code === 'workflow_ended') return undefined;
  return ended.error.code;
}
