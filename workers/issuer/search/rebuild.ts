import { peopleOf } from '../../../src/audit/entry/index.ts';
import { blockOf, type IndexBlock, Tagger } from '../../../src/audit/find/index.ts';
import type { LogName } from '../../../src/audit/index.ts';
import { TILE_HASHES } from '../../../src/tlog/index.ts';
import type { Archive } from '../archive/archive.ts';
import type { LogState } from '../log/binding.ts';
import { readRecords, readState } from '../log/read.ts';
import { archiveOf, type IssuerEnv } from '../platform/env.ts';
import { addToIndex, indexPaths } from './day-index.ts';
import { indexKeysOf } from './index-key.ts';

/**
 * Each is up to 34 requests with the keys of its people, and a request to a Worker may make a
 * thousand.
 */
export const BUNDLES_PER_PART_MAX = 16;

/** What one part of a rebuild did. */
export interface RebuiltPart {
  /** How many bundles it put into the index: not those that retention deleted. */
  readonly bundles: number;
  /** The bundle at which the next part begins; absent after the last one. */
  readonly next?: number;
}

/**
 * Makes the index of a log again from its records, from bundle `first` on: what the log itself
 * would have made of them. The part that begins with bundle 0 deletes the index first, so that
 * nothing of a wrong one stays. A rebuild that stops halfway leaves bundles without an index, which
 * searches read.
 */
export async function rebuildPart(
  env: IssuerEnv,
  log: LogName,
  first: number,
): Promise<RebuiltPart> {
  const archive = archiveOf(env, log);
  const { floor, months } = await readState(env, log);
  if (first === 0) await deleteIndex(archive, months);
  const full = floor / TILE_HASHES;
  const end = Math.min(first + BUNDLES_PER_PART_MAX, full);
  const blocks: IndexBlock[] = [];
  for (let bundle = first; bundle < end; bundle++) {
    const logged = await readRecords(env, log, bundle * TILE_HASHES, TILE_HASHES);
    const records = logged.map(({ record }) => record);
    if (records.length === 0) continue;
    const keys = await indexKeysOf(env, log, records.flatMap(peopleOf));
    blocks.push(blockOf(bundle, records, new Tagger(keys)));
  }
  await addToIndex(archive, blocks);
  return { bundles: blocks.length, ...(end < full && { next: end }) };
}

async function deleteIndex(
  archive: Pick<Archive, 'list' | 'delete'>,
  months: LogState['months'],
): Promise<void> {
  for (const [month] of months) {
    const paths = await indexPaths(archive, month);
    if (paths.length > 0) await archive.delete(paths);
  }
}
