import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type Environment,
  readDeployment,
  showFault,
} from '../../deployment/index.ts';
import { type Running, readRunning } from '../../dev/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { oneEnvironment } from '../deployment-folder.ts';

/** Where the issuer and the gateway of a run are. */
export interface Place {
  readonly issuer: string;
  readonly audience: string;
  /** The MCP servers behind the gateway; undefined if that is not known here. */
  readonly servers?: readonly string[];
  /** Set if it is the `hewn dev` of the folder. */
  readonly dev?: { readonly hasUsers: boolean };
}

/** What a person may state instead of what the folder says. */
export interface StatedPlace {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly env: string | undefined;
}

/** Reads `hewn.toml` of a folder. Returns undefined if the folder has no such file. */
export async function readFolder(
  context: CommandContext,
  folder: string,
): Promise<Result<Deployment | undefined, string>> {
  const file = join(folder, DEPLOYMENT_FILE);
  const bytes = await readFile(resolve(context.cwd, file)).catch(() => undefined);
  if (bytes === undefined) return ok(undefined);
  const deployment = await readDeployment(bytes, file);
  return deployment.ok ? deployment : refuse(`\n${deployment.error.map(showFault).join('\n')}`);
}

/** Finds the gateway that has all `servers`: that of a running `hewn dev`, or of an environment. */
export async function findPlace(
  context: CommandContext,
  { folder, deployment }: { readonly folder: string; readonly deployment: Deployment | undefined },
  stated: StatedPlace,
  servers: readonly string[],
): Promise<Result<Place, string>> {
  const { issuer, audience, env } = stated;
  if (issuer !== undefined && audience !== undefined) return ok({ issuer, audience });
  if (issuer !== undefined || audience !== undefined) {
    return refuse('pass both --issuer and --audience, or neither');
  }
  if (deployment === undefined) {
    return refuse(
      `there is no ${join(folder, DEPLOYMENT_FILE)}: pass --issuer and --audience, or name its folder with --folder`,
    );
  }
  const home = context.variable('HEWN_HOME') ?? resolve(context.cwd, folder);
  const running = env === undefined ? await readRunning(home) : undefined;
  if (running !== undefined) return placeOfDev(running, servers);
  const environment = oneEnvironment(deployment, env);
  return environment.ok ? placeOf(environment.value, servers) : environment;
}

function placeOfDev({ run }: Running, servers: readonly string[]): Result<Place, string> {
  if (run === undefined) return refuse('hewn dev is still starting. Try again in a moment');
  const { issuer } = run;
  return chosen(run.gateways ?? [], servers, (url, all) => ({
    issuer,
    audience: url,
    servers: all,
    dev: { hasUsers: (run.users ?? []).length > 0 },
  }));
}

const placeOf = (
  { issuer, gateways }: Environment,
  servers: readonly string[],
): Result<Place, string> =>
  chosen(
    gateways.map(({ url, upstreams }) => ({ url, servers: Object.keys(upstreams) })),
    servers,
    (url, all) => ({ issuer: issuer.url, audience: url, servers: all }),
  );

interface Gateway {
  readonly url: string;
  readonly servers: readonly string[];
}

function chosen(
  gateways: readonly Gateway[],
  wanted: readonly string[],
  place: (url: string, servers: readonly string[]) => Place,
): Result<Place, string> {
  const found = gateways.find(({ servers }) => wanted.every((each) => servers.includes(each)));
  if (found !== undefined) return ok(place(found.url, found.servers));
  const known = gateways.map(({ url, servers }) => `${url} has ${servers.join(', ')}`).join('; ');
  return refuse(
    `no gateway has all of the servers ${wanted.join(', ')}: ${known || 'there is no gateway'}. A capability is for one gateway`,
  );
}
