import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { uniqueKeyOf } from '../serve/index.ts';
import { copyDatabase, integrityFault, useDatabase } from './sqlite.ts';
import { databasesIn } from './stores.ts';

const ARCHIVE = uniqueKeyOf('TileStore');
const KEYS = uniqueKeyOf('SubjectKeys');
const LOG = uniqueKeyOf('TransparencyLog');

/**
 * Puts the archives of the logs and the keys of subjects of the replaced state into a restored one,
 * where they can be read and are newer. A log that is behind its archive continues from there, so
 * it keeps every record that was archived and signs no second history. With the older keys, those
 * that were erased since the backup would be back. Returns whether every log of the backup has
 * its newest archive now: one that has not would sign another history.
 */
export async function takeNewestLogs(state: string, replaced: string): Promise<boolean> {
  const logs = await databasesIn(join(state, ARCHIVE));
  let isWhole = logs.every((name) => isUsable(join(replaced, ARCHIVE, name)));
  for (const store of [ARCHIVE, KEYS]) {
    for (const name of await databasesIn(join(replaced, store))) {
      const [from, to] = [join(replaced, store, name), join(state, store, name)];
      const isLog = store === ARCHIVE;
      if (!isUsable(from)) {
        if (isLog) isWhole = false;
        continue;
      }
      if (isLog && sizeIn(from) < sizeIn(to)) continue;
      await rm(to, { force: true });
      if (!(await copyDatabase(from, to)) && isLog) isWhole = false;
    }
  }
  return isWhole;
}

function isUsable(file: string): boolean {
  try {
    return useDatabase(file, integrityFault, { readOnly: true }) === undefined;
  } catch {
    return false;
  }
}

/** Returns how many entries of a log an archive has, as far as it says so. */
function sizeIn(file: string): number {
  if (!existsSync(file)) return -1;
  return useDatabase(
    file,
    (database) => {
      if (!hasTable(database, 'part')) return -1;
      const [, size] = textAt(database, 'checkpoint').split('\n', 2);
      const [header = ''] = textAt(database, 'tail').split('\n', 1);
      const floor = /"floor":(\d+)/.exec(header)?.[1];
      return Math.max(Number(size ?? 0), Number(floor ?? 0));
    },
    { readOnly: true },
  );
}

function textAt(database: DatabaseSync, path: string): string {
  const row = database.prepare('SELECT content FROM part WHERE path = ? AND n = 0').get(path);
  return row ? Buffer.from(row.content as Uint8Array).toString('latin1') : '';
}

/**
 * Ends the workflows that have no object yet: the control log would hand them to one that asks.
 * Returns how many there were.
 */
export async function endUnadopted(state: string): Promise<number> {
  let count = 0;
  for (const name of await databasesIn(join(state, LOG))) {
    count += useDatabase(join(state, LOG, name), (database) => {
      if (!hasTable(database, 'living_root')) return 0;
      const row = database.prepare('SELECT COUNT(*) AS n FROM living_root WHERE adopted = 0').get();
      database.exec('DELETE FROM living_root');
      return Number(row?.n ?? 0);
    });
  }
  return count;
}

const hasTable = (database: DatabaseSync, name: string): boolean =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !==
  undefined;
