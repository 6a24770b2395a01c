import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type FileFault,
  readDeployment,
} from '../../deployment/index.ts';
import type { Loaded } from '../../dev/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readFolderVersion } from '../../version-files/index.ts';
import { checkContents } from '../check/contents.ts';
import { entriesOf } from '../check/entries.ts';

/**
 * Reads and checks the files of a deployment as `hewn check` does. Failed cases are warnings: a
 * policy is often changed before its cases.
 */
export async function loadFolder(
  cwd: string,
  shown: string,
): Promise<Result<Loaded, readonly FileFault[]>> {
  const file = join(shown, DEPLOYMENT_FILE);
  const bytes = await readFile(resolve(cwd, file)).catch(() => undefined);
  if (bytes === undefined) return refuse([{ file, found: 'cannot be read' }]);
  const deployment = await readDeployment(bytes, file);
  if (!deployment.ok) return deployment;
  const contents = await checkContents({ cwd }, shown, deployment.value);
  const { faults, casesFailed, warnings } = contents;
  const others = faults.filter((fault) => !casesFailed.includes(fault));
  if (others.length > 0) return refuse(others);
  const version = await readFolderVersion(resolve(cwd, shown), deployment.value);
  if (!version.ok) return refuse([{ file, found: version.error }]);
  return ok({
    deployment: deployment.value,
    version: version.value,
    entries: await readEntries(resolve(cwd, shown), deployment.value),
    warnings: [...warnings, ...casesFailed],
  });
}

const readEntries = (folder: string, deployment: Deployment): Promise<readonly string[]> =>
  Promise.all(
    [...entriesOf(deployment).keys()].map((file) => readFile(join(folder, file), 'utf8')),
  );
