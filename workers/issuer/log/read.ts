import { keyIdsOf, openEntry } from '../../../src/audit/entry/index.ts';
import { type LogName, OLD_LOG } from '../../../src/audit/index.ts';
import { toHex } from '../../../src/encoding.ts';
import { report } from '../../../src/report.ts';
import { decodeBundle, leafHash, TILE_HASHES } from '../../../src/tlog/index.ts';
import type { Archive } from '../archive/archive.ts';
import { readOldRecords } from '../audit/read-old.ts';
import { archiveOf, type IssuerEnv, transparencyLog } from '../platform/env.ts';
import { keysById } from '../subject-keys/keys.ts';
import type { LoggedRecord, LogState } from './binding.ts';
import {
  entriesPath,
  heldPath,
  type Months,
  monthOfBundle,
  sidePath,
  TAIL,
  TAIL_SIDE,
} from './seal/paths.ts';
import { decodeSides, readSideTail, readTail } from './seal/tail.ts';

/** The bytes of an entry, which the log proves, and beside it what can be erased. */
export interface LoggedEntry {
  readonly index: number;
  readonly entry: Uint8Array<ArrayBuffer>;
  /** Absent if the sides of its month were deleted. */
  readonly side?: Uint8Array<ArrayBuffer>;
}

/**
 * Returns up to `limit` records of a log from index `from` on, in order. Reads the archive here, so
 * that no reader loads the object with more than its newest records. Records whose month was
 * deleted are missing.
 */
export async function readRecords(
  env: IssuerEnv,
  log: LogName,
  from: number,
  limit: number,
): Promise<readonly LoggedRecord[]> {
  if (log === OLD_LOG) return readOldRecords(env, from, limit);
  const state = await readState(env, log);
  const end = Math.min(state.size, from + limit);
  if (from >= end) return [];
  const entries = await readEntries(env, state, from, Math.min(end, state.committed) - from);
  const opened = await openEntries(env, log, entries);
  const first = Math.max(from, state.committed);
  if (first >= end) return opened;
  const rows = await transparencyLog(env, log).pending(first, end - first);
  // A round may have run since: its entries are no rows any more.
  const isMoved = rows[0]?.index !== first;
  const rest = isMoved ? await readRecords(env, log, first, end - first) : rows;
  return [...opened, ...rest];
}

/** Returns how far a log is. Tuples lose their type on the way. */
export const readState = async (env: IssuerEnv, log: LogName): Promise<LogState> =>
  (await transparencyLog(env, log).state()) as unknown as LogState;

/** Returns up to `limit` entries of a log's archive from index `from` on. */
export async function readEntries(
  env: IssuerEnv,
  { log, months, floor }: Pick<LogState, 'log' | 'months' | 'floor'>,
  from: number,
  limit: number,
): Promise<readonly LoggedEntry[]> {
  if (limit <= 0) return [];
  const archive = archiveOf(env, log);
  const end = from + limit;
  // Before the bundles: what has left the tail by then is in one of them.
  const tail = from + limit > floor ? await readTailEntries(archive) : undefined;
  const known = tail && tail.floor > floor ? tail : { months, floor };
  const entries: LoggedEntry[] = [];
  const bundlesEnd = Math.min(end, Math.max(floor, tail?.floor ?? 0));
  for (let index = from; index < bundlesEnd; ) {
    const bundle = Math.floor(index / TILE_HASHES);
    const next = Math.min((bundle + 1) * TILE_HASHES, bundlesEnd);
    const read = await readBundle(archive, known.months, bundle);
    entries.push(...read.filter((one) => one.index >= index && one.index < next));
    index = next;
  }
  const first = Math.max(from, bundlesEnd);
  entries.push(...(tail?.entries ?? []).filter(({ index }) => index >= first && index < end));
  return entries;
}

/** Returns entries as records, with all members whose keys still exist. */
async function openEntries(
  env: IssuerEnv,
  log: LogName,
  entries: readonly LoggedEntry[],
): Promise<readonly LoggedRecord[]> {
  const ids = entries.flatMap(({ side }) => (side ? keyIdsOf(side) : []));
  const keyOf = await keysById(env, ids);
  return await Promise.all(
    entries.map(async ({ index, entry, side }) => {
      const opened = await openEntry(entry, side, keyOf);
      if (!opened.ok) report('audit.unopened', { code: opened.error.code, log, index });
      const usable = opened.ok ? opened : await openEntry(entry, undefined, () => undefined);
      if (!usable.ok) throw new Error(`entry ${index} of ${log} is no record`);
      const { record, erased } = usable.value;
      const leaf = toHex(leafHash(entry));
      return { log, index, record, leaf, ...(erased.length > 0 && { erased }) };
    }),
  );
}

async function readTailEntries(archive: Archive): Promise<
  | {
      readonly floor: number;
      readonly months: Months;
      readonly entries: readonly LoggedEntry[];
    }
  | undefined
> {
  const [tail, side] = await Promise.all([archive.get(TAIL), archive.get(TAIL_SIDE)]);
  const read = tail && readTail(tail.bytes);
  if (!read) return undefined;
  const sides = side && readSideTail(side.bytes);
  const entries = read.entries.map((entry, place) => {
    const index = read.floor + place;
    const own = sides?.sides[index - sides.floor];
    return { index, entry, ...(own && { side: own }) };
  });
  return { floor: read.floor, months: read.months, entries };
}

async function readBundle(
  archive: Archive,
  months: Months,
  bundle: number,
): Promise<readonly LoggedEntry[]> {
  const month = monthOfBundle(months, bundle);
  if (month === undefined) return [];
  const [entries, sides] = await Promise.all([
    getOrHeld(archive, entriesPath(month, bundle), heldPath('entries', bundle)),
    getOrHeld(archive, sidePath(month, bundle), heldPath('side', bundle)),
  ]);
  const read = entries && decodeBundle(entries.bytes);
  const readSides = sides && decodeSides(sides.bytes);
  return (read ?? []).map((entry, place) => {
    const side = readSides?.[place];
    return { index: bundle * TILE_HASHES + place, entry, ...(side && { side }) };
  });
}

/** A legal hold keeps some bundles of a month that was deleted. */
const getOrHeld = async (archive: Archive, path: string, held: string) =>
  (await archive.get(path)) ?? (await archive.get(held));
