import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../canonical-json.ts';
import { editEntries, readEntries, type ServerEntries } from '../../clients/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type ClientFile, writeClientFile } from './client-file.ts';
import {
  type ConnectRecord,
  readRecord,
  removeRecord,
  sha256,
  undo,
  writeRecord,
} from './record.ts';

/** A change of the file of a client that is not written yet. */
export interface PlannedChange {
  readonly file: ClientFile;
  /** Null: the file is removed. */
  readonly text: string | null;
  /** Absent: the record is removed. */
  readonly record?: ConnectRecord;
  /** Servers whose entries someone has changed since they were written. They stay. */
  readonly kept: readonly string[];
}

/**
 * Plans entries for the file of a client. An entry of the same name that is not ours is replaced
 * only if `mayReplace` has it.
 */
export async function planEntries(
  folder: string,
  file: ClientFile,
  entries: ServerEntries,
  mayReplace: ReadonlySet<string> = new Set(),
): Promise<Result<PlannedChange, string>> {
  const { client, path, text = '' } = file;
  const record = await readRecord(folder, file);
  if (!record.ok) return record;
  const current = await readEntries(client, text);
  if (!current.ok) return refuse(`${path}: ${current.error}`);
  const known = record.value?.entries ?? {};
  const written: Record<string, ConnectRecord['entries'][string]> = { ...known };
  const changes: Record<string, JsonObject> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const value = client.write(entry);
    if (!value.ok) return refuse(`${name}: ${value.error}`);
    const present = current.value[name];
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    const isOurs = before !== undefined && isDeepStrictEqual(present, before.written);
    if (present !== undefined && !isOurs && !mayReplace.has(name)) {
      return refuse(
        `${path} has a server "${name}" of its own: move it behind the gateway with --adopt, or remove it`,
      );
    }
    const replaced = isOurs ? before.replaced : present;
    written[name] = { written: value.value, ...(replaced !== undefined && { replaced }) };
    changes[name] = value.value;
  }
  const edited = await editEntries(client, text, changes);
  if (!edited.ok) return refuse(`${path}: ${edited.error}`);
  const backup = await backupOf(file, record.value);
  if (!backup.ok) return backup;
  return ok({
    file,
    text: edited.value,
    record: {
      file: path,
      written: sha256(edited.value),
      backup: backup.value,
      entries: written,
    },
    kept: [],
  });
}

/** The file without anything of ours, also if it was connected before and changed since. */
async function backupOf(
  file: ClientFile,
  record: ConnectRecord | undefined,
): Promise<Result<string | null, string>> {
  if (record === undefined) return ok(file.text ?? null);
  const before = await undo(file, record);
  return before.ok ? ok(before.value.text) : before;
}

/** Plans that everything of ours leaves the file of a client. */
export async function planUndo(
  folder: string,
  file: ClientFile,
): Promise<Result<PlannedChange, string>> {
  const record = await readRecord(folder, file);
  if (!record.ok) return record;
  if (record.value === undefined) {
    return refuse(`nothing of ${file.client.title} was connected from this folder`);
  }
  const undone = await undo(file, record.value);
  if (!undone.ok) return refuse(`${file.path}: ${undone.error}`);
  return ok({ file, ...undone.value });
}

/** Carries a planned change out. The record comes first, so that an undo is always possible. */
export async function carryOut(
  folder: string,
  { file, text, record }: PlannedChange,
): Promise<Result<void, string>> {
  await mkdir(dirname(file.path), { recursive: true });
  if (record !== undefined) await writeRecord(folder, file, record);
  const written = await writeClientFile(file, text);
  if (!written.ok) return written;
  if (record === undefined) await removeRecord(folder, file);
  return ok(undefined);
}
