import { readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import type { LogCatalogue } from './catalogue.ts';
import type { LogEntries } from './entries.ts';
import type { LogMaintenance } from './maintenance.ts';
import type { LogNews } from './news.ts';

interface Parts {
  readonly entries: LogEntries;
  readonly catalogue: LogCatalogue;
  readonly maintenance: LogMaintenance;
  readonly news: LogNews;
}

/** Changes of what the heads of a log say beyond its entries. */
export class HeadChanges {
  readonly #ctx: DurableObjectState;
  readonly #parts: Parts;

  constructor(ctx: DurableObjectState, parts: Parts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** Names a catalogue: see `LogCatalogue`. */
  async nameCatalogue(hash: string): Promise<{ readonly archived: boolean }> {
    return this.store((now) => this.#parts.catalogue.set(hash, now));
  }

  /**
   * Stores a change in one transaction, unless `change` returns false, and sends every subscriber
   * the new head. Returns whether the archive has it.
   */
  async store(change: (now: UnixSeconds) => boolean): Promise<{ readonly archived: boolean }> {
    const { entries, maintenance, news } = this.#parts;
    const { seq } = entries.state;
    const isNew = this.#ctx.storage.transactionSync(() => {
      const now = readSeconds();
      if (!change(now)) return false;
      entries.stampLater(now);
      return true;
    });
    // No `await` comes before this one, so the alarm is written together with an owed record.
    await maintenance.scheduleDue();
    if (isNew) this.#ctx.waitUntil(news.notify(seq));
    return { archived: await maintenance.isArchived(seq) };
  }
}
