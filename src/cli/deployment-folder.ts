import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type Environment,
  type FileFault,
  nearest,
  readDeployment,
  readSourcePaths,
  type SourcePaths,
} from '../deployment/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type CommandContext, readFolderOperand } from './command.ts';

type Cwd = Pick<CommandContext, 'cwd'>;

/** A folder with a deployment file, or the faults of that file. */
export interface DeploymentFolder {
  /** As the user named it, for messages. */
  readonly shown: string;
  /** Absolute. */
  readonly path: string;
  readonly deployment: Result<Deployment, readonly FileFault[]>;
  /** Known even if the file has faults. */
  readonly paths: SourcePaths;
}

export const ENVIRONMENT_FLAG = {
  env: {
    kind: 'text',
    value: 'NAME',
    description: 'the environment; needed if the file has several',
  },
} as const;

/** Reads the deployment file of the folder that a command names, or of the current one. */
export async function openDeploymentFolder(
  context: Cwd,
  operands: readonly string[],
): Promise<Result<DeploymentFolder, string>> {
  const named = readFolderOperand(operands);
  if (!named.ok) return named;
  const shown = named.value;
  const file = join(shown, DEPLOYMENT_FILE);
  const bytes = await readBytes(context, shown, file);
  if (!bytes.ok) return bytes;
  const deployment = await readDeployment(bytes.value, file);
  const paths = readSourcePaths(bytes.value);
  return ok({ shown, path: resolve(context.cwd, shown), deployment, paths });
}

async function readBytes(
  context: Cwd,
  folder: string,
  file: string,
): Promise<Result<Uint8Array, string>> {
  try {
    return ok(await readFile(resolve(context.cwd, file)));
  } catch (error) {
    const { code = 'no file' } = error as NodeJS.ErrnoException;
    const isFile = await stat(resolve(context.cwd, folder)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile)
      return refuse(`${folder} is a file: name the folder that contains ${DEPLOYMENT_FILE}`);
    if (code === 'ENOENT') {
      return refuse(`there is no ${file}: name the folder that contains ${DEPLOYMENT_FILE}`);
    }
    return refuse(`cannot read ${file}: ${code}`);
  }
}

/** Returns the deployment with this environment alone, or as it is without a name. */
export function chooseEnvironment(
  deployment: Deployment,
  name: string | undefined,
): Result<Deployment, string> {
  if (name === undefined) return ok(deployment);
  const names = namesOf(deployment);
  const environments = deployment.environments.filter((environment) => environment.name === name);
  if (environments.length > 0) return ok({ ...deployment, environments });
  const close = nearest(name, names);
  const hint = close === undefined ? '' : ` Did you mean ${JSON.stringify(close)}?`;
  return refuse(
    `${DEPLOYMENT_FILE} has no environment ${JSON.stringify(name)}. It has: ${names.join(', ')}.${hint}`,
  );
}

/** Returns the one environment that a command works on. */
export function oneEnvironment(
  deployment: Deployment,
  name: string | undefined,
): Result<Environment, string> {
  const chosen = chooseEnvironment(deployment, name);
  if (!chosen.ok) return chosen;
  const [environment, another] = chosen.value.environments;
  if (environment === undefined || another !== undefined) {
    return refuse(`choose an environment with --env: ${namesOf(deployment).join(', ')}`);
  }
  return ok(environment);
}

const namesOf = ({ environments }: Deployment): readonly string[] =>
  environments.map(({ name }) => name);
