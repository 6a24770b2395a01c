import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { OBJECT_CLASSES } from '../deployment/index.ts';
import { isCode } from '../durable-file.ts';
import { uniqueKeyOf } from '../serve/index.ts';
import { type BackedUpFile, copyDatabase } from './sqlite.ts';

/** One store of a deployment: how it is copied, and how the copy is put back. */
export interface Store {
  /** Names its folder, in the state and in the backup. */
  readonly name: string;
  /** Stores with a lower number are copied first. */
  readonly order: number;
  /** Copies the store of a running server. Both folders are those of the store itself. */
  readonly snapshot: (from: string, to: string) => Promise<readonly BackedUpFile[]>;
  /** Puts a verified copy into its place, where nothing is. */
  readonly restore: (from: string, to: string) => Promise<void>;
}

/**
 * A copy is consistent within each file and not across files, so the order counts. Workflows come
 * before the revocation log: a workflow that is revoked in the backup has its entry in the log. The
 * log comes before its archive. The logs, which record all others, come after them, and their
 * archive after the logs: a log that is behind its archive when it starts takes the entries from
 * there. The keys of subjects come last: an entry in the backup has its key, unless it was erased.
 */
const ORDER: Readonly<Record<keyof typeof OBJECT_CLASSES, number>> = {
  // Derived from the logs: a copy that is behind them reads on.
  Activity: 1,
  Workflow: 1,
  Approvals: 2,
  Breaker: 2,
  Operators: 2,
  ReplayStore: 2,
  SignalStreams: 2,
  StatusList: 2,
  // After the workflows: the verifier repeats a charge that only they have.
  Tally: 2,
  Versions: 2,
  Watchdog: 2,
  RevocationLog: 3,
  FeedArchive: 4,
  AuditLog: 5,
  TransparencyLog: 5,
  TileStore: 6,
  SubjectKeys: 7,
};

/** Every store of a deployment, in the order of the snapshot. */
export const STORES: readonly Store[] = Object.entries(ORDER)
  .map(([className, order]) => objectStore(className, order))
  .sort((a, b) => a.order - b.order);

/** The objects of one Durable Object class: a SQLite file each, and one for their alarms. */
function objectStore(className: string, order: number): Store {
  return {
    name: uniqueKeyOf(className),
    order,
    snapshot: async (from, to) => {
      await mkdir(to, { recursive: true });
      const files: BackedUpFile[] = [];
      for (const name of await databasesIn(from)) {
        const copied = await copyDatabase(join(from, name), join(to, name));
        if (copied) files.push({ name, ...copied });
      }
      return files;
    },
    restore: (from, to) => rename(from, to),
  };
}

/** Returns the database files of a folder, which may be missing: no object of the class exists. */
export async function databasesIn(folder: string): Promise<readonly string[]> {
  return ((await entriesOf(folder)) ?? []).filter((name) => name.endsWith('.sqlite')).sort();
}

/** Returns the names in a folder; undefined if it does not exist. */
export async function entriesOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
