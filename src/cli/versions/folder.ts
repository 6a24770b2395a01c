import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DEPLOYMENT_FILE, readDeployment, showFault } from '../../deployment/index.ts';
import { type Result, refuse } from '../../result.ts';
import type { Version } from '../../version/index.ts';
import { readFolderVersion } from '../../version-files/index.ts';
import type { CommandContext } from '../command.ts';

/** Reads the version of the deployment folder `shown`, as `hewn.toml` describes it. */
export async function readDeploymentVersion(
  { cwd }: Pick<CommandContext, 'cwd'>,
  shown: string,
): Promise<Result<Version, string>> {
  const folder = resolve(cwd, shown);
  const file = join(shown, DEPLOYMENT_FILE);
  const bytes = await readFile(join(folder, DEPLOYMENT_FILE)).catch(() => undefined);
  if (!bytes) return refuse(`cannot read ${file}: name the folder that contains it`);
  const deployment = await readDeployment(bytes, file);
  if (!deployment.ok) return refuse(deployment.error.map(showFault).join('\n'));
  return readFolderVersion(folder, deployment.value);
}
