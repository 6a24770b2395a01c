import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { isCode } from '../durable-file.ts';

/** One file of a backup. */
export interface BackedUpFile {
  /** Relative to the folder of its store. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The version of its schema; 0 for storage that has none, such as the alarms of workerd. */
  readonly version: number;
}

/** Loaded on use: Node 20 runs every other command, and lacks this module. */
const sqlite = () => process.getBuiltinModule?.('node:sqlite');

/** The oldest Node that can copy a database in use. */
const NODE_MIN = '22.16';

/** Returns why this Node cannot work on databases, or undefined. */
export const sqliteFault = (): string | undefined =>
  sqlite()?.backup === undefined
    ? `this command reads databases, which needs Node ${NODE_MIN} or newer. This is Node ${process.versions.node}.`
    : undefined;

/** Pages that are copied before the writers of the file get a turn. */
const PAGES_PER_STEP = 256;

/**
 * Copies a database that a server may be writing to. Copying the file would miss the newest writes,
 * which are in the file beside it. Returns undefined if the file is gone: its object was deleted.
 */
export async function copyDatabase(
  from: string,
  to: string,
): Promise<Omit<BackedUpFile, 'name'> | undefined> {
  const exists = await stat(from).then(
    () => true,
    (error: unknown) => {
      if (isCode(error, 'ENOENT')) return false;
      throw error;
    },
  );
  if (!exists) return undefined;
  const source = new (sqlite().DatabaseSync)(from, { readOnly: true });
  try {
    await sqlite().backup(source, to, { rate: PAGES_PER_STEP });
  } finally {
    source.close();
  }
  return describeDatabase(to);
}

/** Checks a copy, and returns what the manifest states of it. Throws if the copy is damaged. */
async function describeDatabase(file: string): Promise<Omit<BackedUpFile, 'name'>> {
  const version = useDatabase(file, (database) => {
    // A copy of its own needs no write-ahead log, and is then one file.
    database.exec('PRAGMA journal_mode = DELETE');
    const fault = integrityFault(database);
    if (fault !== undefined) throw new Error(`the copy ${file} is damaged: ${fault}`);
    return schemaVersion(database);
  });
  return { bytes: (await stat(file)).size, sha256: await hashFile(file), version };
}

/** Opens a database for the duration of a function. */
export function useDatabase<T>(
  file: string,
  use: (database: DatabaseSync) => T,
  options: { readonly readOnly?: boolean } = {},
): T {
  const database = new (sqlite().DatabaseSync)(file, options);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

/** Returns what SQLite finds wrong with a database, or undefined. */
export function integrityFault(database: DatabaseSync): string | undefined {
  const row = database.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string };
  return row.integrity_check === 'ok' ? undefined : row.integrity_check;
}

function schemaVersion(database: DatabaseSync): number {
  const table = database
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'")
    .get();
  if (table === undefined) return 0;
  const row = database.prepare('SELECT version FROM schema_version').get();
  return Number(row?.version ?? 0);
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
