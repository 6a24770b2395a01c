import {
  type IndexBlock,
  matches,
  mayHave,
  type RecordFilter,
  readBlocks,
  type WantedTags,
} from '../../../src/audit/find/index.ts';
import { TILE_HASHES } from '../../../src/tlog/index.ts';
import type { Archive } from '../archive/archive.ts';
import type { LoggedRecord } from '../log/binding.ts';
import { dayOf, indexPaths, readIndexPath } from './day-index.ts';

/** One log, as a search reads it. */
export interface SearchedLog {
  /** How many entries the archive has. */
  readonly committed: number;
  /** How many records there are, with those that are not in the archive yet. */
  readonly size: number;
  /** Each month with the number of its first bundle, in order. */
  readonly months: readonly (readonly [month: string, firstBundle: number])[];
  readonly archive: Pick<Archive, 'get' | 'list'>;
  /** Returns the index of bundles that has no object yet. */
  readonly unsealed: () => Promise<readonly IndexBlock[]>;
  /** Returns up to `limit` records from an index on, in order. None, if retention deleted them. */
  readonly read: (from: number, limit: number) => Promise<readonly LoggedRecord[]>;
}

export interface Search {
  readonly filter: RecordFilter;
  /** What a bundle's index must have for the filter. */
  readonly wanted: readonly WantedTags[];
  /** The first record that may be found. */
  readonly next: number;
  readonly recordsMax: number;
  readonly bytesMax: number;
  /** How many bundles and objects of the index one search may read. */
  readonly readsMax: number;
}

export interface Found {
  readonly records: readonly LoggedRecord[];
  /** Where the search continues. */
  readonly next: number;
  /** Whether all records were searched that the log had. */
  readonly isEnd: boolean;
}

/**
 * Searches one log from a record on. The index only rules bundles out: one that it does not know is
 * read, so a lost index makes a search slower and never wrong.
 */
export async function findInLog(log: SearchedLog, search: Search): Promise<Found> {
  const { filter, wanted } = search;
  const page = new Page(search);
  const budget = { reads: search.readsMax };
  const isNarrow = wanted.length > 0 || filter.from !== undefined || filter.until !== undefined;
  const bundles = isNarrow ? likelyBundles(log, search, budget) : allBundles(log, search.next);
  for await (const bundle of bundles) {
    const from = Math.max(page.next, bundle * TILE_HASHES);
    const end = Math.min((bundle + 1) * TILE_HASHES, log.committed);
    if (from >= end) continue;
    // One is read in any case: the index of a month may have taken the whole budget.
    if (budget.reads <= 0 && page.hasMoved) return page.pausedAt(bundle * TILE_HASHES);
    budget.reads -= 1;
    if (!page.take(await log.read(from, end - from), end)) return page.pausedAt(page.next);
  }
  // Records that are in no bundle yet.
  for (let from = Math.max(page.next, log.committed); from < log.size; from = page.next) {
    if (budget.reads <= 0 && page.hasMoved) return page.pausedAt(from);
    budget.reads -= 1;
    const end = Math.min(from + TILE_HASHES, log.size);
    if (!page.take(await log.read(from, end - from), end)) return page.pausedAt(page.next);
  }
  return { records: page.records, next: Math.max(page.next, log.size), isEnd: true };
}

/** What was found so far, and up to where. */
class Page {
  readonly records: LoggedRecord[] = [];
  readonly #search: Search;
  #next: number;
  #bytes = 0;

  constructor(search: Search) {
    this.#search = search;
    this.#next = search.next;
  }

  get next(): number {
    return this.#next;
  }

  /** Whether the search is further than at its begin. */
  get hasMoved(): boolean {
    return this.#next > this.#search.next;
  }

  /** Takes what matches. Returns false if the page is full before all of them were looked at. */
  take(records: readonly LoggedRecord[], end: number): boolean {
    const { filter, recordsMax, bytesMax } = this.#search;
    for (const logged of records) {
      if (!matches(logged.record, filter)) continue;
      const bytes = JSON.stringify(logged).length;
      const isFull =
        this.records.length === recordsMax ||
        (this.records.length > 0 && this.#bytes + bytes > bytesMax);
      if (isFull) {
        this.#next = logged.index;
        return false;
      }
      this.records.push(logged);
      this.#bytes += bytes;
    }
    this.#next = end;
    return true;
  }

  pausedAt(next: number): Found {
    return { records: this.records, next: Math.max(this.#next, next), isEnd: false };
  }
}

function* allBundles({ committed }: SearchedLog, next: number): Generator<number> {
  const end = Math.ceil(committed / TILE_HASHES);
  for (let bundle = Math.floor(next / TILE_HASHES); bundle < end; bundle++) yield bundle;
}

interface Budget {
  reads: number;
}

/**
 * Records have the times of their verifiers' clocks, so a bundle may end on an earlier day than one
 * before it. Days are passed over without a look only behind records that are this much too old.
 */
const AHEAD_MILLISECONDS_MAX = 24 * 3_600_000;

/** Yields the bundles that the index does not rule out, in order. */
async function* likelyBundles(
  log: SearchedLog,
  { filter, wanted, next }: Search,
  budget: Budget,
): AsyncGenerator<number> {
  const end = Math.ceil(log.committed / TILE_HASHES);
  const firstDay =
    filter.from === undefined ? '' : dayOf(Math.max(0, filter.from - AHEAD_MILLISECONDS_MAX));
  let bundle = Math.max(
    Math.floor(next / TILE_HASHES),
    firstBundleOf(log.months, firstDay.slice(0, 7)),
  );
  function* upTo(limit: number, blocks: ReadonlyMap<number, IndexBlock>): Generator<number> {
    for (; bundle < Math.min(limit, end); bundle++) {
      const block = blocks.get(bundle);
      if (!block || mayHave(block, filter, wanted)) yield bundle;
    }
  }
  // Behind the bundles of the last day that is too old.
  let skipped: number | undefined;
  const skipTo = (first: number | undefined): void => {
    if (skipped === undefined) return;
    // Not further than the first that is new enough: of two bundles, the later one can be older.
    bundle = Math.max(bundle, Math.min(skipped, first ?? skipped));
    skipped = undefined;
  };
  for await (const { day, blocks } of sealedDays(log, bundle, firstDay, budget)) {
    const [first, last] = [blocks[0]?.bundle ?? 0, blocks.at(-1)?.bundle ?? 0];
    if (day < firstDay) skipped = last + 1;
    else {
      skipTo(first);
      yield* upTo(last + 1, byBundle(blocks));
    }
  }
  const rows = await log.unsealed();
  skipTo(rows[0]?.bundle);
  yield* upTo(end, byBundle(rows));
}

const byBundle = (blocks: readonly IndexBlock[]): ReadonlyMap<number, IndexBlock> =>
  new Map(blocks.map((block) => [block.bundle, block]));

interface SealedDay {
  readonly day: string;
  /** At least one, in the order of their bundles. */
  readonly blocks: readonly IndexBlock[];
}

/**
 * Yields the index of each finished day from that of a bundle on, and of days that are too old only
 * the last one: it says where they end.
 */
async function* sealedDays(
  { archive, months }: SearchedLog,
  bundle: number,
  firstDay: string,
  budget: Budget,
): AsyncGenerator<SealedDay> {
  for (const [place, [month]] of months.entries()) {
    const nextMonth = months[place + 1];
    if (nextMonth && nextMonth[1] <= bundle) continue;
    if (budget.reads <= 0) return;
    budget.reads -= 1;
    const paths = await indexPaths(archive, month);
    const tooOld = paths.findLastIndex((path) => readIndexPath(path).day < firstDay);
    for (const path of paths.slice(Math.max(0, tooOld))) {
      const { day, end } = readIndexPath(path);
      if (end <= bundle) continue;
      if (budget.reads <= 0) return;
      budget.reads -= 1;
      const object = await archive.get(path);
      const blocks = readBlocks(object?.bytes ?? new Uint8Array()) ?? [];
      const last = blocks.at(-1);
      if (last && last.bundle >= bundle) yield { day, blocks };
    }
  }
}

const firstBundleOf = (months: SearchedLog['months'], month: string): number =>
  months.findLast(([each]) => each <= month)?.[1] ?? 0;
