import { readFile } from 'node:fs/promises';
import { ok, type Result, refuse } from '../result.ts';
import type { Client, Places, Scope } from './client.ts';
import { readEntries } from './formats/index.ts';

const SCOPES: readonly Scope[] = ['user', 'project'];

/**
 * Returns the names of the servers that the files of a client configure, of the user and of the
 * project. A run switches them off: they lead around the gateway.
 */
export async function ownServers(
  client: Client,
  places: Places,
): Promise<Result<readonly string[], string>> {
  const names = new Set<string>();
  for (const scope of SCOPES) {
    const path = client.file(scope, places);
    if (path === undefined) continue;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const entries = await readEntries(client, text);
    if (!entries.ok) return refuse(`${path}: ${entries.error}`);
    for (const name of Object.keys(entries.value)) names.add(name);
  }
  return ok([...names]);
}
