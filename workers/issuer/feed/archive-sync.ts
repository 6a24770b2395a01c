import type { UnixSeconds } from '../../../src/clock.ts';
import type { Position } from '../../../src/feed/index.ts';
import { SingleFlight } from '../../../src/single-flight.ts';
import type { ArchivedEntry, FeedArchiveBinding } from './archive-binding.ts';
import type { LogCatalogue } from './catalogue.ts';
import type { LogEntries } from './entries.ts';
import type { LogHeadKeys } from './keys/rows.ts';

const ARCHIVE_MILLISECONDS_MAX = 2_000; // How long a revocation waits for its second copy.

/** Keeps the archive of a log up to date, and detects that the log was restored. */
export class ArchiveSync {
  readonly #reach: () => DurableObjectStub<FeedArchiveBinding>;
  readonly #entries: LogEntries;
  readonly #catalogue: LogCatalogue;
  readonly #keys: LogHeadKeys;
  /** The last entry that the archive has; undefined until the two were compared. */
  #archivedSeq: number | undefined;
  /** The newest change of the catalogue that the archive has. */
  #archivedChange = 0;
  /** The newest change of the lists of keys that the archive has. */
  #archivedKeys = 0;
  /** A copy that hangs is abandoned, so the next entry starts another one. */
  readonly #copying = new SingleFlight(() => this.#copy(), ARCHIVE_MILLISECONDS_MAX);

  /** `reach` makes a new stub, because a stub whose object was reset throws forever. */
  constructor(
    reach: () => DurableObjectStub<FeedArchiveBinding>,
    entries: LogEntries,
    { catalogue, keys }: { readonly catalogue: LogCatalogue; readonly keys: LogHeadKeys },
  ) {
    this.#reach = reach;
    this.#entries = entries;
    this.#catalogue = catalogue;
    this.#keys = keys;
  }

  get isCompared(): boolean {
    return this.#archivedSeq !== undefined;
  }

  /**
   * Compares the log with its archive. Returns true if the log had been restored; it is then whole
   * again, in a new epoch. Throws if the archive does not answer: the log is then in an unknown
   * state.
   */
  async compare(now: UnixSeconds): Promise<boolean> {
    const archived = await this.#reach().position();
    const catalogue = await this.#reach().catalogue();
    this.#archivedChange = catalogue?.change ?? 0;
    this.#catalogue.restore(catalogue);
    const keys = await this.#reach().headKeys();
    this.#archivedKeys = keys?.change ?? 0;
    this.#keys.restore(keys);
    const log = this.#entries.state;
    const comparison = compareWithArchive(log, archived, (seq) => this.#entries.chainAfter(seq));
    if (comparison.kind === 'whole') {
      this.#archivedSeq = archived?.epoch === log.epoch ? archived.seq : 0;
      return false;
    }
    const lost: ArchivedEntry[] = [];
    for (let page = await this.#reach().since(comparison.lostAfter, now); page.length > 0; ) {
      lost.push(...page);
      page = await this.#reach().since(page.at(-1)?.seq ?? 0, now);
    }
    this.#entries.startEpoch(comparison.end, lost);
    this.#archivedSeq = comparison.end.seq;
    return true;
  }

  /**
   * Returns whether the archive has everything up to `seq`, the catalogue and the keys. Waits for a
   * bounded time only.
   */
  async has(seq: number): Promise<boolean> {
    // A copy in progress may have read the log before this entry. In that case, run another one.
    for (const isNext of [false, true]) {
      if (this.#isKept(seq)) return true;
      const copied = isNext ? this.#copying.joinNext() : this.#copying.join();
      await copied.catch(() => undefined);
    }
    return this.#isKept(seq);
  }

  #isKept(seq: number): boolean {
    const change = this.#catalogue.current?.change ?? 0;
    const keys = this.#keys.current?.change ?? 0;
    const isSame = this.#archivedChange >= change && this.#archivedKeys >= keys;
    return isSame && (this.#archivedSeq ?? 0) >= seq;
  }

  async #copy(): Promise<void> {
    const catalogue = this.#catalogue.current;
    if (catalogue && catalogue.change > this.#archivedChange) {
      this.#archivedChange = await this.#reach().keepCatalogue(catalogue);
    }
    const keys = this.#keys.current;
    if (keys && keys.change > this.#archivedKeys) {
      this.#archivedKeys = await this.#reach().keepHeadKeys(keys);
    }
    for (let losses = 0; losses < 2; ) {
      const after = this.#archivedSeq ?? 0;
      const { epoch, seq, chain } = this.#entries.state;
      const page = this.#entries.since(after);
      const last = page.at(-1);
      // The archive must also learn of an epoch that has a position and no entry yet.
      const isPart = last !== undefined && last.seq < seq;
      const end = isPart ? { epoch, seq: last.seq, chain: last.chain } : { epoch, seq, chain };
      this.#archivedSeq = await this.#reach().keep(after, end, page);
      if (this.#archivedSeq >= this.#entries.state.seq) return;
      // The archive lost entries since it last answered. Copy once more from there, and only once.
      if (this.#archivedSeq < end.seq) losses += 1;
    }
    throw new Error('The archive keeps losing entries that it acknowledged.');
  }
}

type ArchiveComparison =
  /** The archive has everything, or will once the new entries are copied. */
  | { readonly kind: 'whole' }
  /** The log was restored to an earlier state: the archive is ahead of it, or differs from it. */
  | { readonly kind: 'restored'; readonly end: Position; readonly lostAfter: number };

/**
 * Compares the end of a log with the end of its archive. `chainAfter` returns the log's own chain
 * after an entry, or undefined if the entry was purged.
 *
 * A restored log must never continue under the same epoch: it would reuse sequence numbers that
 * verifiers hold for other entries.
 */
function compareWithArchive(
  log: Position,
  archive: Position | undefined,
  chainAfter: (seq: number) => string | undefined,
): ArchiveComparison {
  if (!archive) return { kind: 'whole' };
  const shared = Math.min(log.seq, archive.seq);
  const isAhead =
    archive.epoch > log.epoch || (archive.epoch === log.epoch && archive.seq > log.seq);
  if (isAhead) return { kind: 'restored', end: archive, lostAfter: shared };
  // The log began a new epoch that the archive never learned of, so the archive proves nothing.
  if (archive.epoch < log.epoch) return { kind: 'whole' };
  const chain = archive.seq === log.seq ? log.chain : chainAfter(archive.seq);
  if (chain === undefined || chain === archive.chain) return { kind: 'whole' };
  // The chains differ: the log was restored and then appended to before this comparison.
  return { kind: 'restored', end: log, lostAfter: 0 };
}
