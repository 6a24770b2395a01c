import { createHash } from 'node:crypto';
import { blockOf, type IndexBlock, Tagger } from '../../../src/audit/find/index.ts';
import { type AuditRecord, linkInput, TRAIL_START } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { sameBytes, toHex } from '../../../src/encoding.ts';
import {
  decodeBundle,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  extendFrontier,
  type Frontier,
  frontierRoot,
  leafHash,
  type NoteSigner,
  TILE_HASHES,
} from '../../../src/tlog/index.ts';
import type { Archive } from '../archive/archive.ts';
import { bundlesAfter, monthOf, objectsOf } from '../archive/full-bundle.ts';
import type { Row } from '../platform/table.ts';
import { addToIndex } from '../search/day-index.ts';
import { oldIndexKeys } from '../search/index-key.ts';
import type { FormerEnd } from './binding.ts';
import { BODY } from './columns.ts';
import { publishOld, readPublished } from './old-publication.ts';
import { carriedTable } from './tables.ts';

/** Bundles that one step writes: 4 MB of records, a second or two. */
const SEALED_PER_STEP = 16;
const COMPARED_PER_STEP = 64;

type Carried = Row<typeof carriedTable.columns>;

/** What a step did. `fault`: nothing further happens by itself. */
export type Step =
  | { readonly kind: 'sealed' | 'published' | 'compared' | 'emptied' }
  | { readonly kind: 'done' }
  | { readonly kind: 'fault'; readonly code: CarryFault; readonly why: string };

/**
 * `unsigned`: no key signs the logs. `altered`: a record is not what its hash says.
 * `archive_differs`: the archive has other bytes than it must have.
 */
export type CarryFault = 'unsigned' | 'altered' | 'archive_differs';

const fault = (code: CarryFault, why: string): Step => ({ kind: 'fault', code, why });

/**
 * Carries the records of the former log over into the archive, as the log `old`. Entry i is the
 * hash input of record i + 1, so one pass checks the former chain and the tree. The records are
 * removed here only after all of them were read back from the archive and compared.
 *
 * Every step can be repeated: what a crash leaves in the archive has the same bytes the next time.
 */
export class CarryOver {
  readonly #storage: DurableObjectStorage;
  readonly #archive: Archive;
  readonly #signer: NoteSigner | undefined;

  /** `signer` signs as the log `old`. */
  constructor(storage: DurableObjectStorage, archive: Archive, signer: NoteSigner | undefined) {
    this.#storage = storage;
    this.#archive = archive;
    this.#signer = signer;
  }

  /** Carries out the next step. Rejects if the archive does not answer: try it again later. */
  async step(now: UnixMilliseconds): Promise<Step> {
    const carried = readCarried(this.#storage.sql);
    if (!carried || carried.emptied_at !== undefined) return { kind: 'done' };
    const full = carried.size - (carried.size % TILE_HASHES);
    if (carried.sealed < full) return this.#seal(carried, full);
    if (carried.is_published === 0) return this.#publish(carried);
    if (carried.compared < carried.size) return this.#compare(carried, full);
    return this.#empty(now);
  }

  async #seal(carried: Carried, full: number): Promise<Step> {
    let { sealed, month } = carried;
    let frontier = frontierOf(sealed, carried.frontier);
    const tagger = new Tagger(await oldIndexKeys(this.#archive));
    const blocks: IndexBlock[] = [];
    for (let bundles = 0; bundles < SEALED_PER_STEP && sealed < full; bundles++) {
      const records = this.#records(sealed, TILE_HASHES);
      if (!records.ok) return fault('altered', records.why);
      month = monthAfter(month, records.records);
      const objects = await objectsOf(this.#archive, sealed / TILE_HASHES, month, records.entries);
      for (const [path, bytes] of objects) {
        if ((await this.#archive.create(path, bytes)) !== 'differs') continue;
        return fault('archive_differs', `it has other bytes in ${path}`);
      }
      blocks.push(blockOf(sealed / TILE_HASHES, records.records, tagger));
      sealed += TILE_HASHES;
      frontier = extendFrontier(frontier, records.entries.map(leafHash));
    }
    await addToIndex(this.#archive, blocks);
    this.#storage.sql.exec(
      'UPDATE carried SET sealed = ?, month = ?, frontier = ?',
      ...[sealed, month, encodeFrontier(frontier).buffer],
    );
    return { kind: 'sealed' };
  }

  async #publish({ sealed, size, frontier, month: before }: Carried): Promise<Step> {
    if (!this.#signer) return fault('unsigned', 'LOG_KEY is missing');
    const rest = this.#records(sealed, size - sealed);
    if (!rest.ok) return fault('altered', rest.why);
    const edge = frontierOf(sealed, frontier);
    const tail = { entries: rest.entries, month: monthAfter(before, rest.records) };
    if ((await publishOld(this.#archive, edge, tail, this.#signer)) === 'differs') {
      return fault('archive_differs', 'it has another checkpoint or another tail');
    }
    this.#storage.sql.exec('UPDATE carried SET is_published = 1');
    return { kind: 'published' };
  }

  /** Reads from the archive alone, and compares every record with its row. */
  async #compare(carried: Carried, full: number): Promise<Step> {
    let { compared, compared_path: path } = carried;
    let frontier = frontierOf(compared, carried.compared_frontier);
    let bundles = 0;
    for await (const bundle of bundlesAfter(this.#archive, path)) {
      if (bundles === COMPARED_PER_STEP || compared === full) break;
      const stored = await this.#archive.get(bundle);
      const entries = stored && decodeBundle(stored.bytes);
      const difference = this.#difference(compared, TILE_HASHES, entries ?? []);
      if (difference !== undefined) return fault('archive_differs', `${bundle}: ${difference}`);
      frontier = extendFrontier(frontier, (entries ?? []).map(leafHash));
      compared += TILE_HASHES;
      path = bundle;
      bundles += 1;
    }
    if (compared === full) {
      if (!this.#signer) return fault('unsigned', 'LOG_KEY is missing');
      const published = await readPublished(this.#archive, this.#signer);
      if (!published) return fault('archive_differs', 'it has no checkpoint that LOG_KEY signed');
      const difference = this.#difference(full, carried.size - full, published.entries);
      if (difference !== undefined) return fault('archive_differs', `the tail: ${difference}`);
      frontier = extendFrontier(frontier, published.entries.map(leafHash));
      if (!sameBytes(frontierRoot(frontier), published.root)) {
        return fault('archive_differs', 'the signed root is not that of the entries');
      }
      compared = carried.size;
    } else if (bundles === 0) {
      return fault('archive_differs', `it has ${compared} records in bundles, not ${full}`);
    }
    this.#storage.sql.exec(
      'UPDATE carried SET compared = ?, compared_path = ?, compared_frontier = ?',
      ...[compared, path, encodeFrontier(frontier).buffer],
    );
    return { kind: 'compared' };
  }

  #difference(first: number, count: number, entries: readonly Uint8Array[]): string | undefined {
    const records = this.#records(first, count);
    if (!records.ok) return records.why;
    if (entries.length !== count) return `has ${entries.length} records, not ${count}`;
    const place = records.entries.findIndex((entry, at) => !sameBytes(entry, entries[at] ?? entry));
    return place < 0 ? undefined : `record ${first + place + 1} differs`;
  }

  /**
   * Deletes the rows by deleting the whole storage: deleting millions of rows one by one would be
   * millions of writes. What verifiers numbered is written again, so that a gap over the change of
   * logs can be found.
   */
  async #empty(now: UnixMilliseconds): Promise<Step> {
    const { sql } = this.#storage;
    const carried = sql.exec('SELECT * FROM carried').one();
    const numbered = sql.exec('SELECT verifier, n FROM numbered').toArray();
    const schema = sql
      .exec(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\'",
      )
      .toArray();
    const version = sql.exec('SELECT * FROM schema_version').one();
    await this.#storage.deleteAll();
    this.#storage.transactionSync(() => {
      for (const { sql: text } of schema) sql.exec(String(text));
      insert(sql, 'schema_version', version);
      insert(sql, 'carried', { ...carried, emptied_at: now });
      for (const row of numbered) insert(sql, 'numbered', row);
    });
    return { kind: 'emptied' };
  }

  /** Returns the entries of records, each checked against its hash and the one before. */
  #records(
    first: number,
    count: number,
  ):
    | {
        readonly ok: true;
        readonly entries: readonly Uint8Array<ArrayBuffer>[];
        readonly records: readonly AuditRecord[];
      }
    | { readonly ok: false; readonly why: string } {
    const rows = this.#storage.sql.exec(
      'SELECT seq, previous, hash, body FROM record WHERE seq > ? AND seq <= ? ORDER BY seq',
      ...[first, first + count],
    );
    let before = first === 0 ? TRAIL_START : this.#hashAt(first);
    const entries: Uint8Array<ArrayBuffer>[] = [];
    const records: AuditRecord[] = [];
    for (const { seq, previous, hash, body } of rows) {
      const record = BODY.read(body);
      const entry = linkInput(String(previous), Number(seq), record);
      const isLinked = Number(seq) === first + entries.length + 1 && previous === before;
      if (!isLinked || sha256(entry) !== hash)
        return { ok: false, why: `record ${seq} was altered` };
      entries.push(entry);
      records.push(record);
      before = String(hash);
    }
    if (entries.length === count) return { ok: true, entries, records };
    return { ok: false, why: `${count - entries.length} records after ${first} are missing` };
  }

  #hashAt(seq: number): string {
    const [row] = this.#storage.sql.exec('SELECT hash FROM record WHERE seq = ?', seq).toArray();
    return String(row?.hash ?? '');
  }
}

/** Returns how far the records are carried over; undefined before the log is closed. */
export function readCarried(sql: SqlStorage): Carried | undefined {
  const [row] = sql.exec('SELECT * FROM carried').toArray();
  return row && carriedTable.read(row);
}

/**
 * Closes the log. From here on, it has these records and no others, and code of 0.3.0 cannot open
 * it: that would append to the closed chain, or begin another one after the log was emptied.
 */
export function writeClosing(sql: SqlStorage, { size, hash }: FormerEnd, now: UnixMilliseconds) {
  sql.exec('UPDATE schema_version SET readable_from = version');
  const edge = encodeFrontier(EMPTY_FRONTIER).buffer;
  insert(sql, 'carried', {
    one: 1,
    closed_at: now,
    size,
    hash,
    sealed: 0,
    month: '',
    frontier: edge,
    is_published: 0,
    compared: 0,
    compared_path: '',
    compared_frontier: edge,
    // Nothing to carry over.
    emptied_at: size === 0 ? now : null,
  });
}

function insert(sql: SqlStorage, table: string, row: Readonly<Record<string, SqlStorageValue>>) {
  const names = Object.keys(row);
  sql.exec(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ...Object.values(row),
  );
}

/** Clocks differ: a month that has ended does not begin again. */
function monthAfter(month: string, records: readonly AuditRecord[]): string {
  const last = records.at(-1);
  const own = last === undefined ? month : monthOf(last.at);
  return own > month ? own : month;
}

function frontierOf(size: number, bytes: ArrayBuffer): Frontier {
  const frontier = decodeFrontier(size, new Uint8Array(bytes));
  if (!frontier) throw new Error(`the stored edge of the tree is not of ${size} records`);
  return frontier;
}

const sha256 = (bytes: Uint8Array<ArrayBuffer>): string =>
  toHex(createHash('sha256').update(bytes).digest());
