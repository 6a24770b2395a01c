import { ARCHIVE_MILLISECONDS_MAX } from '../../../../src/limits.ts';
import type { FeedArchive } from '../feed-archive.ts';
import { compareWithArchive } from './compare.ts';
import type { ArchivedEntry, LogEntries } from './entries.ts';

/** The log's side of its second copy. */
export class ArchiveCopy {
  readonly #archive: DurableObjectStub<FeedArchive>;
  readonly #entries: LogEntries;
  /** Up to where the archive has the log; undefined until the two were compared. */
  #reaches: number | undefined;
  #copying: Promise<void> | undefined;

  constructor(archive: DurableObjectStub<FeedArchive>, entries: LogEntries) {
    this.#archive = archive;
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
    const held = await this.#archive.position();
    const log = this.#entries.state;
    const standing = compareWithArchive(log, held, (seq) => this.#entries.chainAt(seq));
    if (standing.kind === 'whole') {
      this.#reaches = held?.epoch === log.epoch ? held.seq : 0;
      return false;
    }
    const lost: ArchivedEntry[] = [];
    for (let page = await this.#archive.since(standing.lostAfter, nowSeconds); page.length > 0; ) {
      lost.push(...page);
      page = await this.#archive.since(page.at(-1)?.seq ?? 0, nowSeconds);
    }
    this.#entries.startEpoch(standing.end, lost);
    this.#reaches = standing.end.seq;
    return true;
  }

  /** True when the archive has all up to `seq`. Bounded: no revocation waits for it for long. */
  async has(seq: number): Promise<boolean> {
    this.#copying ??= this.#copy().finally(() => {
      this.#copying = undefined;
    });
    const copied = this.#copying.catch(() => undefined);
    await within(ARCHIVE_MILLISECONDS_MAX, copied);
    return (this.#reaches ?? 0) >= seq;
  }

  async #copy(): Promise<void> {
    for (;;) {
      const { epoch, seq, chain } = this.#entries.state;
      const page = this.#entries.since(this.#reaches ?? 0);
      const last = page.at(-1);
      // An epoch that begins has a position and no entry yet, which the archive must know as well.
      const end = last ? { epoch, seq: last.seq, chain: last.chain } : { epoch, seq, chain };
      await this.#archive.keep(end, page);
      this.#reaches = end.seq;
      if (end.seq >= this.#entries.state.seq) return;
    }
  }
}

/** Waits for `work`, and no longer than this. A timer left behind would keep the object awake. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise((passed) => {
    timer = setTimeout(passed, milliseconds);
  });
  await Promise.race([work, bound]).finally(() => clearTimeout(timer));
}
