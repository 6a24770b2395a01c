import { readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { structuredPatch } from 'diff';
import { isJsonObject } from '../../canonical-json.ts';
import {
  CLIENT_NAMES,
  CLIENTS,
  type Client,
  readEntries,
  type Scope,
} from '../../clients/index.ts';
import { isCode, replaceFile } from '../../durable-file.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { visible } from '../visible.ts';

/** The configuration file of a client, as it is now. */
export interface ClientFile {
  readonly client: Client;
  readonly scope: Scope;
  readonly path: string;
  /** Undefined: there is no file. */
  readonly text: string | undefined;
  readonly mode: number;
}

const FILE_BYTES_MAX = 64 * 1024 * 1024; // Claude Code keeps its state in the same file.
const OWNER_ONLY = 0o600;

/** Finds the client that a command names, and reads its file of a scope. */
export async function readClientFile(
  context: CommandContext,
  name: string,
  scope: Scope,
): Promise<Result<ClientFile, string>> {
  const known = CLIENT_NAMES.find((each) => each === name);
  if (known === undefined) {
    return refuse(`there is no client ${JSON.stringify(name)}: ${CLIENT_NAMES.join(', ')}`);
  }
  const client = CLIENTS[known];
  const path = client.file(scope, {
    home: context.variable('HOME') ?? context.variable('USERPROFILE') ?? homedir(),
    project: context.cwd,
    platform: process.platform,
    variable: context.variable,
  });
  if (path === undefined) return refuse(`${client.title} has no file for one project`);
  try {
    const { size, mode } = await stat(path);
    if (size > FILE_BYTES_MAX) return refuse(`${path} is too large`);
    const text = await readFile(path, 'utf8');
    return ok({ client, scope, path, text, mode: mode & 0o777 });
  } catch (error) {
    if (isCode(error, 'ENOENT'))
      return ok({ client, scope, path, text: undefined, mode: OWNER_ONLY });
    return refuse(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Writes the file, or removes it if `content` is null, unless it has changed since it was read. */
export async function writeClientFile(
  { path, text, mode }: ClientFile,
  content: string | null,
): Promise<Result<void, string>> {
  const current = await readFile(path, 'utf8').catch(() => undefined);
  if (current !== text) return refuse(`${path} has changed in the meantime: try again`);
  try {
    if (content === null) await rm(path, { force: true });
    else if (content !== text) await replaceFile(path, content, mode);
    return ok(undefined);
  } catch (error) {
    return refuse(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

const SECRET_CHARACTERS_MIN = 4; // A shorter one would blank out half of a diff.

/**
 * Returns the texts that a diff of the file must not show: the headers and variables of all
 * entries. Every one of them counts as a secret, because names do not tell.
 */
export async function secretsIn({ client, text = '' }: ClientFile): Promise<readonly string[]> {
  const entries = await readEntries(client, text);
  if (!entries.ok) return [];
  return hidden(
    Object.values(entries.value)
      .flatMap((entry) => Object.values(entry).filter(isJsonObject))
      .flatMap((table) => Object.values(table).filter((value) => typeof value === 'string')),
  );
}

/** Returns secrets as they are, and as a file may have them written. */
export function hidden(secrets: readonly string[]): readonly string[] {
  return secrets
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    .filter((text) => text.length >= SECRET_CHARACTERS_MIN);
}

const EDITS_MAX = 2_000;

/** Returns the lines of a unified diff. `secrets` are shown as stars. */
export function diffLines(
  path: string,
  before: string | undefined,
  after: string,
  secrets: readonly string[] = [],
): readonly string[] {
  const options = { context: 3, maxEditLength: EDITS_MAX };
  const patch = structuredPatch(path, path, before ?? '', after, '', '', options);
  if (patch === undefined) return [`${path}: too much changes to show it`];
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
  const hide = (line: string): string =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '********'), line);
  const name = before === undefined ? '/dev/null' : path;
  return [`--- ${name}`, `+++ ${path}`, ...lines].map((line) => visible(hide(line)));
}
