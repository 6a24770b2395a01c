import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../canonical-json.ts';
import { editTable } from '../../../clients/index.ts';
import { toSeconds } from '../../../clock.ts';
import { DEPLOYMENT_FILE, readDeployment, showFault } from '../../../deployment/index.ts';
import {
  loadWorkerSecrets,
  prepareStateFolder,
  workerSecretsFile,
} from '../../../key-file/index.ts';
import { ok, type Result, refuse } from '../../../result.ts';
import { sealPublicKey, sealSecret } from '../../../upstream/index.ts';
import type { CommandContext } from '../../command.ts';
import type { FoundServer } from './credential.ts';

const SEAL_DAYS = 90;
const DAY_SECONDS = 86_400;

/** A gateway of one environment, to which secrets are sealed. */
export interface AdoptingGateway {
  readonly name: string;
  /** The environment whose key it has: `dev`, or the one that `--env` names. */
  readonly environment: string;
}

/** Returns `hewn.toml` with an upstream that observes for each server. */
export async function planDeployment(
  context: CommandContext,
  folder: string,
  gateway: AdoptingGateway,
  servers: ReadonlyMap<string, FoundServer>,
): Promise<Result<{ readonly before: string; readonly after: string }, string>> {
  const before = await readFile(join(folder, DEPLOYMENT_FILE), 'utf8');
  let after = before;
  for (const [name, server] of servers) {
    const upstream = await upstreamOf(context, folder, gateway, name, server);
    if (!upstream.ok) return upstream;
    const tables: readonly (readonly [readonly string[], JsonObject])[] = [
      [['gateways', gateway.name, 'upstreams', name], upstream.value],
      ...(server.kind === 'stdio'
        ? [[['dev', 'servers', name], devServerOf(name, server)] as const]
        : []),
    ];
    for (const [path, value] of tables) {
      const edited = await editTable('toml', after, path, value);
      if (!edited.ok) return refuse(`${DEPLOYMENT_FILE}: ${edited.error}`);
      after = edited.value;
    }
  }
  const read = await readDeployment(new TextEncoder().encode(after), DEPLOYMENT_FILE);
  if (read.ok) return ok({ before, after });
  return refuse(`\n${read.error.map(showFault).join('\n')}`);
}

/** Where the variables of a server are, relative to the folder. Git ignores it. */
export const variablesFile = (name: string): string => `.hewn/connect/${name}.variables.json`;

const devServerOf = (name: string, server: FoundServer & { kind: 'stdio' }): JsonObject => ({
  command: [...server.command],
  ...(Object.keys(server.variables).length > 0 && { variables: variablesFile(name) }),
});

/**
 * It observes, so that nothing breaks: a call that no one granted is made with the credential that
 * the agent had itself until now.
 */
async function upstreamOf(
  context: CommandContext,
  folder: string,
  gateway: AdoptingGateway,
  name: string,
  server: FoundServer,
): Promise<Result<JsonObject, string>> {
  const observed = { mode: 'observe', observe: { credential: 'gateway' } };
  // A server of standard streams has no address until someone deploys it.
  if (server.kind === 'stdio') return ok({ url: `https://${name}.example/mcp`, ...observed });
  const url = new URL(server.url);
  const isLocal = url.protocol === 'http:';
  const base = { url: server.url, ...(isLocal && { addresses: [url.hostname] }), ...observed };
  if (server.credential === undefined) return ok(base);
  const key = await sealKeyOf(folder, gateway);
  if (!key.ok) return key;
  const path = url.pathname;
  const sealed = await sealSecret(
    key.value,
    {
      hosts: [url.host],
      methods: ['*'],
      paths: [path, `${path.replace(/\/$/, '')}/*`],
      expires: toSeconds(context.now().getTime()) + SEAL_DAYS * DAY_SECONDS,
    },
    server.credential.secret,
  );
  return ok({ ...base, credential: { ...server.credential.config, sealed } });
}

async function sealKeyOf(
  folder: string,
  { name: role, environment }: AdoptingGateway,
): Promise<Result<string, string>> {
  await prepareStateFolder(folder, environment);
  const needs = [{ role, names: ['SEAL_KEYS'], known: {} }];
  const loaded = await loadWorkerSecrets(workerSecretsFile(folder, environment), needs);
  if (!loaded.ok) return loaded;
  const [newest = ''] = (loaded.value.secrets.get(role)?.SEAL_KEYS ?? '').split(' ');
  return ok(await sealPublicKey(newest));
}
