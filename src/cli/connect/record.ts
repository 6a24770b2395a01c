import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import { editEntries, readEntries } from '../../clients/index.ts';
import { isCode, replaceFile } from '../../durable-file.ts';
import { prepareStateFolder } from '../../key-file/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { ClientFile } from './client-file.ts';

/**
 * What `hewn connect` has written into the file of a client, so that `--undo` can take it back. It
 * may hold secrets of the entries that were replaced, so it is only for its owner.
 */
const OWNER_ONLY = 0o600;

const entry = v.custom<JsonObject>(isJsonObject);
const recordSchema = v.strictObject({
  file: v.string(),
  /** The SHA-256 of the file as it was left. While it is the same, the backup is put back. */
  written: v.string(),
  /** The file as it was before. Null: there was none. */
  backup: v.nullable(v.string()),
  entries: v.record(
    v.string(),
    v.strictObject({ written: entry, replaced: v.exactOptional(entry) }),
  ),
});

export type ConnectRecord = v.InferOutput<typeof recordSchema>;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const fileName = ({ client, scope }: ClientFile): string => `${client.name}.${scope}.json`;

/** Reads the record of a client. Undefined: nothing of it was connected from this folder. */
export async function readRecord(
  folder: string,
  client: ClientFile,
): Promise<Result<ConnectRecord | undefined, string>> {
  const path = join(folder, '.hewn', 'connect', fileName(client));
  try {
    const parsed = v.safeParse(recordSchema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? ok(parsed.output) : refuse(`${path} is damaged`);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return ok(undefined);
    return refuse(`${path} cannot be read`);
  }
}

/** Writes the record, before the file of the client: an undo must never lack one. */
export async function writeRecord(
  folder: string,
  client: ClientFile,
  record: ConnectRecord,
): Promise<string> {
  const path = join(await prepareStateFolder(folder, 'connect'), fileName(client));
  await replaceFile(path, `${JSON.stringify(record, null, 2)}\n`, OWNER_ONLY);
  return path;
}

export const removeRecord = (folder: string, client: ClientFile): Promise<void> =>
  rm(join(folder, '.hewn', 'connect', fileName(client)), { force: true });

/** The file as it is after an undo. */
export interface Undone {
  /** Null: the file is removed, because there was none. */
  readonly text: string | null;
  /** Servers whose entries someone has changed since. They stay. */
  readonly kept: readonly string[];
}

/** Takes back what was written, and nothing that was changed since. */
export async function undo(
  { client, text }: ClientFile,
  record: ConnectRecord,
): Promise<Result<Undone, string>> {
  if (text === undefined) return ok({ text: null, kept: [] });
  if (sha256(text) === record.written) return ok({ text: record.backup, kept: [] });
  const current = await readEntries(client, text);
  if (!current.ok) return current;
  const names = Object.keys(record.entries);
  const isOurs = (name: string): boolean =>
    isDeepStrictEqual(current.value[name], record.entries[name]?.written);
  const changes = names
    .filter(isOurs)
    .map((name) => [name, record.entries[name]?.replaced] as const);
  const edited = await editEntries(client, text, Object.fromEntries(changes));
  if (!edited.ok) return edited;
  const kept = names.filter((name) => !isOurs(name) && Object.hasOwn(current.value, name));
  return ok({ text: edited.value, kept });
}
