import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { fromUtf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { uniqueKeyOf } from '../serve/index.ts';
import {
  bundlePath,
  decodeBundle,
  decodeTile,
  EMPTY_FRONTIER,
  encodeBundle,
  encodeTile,
  equalHashes,
  extendFrontier,
  frontierRoot,
  HASH_BYTES,
  leafHash,
  readCheckpoint,
  readNote,
  rootOf,
  TILE_HASHES,
  tilePath,
} from '../tlog/index.ts';
import { sqliteFault, useDatabase } from './sqlite.ts';
import { databasesIn, entriesOf } from './stores.ts';

/** A log whose archive was written as files. */
export interface ExportedLog {
  readonly origin: string;
  readonly size: number;
  readonly folder: string;
}

/**
 * Writes the archive of every log of a state folder as files, as c2sp.org/tlog-tiles names them: a
 * checkpoint, tiles and bundles of entries, with the partial ones. Recomputes the tree, and refuses
 * an archive that does not have the signed root. The server may be running.
 */
export async function exportArchives(
  state: string,
  to: string,
): Promise<Result<readonly ExportedLog[], string>> {
  const fault = sqliteFault();
  if (fault !== undefined) return refuse(fault);
  if (((await entriesOf(to)) ?? []).length > 0) return refuse(`${to} is not empty`);
  const folder = join(state, uniqueKeyOf('TileStore'));
  const exported: ExportedLog[] = [];
  for (const name of await databasesIn(folder)) {
    if (name === 'metadata.sqlite') continue;
    const files = useDatabase(join(folder, name), readLog, { readOnly: true });
    if (!files.ok) return files;
    if (files.value === undefined) continue;
    const { origin, size, objects } = files.value;
    const own = join(to, ...origin.split('/'));
    for (const [path, bytes] of objects) {
      await mkdir(dirname(join(own, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(own, path), bytes);
    }
    exported.push({ origin, size, folder: own });
  }
  if (exported.length === 0) {
    return refuse(
      `no log in ${state} is signed, so nothing was written. Name the folder of hewn serve with --state; a log signs its first checkpoint a minute after its first record.`,
    );
  }
  return ok(exported);
}

interface LogFiles {
  readonly origin: string;
  readonly size: number;
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** Returns the files of one log; undefined for one that was never signed. */
function readLog(database: DatabaseSync): Result<LogFiles | undefined, string> {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'part'").get();
  const note = table && readObject(database, 'checkpoint');
  if (!note) return ok(undefined);
  const read = readNote(note);
  const checkpoint = read.ok ? readCheckpoint(read.value.text) : read;
  if (!checkpoint.ok) return refuse(`a checkpoint cannot be read: ${checkpoint.error}`);
  const { origin, size, root } = checkpoint.value;
  const objects = new Map<string, Uint8Array>([['checkpoint', note]]);
  const bundles = bundlesOf(database);
  const tail = readTail(readObject(database, 'tail'));
  let hashes: Uint8Array[] = [];
  for (let index = 0; index * TILE_HASHES < size; index++) {
    const width = Math.min(TILE_HASHES, size - index * TILE_HASHES);
    const path = bundles.get(index);
    const stored = path === undefined ? undefined : readObject(database, path);
    const entries = stored ? decodeBundle(stored) : tail.entries(index * TILE_HASHES, width);
    // A month that was deleted has its tile, or its hashes in the tail.
    const tile = readObject(database, tilePath({ level: 0, index, width: TILE_HASHES }));
    const hashesOfTile = tile ? decodeTile(tile) : tail.leaves(index * TILE_HASHES, width);
    const leaves = entries?.length === width ? entries.map(leafHash) : hashesOfTile;
    if (leaves?.length !== width) return refuse(`${origin} lacks the entries of bundle ${index}`);
    if (entries?.length === width) objects.set(bundlePath({ index, width }), encodeBundle(entries));
    objects.set(tilePath({ level: 0, index, width }), encodeTile(leaves));
    if (width === TILE_HASHES) hashes.push(rootOf(leaves));
  }
  const rest = size % TILE_HASHES === 0 ? [] : lastLeaves(objects, size);
  const rows: Uint8Array[][] = [];
  for (let level = 1; hashes.length > 0; level++) {
    rows.push(hashes.slice(hashes.length - (hashes.length % TILE_HASHES)));
    for (let index = 0; index * TILE_HASHES < hashes.length; index++) {
      const some = hashes.slice(index * TILE_HASHES, (index + 1) * TILE_HASHES);
      objects.set(tilePath({ level, index, width: some.length }), encodeTile(some));
    }
    hashes = Array.from({ length: Math.floor(hashes.length / TILE_HASHES) }, (_, index) =>
      rootOf(hashes.slice(index * TILE_HASHES, (index + 1) * TILE_HASHES)),
    );
  }
  const edge = [rest, ...rows].toReversed();
  const found = frontierRoot({
    size,
    hashes: edge.flatMap((row) => extendFrontier(EMPTY_FRONTIER, row).hashes),
  });
  if (!equalHashes(found, root)) return refuse(`the archive of ${origin} has not the signed root`);
  return ok({ origin, size, objects });
}

const lastLeaves = (objects: ReadonlyMap<string, Uint8Array>, size: number) => {
  const index = Math.floor(size / TILE_HASHES);
  const tile = objects.get(tilePath({ level: 0, index, width: size % TILE_HASHES }));
  return (tile && decodeTile(tile)) ?? [];
};

/** Returns the path of each full bundle by its number. */
function bundlesOf(database: DatabaseSync): ReadonlyMap<number, string> {
  const rows = database.prepare("SELECT path FROM object WHERE path GLOB 'm/*/entries/*'").all();
  return new Map(
    rows.map(({ path }) => {
      const number = String(path).split('/entries/')[1] ?? '';
      return [Number(number.replaceAll(/[x/]/g, '')), String(path)];
    }),
  );
}

function readObject(database: DatabaseSync, path: string): Uint8Array<ArrayBuffer> | undefined {
  const parts = database.prepare('SELECT content FROM part WHERE path = ? ORDER BY n').all(path);
  if (parts.length === 0) return undefined;
  return Uint8Array.from(Buffer.concat(parts.map(({ content }) => content as Uint8Array)));
}

/** Reads the object that has the entries in no full bundle, or the hashes of deleted ones. */
function readTail(bytes: Uint8Array<ArrayBuffer> = new Uint8Array()) {
  const end = bytes.indexOf(0x0a);
  const header = end > 0 ? JSON.parse(fromUtf8(bytes.slice(0, end)) ?? '{}') : {};
  const floor = Number(header.floor ?? 0);
  let begin = end + 1;
  for (let row = floor / TILE_HASHES; row > 0; row = Math.floor(row / TILE_HASHES)) {
    begin += (row % TILE_HASHES) * HASH_BYTES;
  }
  const rest = bytes.slice(begin);
  const isHashed = header.leaves !== undefined;
  const from = (items: readonly Uint8Array[] | undefined) => (first: number, count: number) =>
    first < floor ? undefined : (items ?? []).slice(first - floor, first - floor + count);
  return {
    entries: from(isHashed ? [] : decodeBundle(rest)),
    leaves: from(isHashed ? decodeTile(rest) : []),
  };
}
