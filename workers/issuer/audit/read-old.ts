import { OLD_LOG } from '../../../src/audit/index.ts';
import { fromUtf8, toHex } from '../../../src/encoding.ts';
import { decodeBundle, leafHash, TILE_HASHES } from '../../../src/tlog/index.ts';
import { bundleOf, bundlesAfter } from '../archive/full-bundle.ts';
import type { LoggedRecord } from '../log/binding.ts';
import { TAIL } from '../log/seal/paths.ts';
import { readTail } from '../log/seal/tail.ts';
import { archiveOf, auditLog, type IssuerEnv } from '../platform/env.ts';
import { BODY } from './columns.ts';

/** Before the JSON of an entry: the hash of the record before. */
const PREVIOUS_BYTES = 32;

/**
 * Returns up to `limit` records of the log `old` from index `from` on: from the former object while
 * it has them, and from the archive afterwards. Records whose bundle was deleted are left out.
 */
export async function readOldRecords(
  env: IssuerEnv,
  from: number,
  limit: number,
): Promise<readonly LoggedRecord[]> {
  const { size, isEmpty } = await auditLog(env).carried();
  const end = Math.min(size, from + limit);
  const full = size - (size % TILE_HASHES);
  return isEmpty ? fromArchive(env, from, end, full) : fromObject(env, from, end);
}

async function fromObject(env: IssuerEnv, from: number, end: number): Promise<LoggedRecord[]> {
  const records: LoggedRecord[] = [];
  for (let after = from; after < end; ) {
    const page = await auditLog(env).read({ after, limit: end - after });
    if (page.length === 0) break;
    for (const { seq, record } of page) records.push({ log: OLD_LOG, index: seq - 1, record });
    after += page.length;
  }
  return records;
}

/** `full` entries are in bundles, the others in the tail. */
async function fromArchive(
  env: IssuerEnv,
  from: number,
  end: number,
  full: number,
): Promise<LoggedRecord[]> {
  const archive = archiveOf(env, OLD_LOG);
  const paths = await pathsOf(env);
  const records: LoggedRecord[] = [];
  const take = (first: number, entries: readonly Uint8Array[]) => {
    for (const [place, entry] of entries.entries()) {
      const index = first + place;
      if (index >= from && index < end) records.push(readEntry(index, entry));
    }
  };
  for (
    let bundle = Math.floor(from / TILE_HASHES);
    bundle * TILE_HASHES < Math.min(end, full);
    bundle++
  ) {
    const path = paths.get(bundle);
    const stored = path === undefined ? undefined : await archive.get(path);
    take(bundle * TILE_HASHES, (stored && decodeBundle(stored.bytes)) ?? []);
  }
  if (end <= full) return records;
  const tail = await archive.get(TAIL);
  const rest = tail && readTail(tail.bytes);
  if (rest) take(rest.floor, rest.entries);
  return records;
}

function readEntry(index: number, entry: Uint8Array): LoggedRecord {
  const [seq, record] = JSON.parse(fromUtf8(entry.subarray(PREVIOUS_BYTES)) ?? '[]');
  if (seq !== index + 1) throw new Error(`entry ${index} of the log ${OLD_LOG} is record ${seq}`);
  const read = BODY.read(JSON.stringify(record));
  return { log: OLD_LOG, index, record: read, leaf: toHex(leafHash(entry)) };
}

/** An isolate lists the bundles once: none is added to an archive that is complete. */
const known = new WeakMap<IssuerEnv, ReadonlyMap<number, string>>();

async function pathsOf(env: IssuerEnv): Promise<ReadonlyMap<number, string>> {
  const before = known.get(env);
  if (before) return before;
  const found = new Map<number, string>();
  for await (const path of bundlesAfter(archiveOf(env, OLD_LOG), '')) {
    found.set(bundleOf(path), path);
  }
  known.set(env, found);
  return found;
}
