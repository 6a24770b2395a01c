import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type Catalogue, type CatalogueError, parseCatalogue } from '../../catalogue/index.ts';
import {
  type LoadOptions,
  loadPolicy,
  type Policy,
  type PolicyError,
  type PolicyFile,
} from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Surroundings } from '../command.ts';
import { readSource } from '../source-file.ts';

/** Where a project keeps its policy. */
export const POLICY_FOLDER = 'policy';
/** Where it says what its tools are. */
export const CATALOGUE = `${POLICY_FOLDER}/tools.toml`;

type Cwd = Pick<Surroundings, 'cwd'>;

/** The text of a file, or why there is none. */
export async function readText(at: Cwd, path: string): Promise<Result<string, string>> {
  try {
    return ok(await readSource(resolve(at.cwd, path)));
  } catch (error) {
    return refuse(unread(path, error));
  }
}

/** The same of standard input. */
export async function readStdin(at: Pick<Surroundings, 'stdin'>): Promise<Result<string, string>> {
  try {
    return ok(await at.stdin());
  } catch (error) {
    return refuse(unread('standard input', error));
  }
}

function unread(path: string, error: unknown): string {
  const { code = 'no file' } = error as NodeJS.ErrnoException;
  return code === 'NOT_UTF8'
    ? `${path} is not UTF-8: save it as UTF-8`
    : `${path} cannot be read: ${code}`;
}

/** The files themselves, and of a folder those that end in `ending`, in their names' order. */
export async function listFiles(
  at: Cwd,
  paths: readonly string[],
  ending: string,
): Promise<Result<readonly string[], string>> {
  const found: string[] = [];
  for (const path of paths) {
    try {
      const whole = resolve(at.cwd, path);
      if (!(await stat(whole)).isDirectory()) found.push(path);
      else {
        const entries = await readdir(whole, { withFileTypes: true });
        const passed = await passedOver(whole, entries, ending);
        if (passed !== undefined) {
          return refuse(
            `${join(path, passed)} would not be read: a file ends in ${ending}, and is in the folder itself`,
          );
        }
        const names = entries
          .map(({ name }) => name)
          .filter((name) => name.endsWith(ending))
          .sort();
        if (names.length === 0) return refuse(`${path} has no file that ends in ${ending}`);
        found.push(...names.map((name) => join(path, name)));
      }
    } catch (error) {
      return refuse(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  return ok(found);
}

/**
 * What its author believes to be among the files, in another folder or spelling: a `deny` that is
 * not read would deny nothing, without a word.
 */
async function passedOver(
  whole: string,
  entries: readonly Dirent[],
  ending: string,
): Promise<string | undefined> {
  const isLike = (name: string) => name.toLowerCase().endsWith(ending);
  for (const entry of entries) {
    const { name } = entry;
    if (isLike(name) && !name.endsWith(ending)) return name;
    if (!entry.isDirectory() || isLike(name)) continue;
    const inside = (await readdir(join(whole, name))).find(isLike);
    if (inside !== undefined) return join(name, inside);
  }
  return undefined;
}

/** One policy of all the files, as the issuer loads it. */
export async function readPolicy(
  at: Cwd & Pick<Surroundings, 'err'>,
  paths: readonly string[],
  cataloguePath: string = CATALOGUE,
  options: LoadOptions = {},
): Promise<Result<Policy, string>> {
  const catalogue = await readCatalogue(at, cataloguePath);
  if (!catalogue.ok) return catalogue;
  const listed = await listFiles(at, paths, '.datalog');
  if (!listed.ok) return listed;
  const files: PolicyFile[] = [];
  for (const path of listed.value) {
    const source = await readText(at, path);
    if (!source.ok) return source;
    files.push({ name: relative(at.cwd, resolve(at.cwd, path)), source: source.value });
  }
  const loaded = loadPolicy(files, catalogue.value, options);
  if (!loaded.ok) return refuse(describePolicyError(loaded.error));
  for (const { file, line, why } of loaded.value.warnings)
    at.err(`warning: ${file}:${line}: ${why}`);
  return loaded;
}

export async function readCatalogue(at: Cwd, path: string): Promise<Result<Catalogue, string>> {
  const source = await readText(at, path);
  if (!source.ok) return source;
  const catalogue = parseCatalogue(source.value);
  return catalogue.ok ? catalogue : refuse(`${path}${describeCatalogueError(catalogue.error)}`);
}

function describeCatalogueError(error: CatalogueError): string {
  switch (error.code) {
    case 'catalogue_too_large':
      return ' is too large for a catalogue (256 KiB).';
    case 'toml_invalid':
      return `:${error.line}: ${error.why}`;
    case 'catalogue_invalid':
      return `: ${error.where}: ${error.why}`;
  }
}

export function describePolicyError(error: PolicyError): string {
  switch (error.code) {
    case 'policy_missing':
      return 'the policy has no statement, so it would refuse everything: is it the right file?';
    case 'policy_too_large':
      return `${error.file} is too large for a policy (64 KiB): split it into several files.`;
    case 'policy_invalid':
      return `${error.file}:${error.line}: ${error.why}, in the statement that starts there.`;
  }
}
