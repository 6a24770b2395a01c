import { isDeepStrictEqual } from 'node:util';
import { readEntries } from '../../../clients/index.ts';
import type { Environment } from '../../../deployment/index.ts';
import { ok, type Result, refuse } from '../../../result.ts';
import { serverName } from '../../../upstream/index.ts';
import type { CommandContext } from '../../command.ts';
import type { ClientFile } from '../client-file.ts';
import { readRecord } from '../record.ts';
import { type FoundServer, takeApart } from './credential.ts';

/** A server of a client that is moved: its name there, and its name behind the gateway. */
export interface ChosenServer {
  readonly entryName: string;
  readonly name: string;
  readonly server: FoundServer;
}

/** Reads the servers of a client that are moved: those that `wanted` names, or all of its own. */
export async function chooseServers(
  { variable }: CommandContext,
  folder: string,
  file: ClientFile,
  { wanted, gateway }: { readonly wanted: readonly string[]; readonly gateway: Gateway },
): Promise<Result<readonly ChosenServer[], string>> {
  const record = await readRecord(folder, file);
  if (!record.ok) return record;
  const entries = await readEntries(file.client, file.text ?? '');
  if (!entries.ok) return refuse(`${file.path}: ${entries.error}`);
  const own = Object.keys(entries.value).filter(
    (name) => !isDeepStrictEqual(entries.value[name], record.value?.entries[name]?.written),
  );
  const missing = wanted.find((name) => !own.includes(name));
  if (missing !== undefined) {
    return refuse(`${file.path} has no server ${JSON.stringify(missing)}: ${own.join(', ')}`);
  }
  const chosen: ChosenServer[] = [];
  for (const entryName of wanted.length > 0 ? wanted : own) {
    const one = chooseOne(entryName, gateway, () => {
      const entry = file.client.read(entries.value[entryName] ?? {});
      return entry === undefined
        ? refuse('its entry has an unknown form')
        : takeApart(entry, variable);
    });
    if (!one.ok) return refuse(`${entryName}: ${one.error}. --server chooses others`);
    const same = chosen.find(({ name }) => name === one.value.name);
    if (same !== undefined) return refuse(`${same.entryName} and ${entryName} would get one name`);
    chosen.push(one.value);
  }
  return chosen.length > 0 ? ok(chosen) : refuse(`${file.path} has no server to move`);
}

type Gateway = Environment['gateways'][number];

function chooseOne(
  entryName: string,
  { upstreams }: Gateway,
  find: () => Result<FoundServer, string>,
): Result<ChosenServer, string> {
  const name = entryName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 32);
  if (!serverName.test(name)) return refuse('it has no name that a gateway could use');
  if (Object.hasOwn(upstreams, name))
    return refuse(`the gateway has an upstream "${name}" already`);
  const server = find();
  return server.ok ? ok({ entryName, name, server: server.value }) : server;
}
