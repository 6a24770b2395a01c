import { join, resolve } from 'node:path';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type Environment,
  showFault,
} from '../../deployment/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { oneEnvironment, openDeploymentFolder } from '../deployment-folder.ts';

export interface ServedEnvironment {
  /** The folder of `hewn.toml`, as an absolute path. */
  readonly folder: string;
  readonly deployment: Deployment;
  readonly environment: Environment;
  /** An absolute path. */
  readonly stateFolder: string;
}

const HOST_DEFAULT = '127.0.0.1';

/** Returns the address to listen on. */
export const hostOf = ({ serve }: Environment, flag: string | undefined): string =>
  flag ?? serve.host ?? HOST_DEFAULT;

/** Reads the deployment and chooses the environment whose state a command works on. */
export async function openServed(
  context: CommandContext,
  operands: readonly string[],
  flags: { readonly env: string | undefined; readonly state: string | undefined },
): Promise<Result<ServedEnvironment, string>> {
  const opened = await openDeploymentFolder(context, operands);
  if (!opened.ok) return opened;
  const { path: folder, deployment } = opened.value;
  if (!deployment.ok) {
    const faults = deployment.error.map(showFault).join('\n');
    return refuse(`${DEPLOYMENT_FILE} has faults:\n${faults}`);
  }
  const environment = oneEnvironment(deployment.value, flags.env);
  if (!environment.ok) return environment;
  const { name, serve } = environment.value;
  const stateFolder =
    flags.state === undefined
      ? resolve(folder, serve.state ?? join('.hewn', name, 'state'))
      : resolve(context.cwd, flags.state);
  return ok({ folder, deployment: deployment.value, environment: environment.value, stateFolder });
}
