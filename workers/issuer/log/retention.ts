import { keyIdsOf } from '../../../src/audit/entry/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { Archive } from '../archive/archive.ts';
import {
  type BundlePart,
  heldPrefix,
  type Month,
  type Months,
  monthPrefix,
  TAIL,
} from './seal/paths.ts';
import { decodeSides, readTail, writeHashTail } from './seal/tail.ts';

export interface RetentionOrder {
  readonly archive: Archive;
  /** The months of the log with their first bundles. */
  readonly months: Months;
  /** How many whole months are kept, besides the one that is running. */
  readonly keptMonths: number;
  readonly now: UnixMilliseconds;
  /** True if nothing is added to the log any more, so that its last month ends as well. */
  readonly isClosed?: boolean;
  /** Returns the ids of the keys that legal holds are on. */
  readonly heldKeys: () => Promise<ReadonlySet<string>>;
}

export interface RetentionRun {
  /** Objects that were deleted. */
  readonly deleted: number;
  /** Bundles that legal holds kept. */
  readonly held: number;
  /** False if there is more to do than one run may. */
  readonly isDone: boolean;
}

/** Each takes a few requests, and a request to a Worker may make a thousand. */
const BUNDLES_PER_RUN_MAX = 100;

/**
 * Deletes the bundles, sides and indexes of months that are older than the rule says. Tiles and
 * checkpoints stay, and of the tail of a closed log the hashes, so every receipt and every proof of
 * consistency stays valid. A bundle with a record of a person under a legal hold is copied first,
 * and stays until the hold is released. If a run stops anywhere, the next one continues.
 */
export async function retain(order: RetentionOrder): Promise<RetentionRun> {
  const { archive, months, isClosed = false } = order;
  const first = firstKept(order);
  // The last month of an open log is never due: bundles are still added to it.
  const due = (isClosed ? months : months.slice(0, -1)).filter(([month]) => month < first);
  if (due.length === 0 && !isClosed) return { deleted: 0, held: 0, isDone: true };
  const held = await order.heldKeys();
  const run = new Run(archive, held);
  await run.release();
  for (const [month] of due) await run.empty(month);
  if (isClosed && run.isDone && (await forgetTail(archive, first))) run.deleted += 1;
  return { deleted: run.deleted, held: run.held, isDone: run.isDone };
}

/** Returns the oldest month that is kept. */
function firstKept({ keptMonths, now }: RetentionOrder): Month {
  const date = new Date(now);
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - keptMonths);
  return date.toISOString().slice(0, 'yyyy-mm'.length);
}

/** Leaves the hashes of the last entries alone, if their month is due. Returns whether it did. */
async function forgetTail(archive: Archive, first: Month): Promise<boolean> {
  const stored = await archive.get(TAIL);
  const tail = stored && readTail(stored.bytes);
  if (!stored || !tail || tail.entries.length === 0 || tail.month >= first) return false;
  const etag = await archive.replace(TAIL, writeHashTail(tail), stored.etag);
  if (etag === undefined) throw new Error('the tail was changed by another');
  return true;
}

class Run {
  readonly #archive: Archive;
  readonly #heldKeys: ReadonlySet<string>;
  #bundles = 0;
  deleted = 0;
  held = 0;

  constructor(archive: Archive, heldKeys: ReadonlySet<string>) {
    this.#archive = archive;
    this.#heldKeys = heldKeys;
  }

  get isDone(): boolean {
    return this.#bundles < BUNDLES_PER_RUN_MAX;
  }

  /** Deletes what earlier runs have kept for holds that are released. */
  async release(): Promise<void> {
    for await (const side of this.#paths(heldPrefix('side'))) {
      if (await this.#isHeld(side)) this.held += 1;
      else await this.#deleteBundle(heldPrefix, side.slice(heldPrefix('side').length));
    }
  }

  /** Deletes a month: bundle by bundle, and then what is left of it. */
  async empty(month: Month): Promise<void> {
    const prefix = (part: BundlePart) => monthPrefix(month, part);
    for await (const side of this.#paths(prefix('side'))) {
      const number = side.slice(prefix('side').length);
      if (await this.#isHeld(side)) {
        for (const part of ['entries', 'side'] as const) {
          await this.#keep(prefix(part) + number, heldPrefix(part) + number);
        }
        this.held += 1;
      }
      await this.#deleteBundle(prefix, number);
    }
    if (!this.isDone) return;
    for await (const path of this.#paths(`m/${month}/`)) await this.#delete([path]);
  }

  async *#paths(prefix: string): AsyncGenerator<string> {
    let after: string | undefined;
    for (;;) {
      const { paths, isWhole } = await this.#archive.list(prefix, after);
      for (const path of paths) {
        if (!this.isDone) return;
        this.#bundles += 1;
        yield path;
      }
      after = paths.at(-1);
      if (isWhole || after === undefined) return;
    }
  }

  async #isHeld(side: string): Promise<boolean> {
    if (this.#heldKeys.size === 0) return false;
    const object = await this.#archive.get(side);
    const sides = object && decodeSides(object.bytes);
    // One that cannot be read may have anyone's records.
    if (object && !sides) return true;
    return (sides ?? []).some((one) => keyIdsOf(one).some((id) => this.#heldKeys.has(id)));
  }

  async #keep(from: string, to: string): Promise<void> {
    const object = await this.#archive.get(from);
    if (object && (await this.#archive.create(to, object.bytes)) === 'differs') {
      throw new Error(`the archive has other bytes at ${to}`);
    }
  }

  /** The side goes last: the next run finds the bundle by it. */
  async #deleteBundle(prefix: (part: BundlePart) => string, number: string): Promise<void> {
    await this.#delete([prefix('entries') + number]);
    await this.#delete([prefix('side') + number]);
  }

  async #delete(paths: readonly string[]): Promise<void> {
    await this.#archive.delete(paths);
    this.deleted += paths.length;
  }
}
