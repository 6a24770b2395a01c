import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Catalogue, type CatalogueError, parseCatalogue } from '../../catalogue/index.ts';
import { DEPLOYMENT_FILE, readSourcePaths } from '../../deployment/index.ts';
import {
  type LoadOptions,
  loadPolicy,
  type Policy,
  type PolicyError,
  type PolicyFile,
} from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import { listFiles } from '../../version-files/index.ts';
import type { CommandContext } from '../command.ts';

/** Where a project keeps its policy. */
export const POLICY_FOLDER = 'policy';
/** Where a project without a deployment file describes its tools. */
const CATALOGUE = `${POLICY_FOLDER}/tools.toml`;
/** What help says about a flag for the catalogue. */
export const CATALOGUE_HELP = `the tool catalogue; by default that of ${DEPLOYMENT_FILE}, or ${CATALOGUE} without one`;

type Cwd = Pick<CommandContext, 'cwd'>;

/** Reads a text file. An error says why it cannot be read. */
export async function readText(context: Cwd, path: string): Promise<Result<string, string>> {
  try {
    return ok(await readSource(resolve(context.cwd, path)));
  } catch (error) {
    return refuse(unread(path, error));
  }
}

/** Reads standard input. */
export async function readStdin(
  context: Pick<CommandContext, 'stdin'>,
): Promise<Result<string, string>> {
  try {
    return ok(await context.stdin());
  } catch (error) {
    return refuse(unread('standard input', error));
  }
}

function unread(path: string, error: unknown): string {
  const { code = 'no file' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `${path} does not exist`;
  return code === 'NOT_UTF8'
    ? `${path} is not UTF-8: save it as UTF-8`
    : `cannot read ${path}: ${code}`;
}

/** A policy that was loaded, with the texts that it comes from. */
export interface LoadedPolicy {
  readonly policy: Policy;
  /** Named by their paths from the current folder. */
  readonly files: readonly PolicyFile[];
  /** The text of the catalogue. */
  readonly catalogue: string;
}

/** Loads one policy from all the files, as the issuer does. */
export async function readPolicy(
  context: Cwd & Pick<CommandContext, 'err'>,
  paths: readonly string[],
  cataloguePath?: string,
  options: LoadOptions = {},
): Promise<Result<Policy, string>> {
  const loaded = await readPolicyTexts(context, paths, cataloguePath, options);
  return loaded.ok ? ok(loaded.value.policy) : loaded;
}

/** Loads the same, for a command that shows a rule as it is written. */
export async function readPolicyTexts(
  context: Cwd & Pick<CommandContext, 'err'>,
  paths: readonly string[],
  cataloguePath?: string,
  options: LoadOptions = {},
): Promise<Result<LoadedPolicy, string>> {
  const catalogue = await readCatalogueText(context, cataloguePath);
  if (!catalogue.ok) return catalogue;
  const listed = await listFiles(context, paths, '.datalog');
  if (!listed.ok) return listed;
  const files: PolicyFile[] = [];
  for (const path of listed.value) {
    const source = await readText(context, path);
    if (!source.ok) return source;
    files.push({ name: relative(context.cwd, resolve(context.cwd, path)), source: source.value });
  }
  const loaded = loadPolicy(files, catalogue.value.catalogue, options);
  if (!loaded.ok) return refuse(describePolicyError(loaded.error));
  for (const { file, line, why } of loaded.value.warnings) {
    context.err(`warning: ${file}:${line}: ${why}`);
  }
  return ok({ policy: loaded.value, files, catalogue: catalogue.value.text });
}

/** Returns where the catalogue is: as named, or as `hewn.toml` of the folder says. */
async function cataloguePathOf({ cwd }: Cwd, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const bytes = await readFile(resolve(cwd, DEPLOYMENT_FILE)).catch(() => undefined);
  return bytes === undefined ? CATALOGUE : readSourcePaths(bytes).catalogue;
}

export async function readCatalogue(
  context: Cwd,
  named?: string,
): Promise<Result<Catalogue, string>> {
  const read = await readCatalogueText(context, named);
  return read.ok ? ok(read.value.catalogue) : read;
}

async function readCatalogueText(
  context: Cwd,
  named: string | undefined,
): Promise<Result<{ readonly catalogue: Catalogue; readonly text: string }, string>> {
  const path = await cataloguePathOf(context, named);
  const source = await readText(context, path);
  if (!source.ok) return source;
  const catalogue = parseCatalogue(source.value);
  return catalogue.ok
    ? ok({ catalogue: catalogue.value, text: source.value })
    : refuse(`${path}${describeCatalogueError(catalogue.error)}`);
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

function describePolicyError(error: PolicyError): string {
  switch (error.code) {
    case 'policy_missing':
      return 'the policy has no statement, so it would refuse everything. Is this the right file?';
    case 'policy_too_large':
      return `${error.file} is too large for a policy (64 KiB): split it into several files.`;
    case 'policy_invalid':
      return `${error.file}:${error.line}: ${error.why} (in the statement that starts there)`;
  }
}
