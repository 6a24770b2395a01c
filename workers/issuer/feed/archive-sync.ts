import { SingleFlight } from '../../../src/single-flight.ts';
import type { FeedArchiveBinding } from './archive-binding.ts';
import type { ArchivedEntry } from './archived-entry.ts';
import { compareWithArchive } from './compare.ts';
import type { LogEntries } from './entries.ts';

const ARCHIVE_MILLISECONDS_MAX = 2_000; // How long a revocation waits for its second copy.

/** The log's side of its second copy. */
export class ArchiveSync {
  readonly #reach: () => DurableObjectStub<FeedArchiveBinding>;
  readonly #entries: LogEntries;
  /** Up to where the archive has the log; undefined until the two were compared. */
  #reaches: number | undefined;
  /** One that hangs is given up on, so that the next entry tries anew. */
  readonly #copying = new SingleFlight(() => this.#copy(), ARCHIVE_MILLISECONDS_MAX);

  /** `reach` makes a new stub: one whose object was reset throws for the rest of its life. */
  constructor(reach: () => DurableObjectStub<FeedArchiveBinding>, entries: LogEntries) {
    this.#reach = reach;
    this.#entries = entries;
  }

  get isCompared(): boolean {
    return this.#reaches !== undefined;
  }

  /**
   * Whether the log was taken back and is made whole, in a new epoch. Throws where the archive
   * cannot be asked: nothing is known of the log then.
   */
  async compare(nowSeconds: number): Promise<boolean> {
    const held = await this.#reach().position();
    const log = this.#entries.state;
    const standing = compareWithArchive(log, held, (seq) => this.#entries.chainAt(seq));
    if (standing.kind === 'whole') {
      this.#reaches = held?.epoch === log.epoch ? held.seq : 0;
      return false;
    }
    const lost: ArchivedEntry[] = [];
    for (let page = await this.#reach().since(standing.lostAfter, nowSeconds); page.length > 0; ) {
      lost.push(...page);
      page = await this.#reach().since(page.at(-1)?.seq ?? 0, nowSeconds);
    }
    this.#entries.startEpoch(standing.end, lost);
    this.#reaches = standing.end.seq;
    return true;
  }

  /** True when the archive has all up to `seq`. Bounded: no revocation waits for it for long. */
  async has(seq: number): Promise<boolean> {
    // The copy under way may have looked before this entry was there: then one that begins now.
    for (const isNext of [false, true]) {
      if ((this.#reaches ?? 0) >= seq) return true;
      const copied = isNext ? this.#copying.joinNext() : this.#copying.join();
      await copied.catch(() => undefined);
    }
    return (this.#reaches ?? 0) >= seq;
  }

  async #copy(): Promise<void> {
    for (let losses = 0; losses < 2; ) {
      const after = this.#reaches ?? 0;
      const { epoch, seq, chain } = this.#entries.state;
      const page = this.#entries.since(after);
      const last = page.at(-1);
      // An epoch that begins has a position and no entry yet, which the archive must know as well.
      const isPart = last !== undefined && last.seq < seq;
      const end = isPart ? { epoch, seq: last.seq, chain: last.chain } : { epoch, seq, chain };
      this.#reaches = await this.#reach().keep(after, end, page);
      if (this.#reaches >= this.#entries.state.seq) return;
      // It has lost something since it was asked last; once more from there, and not for ever.
      if (this.#reaches < end.seq) losses += 1;
    }
    throw new Error('the archive keeps losing what it is given');
  }
}
