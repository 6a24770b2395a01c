import { join } from 'node:path';
import { ok, type Result, refuse } from '../result.ts';
import type { Client, OneRun, RunSettings } from './client.ts';
import { isStdio, type ServerEntries } from './entry.ts';
import { writeAll, writeEntry, writeHeaders, writeStdio } from './fields.ts';

/**
 * Returns what hands a client the servers of one run, and leaves its own files alone: arguments
 * that go before the user's own, variables, and files to write for the owner alone. A program that
 * is not in the table (`undefined`) gets a file in the common form and its path in
 * `HEWN_MCP_CONFIG`, and for each server with a URL the variable `HEWN_MCP_URL_<NAME>`.
 *
 * `folder` is that of the run. Gemini CLI ignores the file if anybody else can write to the folder
 * or to one above it, as in `/tmp`.
 */
export function forOneRun(
  client: Client | undefined,
  entries: ServerEntries,
  folder: string,
  settings: RunSettings = {},
): Result<OneRun, string> {
  if (client === undefined) return forAnyProgram(entries, folder);
  if (client.oneRun === undefined) {
    return refuse(`${client.title} cannot be configured for one run: use hewn connect`);
  }
  return client.oneRun(entries, folder, settings);
}

function forAnyProgram(entries: ServerEntries, folder: string): Result<OneRun, string> {
  const servers = writeAll(entries, (entry) =>
    writeEntry(entry, writeStdio, (http) => ({
      type: 'http',
      url: http.url,
      ...writeHeaders(http),
    })),
  );
  if (!servers.ok) return servers;
  const path = join(folder, 'mcp.json');
  const urls = Object.entries(entries).flatMap(([name, entry]) =>
    isStdio(entry) ? [] : [[urlVariable(name), entry.url] as const],
  );
  return ok({
    args: [],
    env: { HEWN_MCP_CONFIG: path, ...Object.fromEntries(urls) },
    files: [{ path, content: `${JSON.stringify({ mcpServers: servers.value }, null, 2)}\n` }],
  });
}

/** The variable with the URL of a server, for a program that is not in the table. */
const urlVariable = (server: string): string =>
  `HEWN_MCP_URL_${server.toUpperCase().replace(/\W/g, '_')}`;
