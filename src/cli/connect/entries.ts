import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpEntry, ServerEntries, StdioEntry } from '../../clients/index.ts';
import { type Deployment, nearest, showFault } from '../../deployment/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { tableOf } from '../../upstream/index.ts';
import type { CommandContext } from '../command.ts';
import { chooseEnvironment, openDeploymentFolder } from '../deployment-folder.ts';
import { findPlace, readFolder } from '../run/place.ts';

/** What a person says about the entries. */
export interface EntryFlags {
  readonly server: readonly string[];
  readonly profile: string | undefined;
  readonly env: string | undefined;
}

/** Returns an entry for each server that starts `hewn bridge` for it. */
export async function bridgeEntries(
  context: CommandContext,
  folder: string,
  flags: EntryFlags,
): Promise<Result<ServerEntries, string>> {
  const servers = await serversOf(context, folder, flags);
  if (!servers.ok) return servers;
  return ok(Object.fromEntries(servers.value.map((name) => [name, entryOf(name, folder, flags)])));
}

/** Returns an entry for each server with its URL, whose headers `hewn headers` prints. */
export async function headersEntries(
  context: CommandContext,
  folder: string,
  flags: EntryFlags,
): Promise<Result<ServerEntries, string>> {
  const servers = await serversOf(context, folder, flags);
  if (!servers.ok) return servers;
  const read = await readFolder(context, folder);
  if (!read.ok) return read;
  const stated = { issuer: undefined, audience: undefined, env: flags.env };
  const entries: [string, HttpEntry][] = [];
  for (const server of servers.value) {
    const place = await findPlace(context, { folder, deployment: read.value }, stated, [server]);
    if (!place.ok) return place;
    const url = new URL(`/mcp/${server}`, place.value.audience).href;
    const { command, args } = startOf('headers', server, folder, flags);
    entries.push([server, { url, headersHelper: [command, ...args].map(shellWord).join(' ') }]);
  }
  return ok(Object.fromEntries(entries));
}

/** Quotes a word for a POSIX shell, which Claude Code gives the command to. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The program that runs now. Desktop clients have no PATH of a shell, so both are absolute. */
const program = (): string => {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../main.${ending}`, import.meta.url).href);
};

/** The entry of one server. */
export const entryOf = (
  server: string,
  folder: string,
  flags: Omit<EntryFlags, 'server'>,
): StdioEntry => startOf('bridge', server, folder, flags);

const startOf = (
  command: 'bridge' | 'headers',
  server: string,
  folder: string,
  { profile, env }: Omit<EntryFlags, 'server'>,
): StdioEntry => ({
  command: process.execPath,
  args: [
    ...[program(), command, server, '--folder', resolve(folder)],
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(env === undefined ? [] : ['--env', env]),
  ],
});

async function serversOf(
  context: CommandContext,
  folder: string,
  { server, env }: EntryFlags,
): Promise<Result<readonly string[], string>> {
  const opened = await openDeploymentFolder(context, [folder]);
  if (!opened.ok) return opened;
  const { deployment } = opened.value;
  if (!deployment.ok) return refuse(`\n${deployment.error.map(showFault).join('\n')}`);
  const chosen = chooseEnvironment(deployment.value, env);
  if (!chosen.ok) return chosen;
  const all = mcpServers(chosen.value);
  for (const name of server) {
    if (all.includes(name)) continue;
    const close = nearest(name, all);
    const hint = close === undefined ? '' : ` Did you mean ${JSON.stringify(close)}?`;
    return refuse(
      `no gateway has an MCP server ${JSON.stringify(name)}. There is: ${all.join(', ') || 'none'}.${hint}`,
    );
  }
  if (all.length === 0) return refuse('no gateway of hewn.toml has an MCP server');
  return ok(server.length > 0 ? server : all);
}

/** The MCP servers behind the gateways of a deployment. */
const mcpServers = ({ environments }: Deployment): readonly string[] => [
  ...new Set(
    environments.flatMap(({ gateways }) =>
      gateways.flatMap(({ upstreams }) =>
        Object.keys(upstreams).filter((name) => {
          const upstream = upstreams[name];
          return upstream !== undefined && tableOf(upstream).kind !== 'http';
        }),
      ),
    ),
  ),
];
