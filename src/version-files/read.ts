import { join, normalize, resolve } from 'node:path';
import { ok, type Result, refuse } from '../result.ts';
import { readSource } from '../source-file.ts';
import { readVersion, type Version } from '../version/index.ts';
import { listFiles } from './list-files.ts';

/**
 * Reads the policy and the catalogue of a deployment folder as one version; `policy` and
 * `catalogue` are the paths of `hewn.toml`. A file is named by its path in the folder, such as
 * `policy/reports.datalog`, so that a version has the same id wherever its folder is.
 *
 * Returns why there is no version: a file cannot be read or would be ignored, or the version is too
 * large. What the files say is not checked here.
 */
export async function readFolderVersion(
  folder: string,
  { policy, catalogue }: { readonly policy: string; readonly catalogue: string },
): Promise<Result<Version, string>> {
  const cwd = resolve(folder);
  const listed = await listFiles({ cwd }, [policy], '.datalog');
  if (!listed.ok) return listed;
  const files: [string, string][] = [];
  for (const path of listed.value) {
    const source = await readText(join(cwd, path), path);
    if (!source.ok) return source;
    files.push([versionFileName(path), source.value]);
  }
  const tools = await readText(join(cwd, catalogue), catalogue);
  if (!tools.ok) return tools;
  return readVersion({ policy: Object.fromEntries(files), catalogue: tools.value });
}

/**
 * Returns the name of a policy file in a version, from its path in the deployment folder. A path
 * that leads out of the folder counts from where it leads.
 */
const versionFileName = (path: string): string =>
  normalize(path)
    .replaceAll('\\', '/')
    .replace(/^(?:\.\.?\/)+/, '');

async function readText(path: string, shown: string): Promise<Result<string, string>> {
  try {
    return ok(await readSource(path));
  } catch (error) {
    const { code = 'no file' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return refuse(`${shown} does not exist`);
    const why = code === 'NOT_UTF8' ? 'it is not UTF-8: save it as UTF-8' : code;
    return refuse(`cannot read ${shown}: ${why}`);
  }
}
