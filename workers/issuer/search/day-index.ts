import {
  blockOf,
  type IndexBlock,
  type IndexKeys,
  mergeBlocks,
  readBlocks,
  Tagger,
  writeBlocks,
} from '../../../src/audit/find/index.ts';
import type { AuditRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { groupBy } from '../../../src/group-by.ts';
import { TILE_HASHES } from '../../../src/tlog/index.ts';
import type { Archive } from '../archive/archive.ts';

/** Returns the UTC day of a time: `2026-11-28`. */
export const dayOf = (at: UnixMilliseconds): string => new Date(at).toISOString().slice(0, 10);

/** Bundles with 32,768 records, whose index is about 2 MB: an object of the log has to read it. */
export const BUNDLES_PER_OBJECT = 128;

/**
 * Returns where the index of the bundles of a day lies in the archive of their log. A busy day has
 * several objects, each of bundles that follow each other.
 */
export const indexPath = (day: string, bundle: number): string =>
  `${indexPrefix(day.slice(0, 7))}${day}.${partOf(bundle).padStart(PART_DIGITS, '0')}`;

/** With these, the order of paths is that of the bundles in a day. */
const PART_DIGITS = 8;
const partOf = (bundle: number): string => String(Math.floor(bundle / BUNDLES_PER_OBJECT));

/** Returns the day of a path, and the bundle after the last one that it can have. */
export function readIndexPath(path: string): { readonly day: string; readonly end: number } {
  const [day = '', part = ''] = path.slice(path.lastIndexOf('/') + 1).split('.');
  return { day, end: (Number(part) + 1) * BUNDLES_PER_OBJECT };
}

/** Returns the beginning of the paths of the index of all days of a month. */
const indexPrefix = (month: string): string => `m/${month}/index/`;

/** Returns the paths of the index of a month, in order. */
export async function indexPaths(
  archive: Pick<Archive, 'list'>,
  month: string,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (;;) {
    const page = await archive.list(indexPrefix(month), paths.at(-1));
    paths.push(...page.paths);
    if (page.isWhole || page.paths.length === 0) return paths;
  }
}

/** Tries to replace an object that another writer may replace at the same time. */
const REPLACE_TRIES_MAX = 3;

/**
 * The index of one log. Bundles of the current day have a row each. When a day is over, its full
 * bundles go to an object of the archive; on a busy day, to several, each once all of its bundles
 * are full. A bundle belongs to the day of its newest record, so the same objects can be made of
 * the bundles alone.
 */
export class DayIndex {
  readonly #sql: SqlStorage;
  /** The days before it need no look before the next one. */
  #sealedOn: string | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Adds records that have just become entries, from index `first` on. Call it in the transaction
   * that commits them.
   */
  note(first: number, records: readonly AuditRecord[], keys: IndexKeys): void {
    const bundles = groupBy(
      records.map((record, place) => ({ record, index: first + place })),
      ({ index }) => Math.floor(index / TILE_HASHES),
    );
    const tagger = new Tagger(keys);
    for (const [bundle, own] of bundles) {
      const block = blockOf(
        bundle,
        own.map(({ record }) => record),
        tagger,
      );
      const known = this.#read(bundle);
      // A block says what a bundle cannot have, so it has to know the bundle from its beginning.
      if (known) this.#write(mergeBlocks(known, block));
      else if (own[0]?.index === bundle * TILE_HASHES) this.#write(block);
    }
  }

  /**
   * Forgets bundles with entries from `index` on: entries came that were never noted. A search
   * reads such a bundle. Call it in the transaction that commits them.
   */
  forget(index: number): void {
    this.#sql.exec('DELETE FROM indexed WHERE bundle >= ?', Math.floor(index / TILE_HASHES));
  }

  /** Returns the blocks that have no object yet, in the order of their bundles. */
  unsealed(): readonly IndexBlock[] {
    const rows = this.#sql.exec('SELECT block FROM indexed ORDER BY bundle').toArray();
    return rows.flatMap(({ block }) => readBlocks(new Uint8Array(block as ArrayBuffer)) ?? []);
  }

  /**
   * Puts finished days and finished objects into the archive and forgets their rows. `committed` is
   * how many entries the log has: a bundle that is not full stays. After a crash between the two,
   * the next call puts the same once more.
   */
  async seal(
    archive: Pick<Archive, 'get' | 'replace'>,
    committed: number,
    now: UnixMilliseconds,
  ): Promise<void> {
    const today = dayOf(now);
    const full = Math.floor(committed / TILE_HASHES);
    const end = full - (full % BUNDLES_PER_OBJECT);
    if (today === this.#sealedOn && !this.#hasRowsBelow(end)) return;
    const done = this.unsealed().filter(
      ({ bundle, newest }) => bundle < end || (bundle < full && dayOf(newest) < today),
    );
    await addToIndex(archive, done);
    for (const { bundle } of done) this.#sql.exec('DELETE FROM indexed WHERE bundle = ?', bundle);
    this.#sealedOn = today;
  }

  #hasRowsBelow(bundle: number): boolean {
    const sql = 'SELECT 1 FROM indexed WHERE bundle < ? LIMIT 1';
    return this.#sql.exec(sql, bundle).toArray().length > 0;
  }

  #read(bundle: number): IndexBlock | undefined {
    const [row] = this.#sql.exec('SELECT block FROM indexed WHERE bundle = ?', bundle).toArray();
    return row && readBlocks(new Uint8Array(row.block as ArrayBuffer))?.[0];
  }

  #write(block: IndexBlock): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO indexed (bundle, block) VALUES (?, ?)',
      block.bundle,
      writeBlocks([block]),
    );
  }
}

/** Adds blocks to the objects that they belong to. A repetition puts the same once more. */
export async function addToIndex(
  archive: Pick<Archive, 'get' | 'replace'>,
  blocks: readonly IndexBlock[],
): Promise<void> {
  const objects = groupBy(blocks, ({ bundle, newest }) => indexPath(dayOf(newest), bundle));
  for (const [path, own] of objects) await addToObject(archive, path, own);
}

/** Adds blocks to an object. Records that came late may belong to an earlier day. */
async function addToObject(
  archive: Pick<Archive, 'get' | 'replace'>,
  path: string,
  blocks: readonly IndexBlock[],
): Promise<void> {
  for (let tries = 0; tries < REPLACE_TRIES_MAX; tries++) {
    const known = await archive.get(path);
    const merged = new Map((readBlocks(known?.bytes ?? new Uint8Array()) ?? []).map(byBundle));
    for (const block of blocks) merged.set(block.bundle, block);
    const sorted = [...merged.values()].sort((a, b) => a.bundle - b.bundle);
    const put = await archive.replace(path, writeBlocks(sorted), known?.etag);
    if (put !== undefined) return;
  }
  throw new Error(`another writer keeps changing ${path}`);
}

const byBundle = (block: IndexBlock): [number, IndexBlock] => [block.bundle, block];
