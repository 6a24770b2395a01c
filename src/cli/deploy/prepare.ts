import { join, relative } from 'node:path';
import { type BundledWorkers, bundleWorkers } from '../../bundle/index.ts';
import {
  askIssuer,
  type DeployedState,
  type DeployStep,
  fingerprintOf,
  loadSecrets,
  planDeployment,
  readState,
  removeLeftovers,
  replacementFault,
  stateFile,
} from '../../deploy/index.ts';
import type { Deployment, Environment } from '../../deployment/index.ts';
import {
  deploymentKeyFile,
  type KeyFile,
  loadDeploymentKeys,
  readKeyFile,
  type Secrets,
  workerSecretsFile,
} from '../../key-file/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type Version, versionId } from '../../version/index.ts';
import { readFolderVersion } from '../../version-files/index.ts';
import type { CommandContext } from '../command.ts';
import { secondsNow } from '../keys/target.ts';

/** A deployment that is ready to be carried out. */
export interface Prepared {
  readonly steps: readonly DeployStep[];
  readonly stateFolder: string;
  readonly stateFile: string;
  readonly state: DeployedState;
  readonly version: Version;
  /** Undefined in a dry run of a folder that has no keys yet. */
  readonly keys: KeyFile | undefined;
  readonly secrets: ReadonlyMap<string, Secrets>;
}

/** Stands for the feed key of a folder that has no keys yet, in a dry run. */
const NO_FEED_KEY = '0'.repeat(64);

export interface PrepareInput {
  /** The folder of `hewn.toml`, absolute. */
  readonly folder: string;
  /** Of the environment, below `.hewn`. */
  readonly stateFolder: string;
  readonly deployment: Deployment;
  readonly environment: Environment;
  readonly dryRun: boolean;
  readonly replaceKeys: boolean;
}

/** Reads or generates the keys, bundles the Workers, and plans. Nothing is uploaded. */
export async function prepareDeployment(
  context: CommandContext,
  input: PrepareInput,
): Promise<Result<Prepared, string>> {
  const { folder, stateFolder, deployment, environment } = input;
  const version = await readFolderVersion(folder, deployment);
  if (!version.ok) return version;
  const keys = await keysFor(context, input);
  if (!keys.ok) return keys;
  const { file, contents, exists } = keys.value;
  await removeLeftovers(stateFolder);
  const bundles = await bundleWorkers({
    folder,
    environment,
    outFolder: join(stateFolder, 'workers'),
    feedPublicKey: contents?.feed.publicKey ?? NO_FEED_KEY,
  });
  if (!bundles.ok) return refuse(bundles.error.message);
  const workers = [bundles.value.issuer, ...bundles.value.gateways];
  const secrets = contents
    ? await loadSecrets(workerSecretsFile(folder, environment.name), contents, workers, {
        dryRun: input.dryRun,
        variable: context.variable,
      })
    : ok(new Map<string, Secrets>());
  if (!secrets.ok) return secrets;
  const stateOf = stateFile(folder, environment.name);
  const state = await readState(stateOf);
  const planned = planDeployment({
    folder,
    environment,
    bundles: bundles.value,
    fingerprints: await fingerprintsOf(bundles.value, secrets.value, contents?.operator ?? ''),
    keys: { file: relative(folder, file), exists },
    state,
    version: {
      id: await versionId(version.value),
      files: Object.keys(version.value.policy),
    },
  });
  if (!planned.ok) return planned;
  return ok({
    steps: planned.value,
    stateFolder,
    stateFile: stateOf,
    state,
    version: version.value,
    keys: contents,
    secrets: secrets.value,
  });
}

interface FolderKeys {
  readonly file: string;
  readonly exists: boolean;
  readonly contents: KeyFile | undefined;
}

async function keysFor(
  context: CommandContext,
  { folder, environment, dryRun, replaceKeys }: PrepareInput,
): Promise<Result<FolderKeys, string>> {
  const file = deploymentKeyFile(folder, environment.name);
  const present = await readKeyFile(file);
  if (!present.ok && present.error.code !== 'key_file_missing') {
    return refuse(`${file} is damaged: ${present.error.why}. Put a copy of it back.`);
  }
  const contents = present.ok ? present.value : undefined;
  const stated = environment.issuer.feedPublicKey?.split(' ');
  if (contents && stated && !stated.includes(contents.feed.publicKey)) {
    return refuse(
      `feedPublicKey of ${environment.name} in hewn.toml is not the public feed key of ${relative(folder, file)}: gateways would reject every head`,
    );
  }
  if (dryRun) return ok({ file, exists: contents !== undefined, contents });
  const { url } = environment.issuer;
  const fault = replaceKeys
    ? undefined
    : replacementFault(await askIssuer(context.fetch, url), contents, {
        url,
        file: relative(folder, file),
      });
  if (fault !== undefined) return refuse(`${fault}. --replace-keys does it anyway`);
  if (contents) return ok({ file, exists: true, contents });
  const made = await loadDeploymentKeys(folder, environment.name, secondsNow(context));
  if (!made.ok) return made;
  return ok({ file, exists: !made.value.generated, contents: made.value.keys });
}

async function fingerprintsOf(
  { issuer, gateways }: BundledWorkers,
  secrets: ReadonlyMap<string, Secrets>,
  salt: string,
): Promise<ReadonlyMap<string, string>> {
  const entries = [issuer, ...gateways].map(
    async (worker) =>
      [worker.role, await fingerprintOf(worker, secrets.get(worker.role) ?? {}, salt)] as const,
  );
  return new Map(await Promise.all(entries));
}
