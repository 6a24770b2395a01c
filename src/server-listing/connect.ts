import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStdioServers } from '../dev/index.ts';
import { type Result, refuse } from '../result.ts';
import { greet, type HttpServer, type ListingError } from './http.ts';
import { listServer } from './list.ts';
import type { ServerListing } from './listing.ts';

/** Where a server is: at a URL, or behind a command that starts it on its standard streams. */
export type ServerSource =
  | HttpServer
  | {
      readonly command: readonly string[];
      /** The folder that the command starts in. */
      readonly cwd: string;
      /** Variables that the command gets besides those of this process. */
      readonly env?: Readonly<Record<string, string>>;
    };

/** Lists a server. A command is started for this, and ended before the promise settles. */
export async function readServer(
  source: ServerSource,
): Promise<Result<ServerListing, ListingError>> {
  if ('url' in source) return listHttp(source);
  const { command, cwd, env = {} } = source;
  const stateFolder = await mkdtemp(join(tmpdir(), 'hewn-server-'));
  try {
    const port = { port: 0, what: 'bridge', portVariable: 'HEWN_MCP_PORT' };
    const server = { name: 'server', command, cwd, stateFolder, env };
    const bridge = await startStdioServers([server], port);
    try {
      return await listHttp({ url: bridge.urls.server ?? '', fetch });
    } finally {
      await bridge.close();
    }
  } catch (error) {
    return refuse((error as Error).message);
  } finally {
    await rm(stateFolder, { recursive: true, force: true });
  }
}

async function listHttp(source: HttpServer): Promise<Result<ServerListing, ListingError>> {
  const greeted = await greet(source);
  if (!greeted.ok) return greeted;
  try {
    return await listServer(greeted.value);
  } finally {
    await greeted.value.end();
  }
}
