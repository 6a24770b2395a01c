import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  DEPLOYMENT_FILE,
  devEnvironmentOf,
  type Environment,
  showFault,
} from '../../../deployment/index.ts';
import { createFile, isCode, replaceFile } from '../../../durable-file.ts';
import { ok, type Result, refuse } from '../../../result.ts';
import { writeListingFile } from '../../../server-listing/index.ts';
import type { CommandContext } from '../../command.ts';
import {
  type DeploymentFolder,
  oneEnvironment,
  openDeploymentFolder,
} from '../../deployment-folder.ts';
import { type ClientFile, hidden } from '../client-file.ts';
import { entryOf } from '../entries.ts';
import { type PlannedChange, planEntries } from '../write-entries.ts';
import { type ChosenServer, chooseServers } from './choose.ts';
import { planDeployment, variablesFile } from './deployment.ts';
import { type Probed, probe } from './probe.ts';

/** What a person says about a move. */
export interface AdoptFlags {
  readonly server: readonly string[];
  readonly profile: string | undefined;
  readonly env: string | undefined;
  readonly gateway: string | undefined;
}

/** A file of the deployment that a move writes. */
interface OwnFile {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string;
  readonly mode: number;
}

/** A move of servers behind a gateway that is not made yet. */
export interface PlannedMove {
  readonly change: PlannedChange;
  /**
   * In the order in which they are written. The client comes last: until then it works as before.
   */
  readonly files: readonly OwnFile[];
  /** Lines for a person. */
  readonly notes: readonly string[];
  /** Nothing that is shown may contain one of these. */
  readonly secrets: readonly string[];
}

const [OWNER_ONLY, FOR_ALL] = [0o600, 0o644];

/** Plans that servers of a client move behind a gateway, which observes them. */
export async function planMove(
  context: CommandContext,
  folder: string,
  file: ClientFile,
  flags: AdoptFlags,
): Promise<Result<PlannedMove, string>> {
  const place = await findGateway(context, folder, flags);
  if (!place.ok) return place;
  const { opened, gateway, environment } = place.value;
  const choice = { wanted: flags.server, gateway };
  const chosen = await chooseServers(context, folder, file, choice);
  if (!chosen.ok) return chosen;
  const probed = new Map<string, Probed>();
  for (const server of chosen.value) {
    const found = await probe(context, folder, server);
    if (!found.ok) return refuse(`${server.entryName}: ${found.error}. --server chooses others`);
    probed.set(server.name, found.value);
  }
  const servers = new Map(chosen.value.map(({ name, server }) => [name, server]));
  const target = { name: gateway.name, environment };
  const deployment = await planDeployment(context, folder, target, servers);
  if (!deployment.ok) return deployment;
  const catalogue = await planCatalogue(folder, opened.paths.catalogue, [...probed.values()]);
  if (!catalogue.ok) return catalogue;
  const entries = Object.fromEntries(
    chosen.value.map(({ entryName, name }) => [entryName, entryOf(name, folder, flags)]),
  );
  const change = await planEntries(folder, file, entries, new Set(Object.keys(entries)));
  if (!change.ok) return change;
  const { before, after } = deployment.value;
  return ok({
    change: change.value,
    files: [
      ...variableFiles(chosen.value),
      ...listingFiles(probed),
      catalogue.value,
      { name: DEPLOYMENT_FILE, before, after, mode: FOR_ALL },
    ],
    notes: chosen.value.flatMap((server) => notesOf(server, probed.get(server.name))),
    secrets: chosen.value.flatMap(secretsOf),
  });
}

interface Place {
  readonly opened: DeploymentFolder;
  readonly gateway: Environment['gateways'][number];
  readonly environment: string;
}

/** The gateway that secrets are sealed to: that of `hewn dev`, or of the environment `--env`. */
async function findGateway(
  context: CommandContext,
  folder: string,
  { env, gateway: name }: AdoptFlags,
): Promise<Result<Place, string>> {
  const opened = await openDeploymentFolder(context, [folder]);
  if (!opened.ok) return refuse(`${opened.error}. npx hewn init writes one`);
  const { deployment } = opened.value;
  if (!deployment.ok) return refuse(`\n${deployment.error.map(showFault).join('\n')}`);
  const local = devEnvironmentOf(deployment.value);
  const stated = env === undefined ? undefined : oneEnvironment(deployment.value, env);
  if (stated?.ok === false) return stated;
  const gateways = (stated?.value ?? local)?.gateways ?? [];
  const found = gateways.filter((each) => name === undefined || each.name === name);
  const [gateway, another] = found;
  if (gateway === undefined) return refuse('hewn.toml has no such gateway');
  if (another !== undefined) {
    return refuse(`choose a gateway with --gateway: ${found.map((each) => each.name).join(', ')}`);
  }
  return ok({ opened: opened.value, gateway, environment: env ?? 'dev' });
}

const variableFiles = (chosen: readonly ChosenServer[]): readonly OwnFile[] =>
  chosen.flatMap(({ name, server }) =>
    server.kind === 'http' || Object.keys(server.variables).length === 0
      ? []
      : [
          {
            name: variablesFile(name),
            before: undefined,
            after: `${JSON.stringify(server.variables, null, 2)}\n`,
            mode: OWNER_ONLY,
          },
        ],
  );

const listingFiles = (probed: ReadonlyMap<string, Probed>): readonly OwnFile[] =>
  [...probed].map(([name, { listing }]) => ({
    name: `catalogue/${name}.listing.json`,
    before: undefined,
    after: writeListingFile(listing),
    mode: FOR_ALL,
  }));

async function planCatalogue(
  folder: string,
  name: string,
  probed: readonly Probed[],
): Promise<Result<OwnFile, string>> {
  try {
    const before = await readFile(join(folder, name), 'utf8').catch((error) => {
      if (isCode(error, 'ENOENT')) return '';
      throw error;
    });
    const parts = [before.trimEnd(), ...probed.map(({ draft }) => draft.trimEnd())];
    const after = `${parts.filter((part) => part !== '').join('\n\n')}\n`;
    return ok({ name, before, after, mode: FOR_ALL });
  } catch (error) {
    return refuse(`cannot read ${name}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function notesOf({ entryName, name, server }: ChosenServer, probed: Probed | undefined): string[] {
  const renamed = entryName === name ? '' : ` as ${name}`;
  const dropped = server.kind === 'http' ? server.dropped : [];
  const isSealed = server.kind === 'http' && server.credential !== undefined;
  const moved = server.kind === 'stdio' ? Object.keys(server.variables) : [];
  return [
    `${entryName} moves behind the gateway${renamed}: ${probed?.tools ?? 0} tools drafted, ${probed?.reviews ?? 0} guesses to review`,
    ...(isSealed ? [`${entryName}: its credential is sealed to the gateway`] : []),
    ...(moved.length > 0
      ? [`${entryName}: ${variablesFile(name)} has ${moved.join(', ')} now, for hewn dev alone`]
      : []),
    ...(dropped.length > 0 ? [`${entryName}: no gateway sends ${dropped.join(', ')}`] : []),
  ];
}

function secretsOf({ server }: ChosenServer): readonly string[] {
  const found =
    server.kind === 'stdio'
      ? Object.values(server.variables)
      : server.credential === undefined
        ? []
        : [server.credential.secret];
  return hidden(found);
}

/** Writes the files of the deployment. Until the client is written, it works as before. */
export async function writeOwnFiles(
  folder: string,
  files: readonly OwnFile[],
): Promise<Result<void, string>> {
  for (const { name, before, after, mode } of files) {
    const path = resolve(folder, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      const current = await readFile(path, 'utf8').catch(() => undefined);
      if (before === undefined && mode !== OWNER_ONLY) await createFile(path, after, mode);
      else if (before !== undefined && (current ?? '') !== before) {
        return refuse(`${name} has changed in the meantime: try again`);
      } else await replaceFile(path, after, mode);
    } catch (error) {
      return refuse(`cannot write ${name}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  return ok(undefined);
}
