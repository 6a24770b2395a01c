import { isWithin, readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { VersionRows } from './rows.ts';

/** How often the catalogue is named again. A restore of one of the two stores is repaired then. */
const COMPARE_MILLISECONDS = 60_000;
const COMPARE_RETRY_MILLISECONDS = 2_000; // After a failure.

/** Names the catalogue of the active version to the revocation log, whose heads tell verifiers. */
export class CataloguePublication {
  readonly #rows: VersionRows;
  readonly #env: () => IssuerEnv;
  /** Whether a call is under way. Two at once could arrive in the wrong order. */
  #isPublishing = false;
  /** When the catalogue was named again, and for how long that is enough. */
  #compared: { readonly at: UnixMilliseconds; readonly milliseconds: number } | undefined;

  constructor(rows: VersionRows, env: () => IssuerEnv) {
    this.#rows = rows;
    this.#env = env;
  }

  /**
   * Names the catalogue, with `again` even if the log had it. Never rejects. Ends when the log
   * names the catalogue of the version that is active then; the alarm repeats what fails. Returns
   * whether nothing failed.
   */
  async publish(again = false): Promise<boolean> {
    if (this.#isPublishing) return true;
    this.#isPublishing = true;
    try {
      for (let isDue = again; ; isDue = false) {
        const active = this.#rows.current('active');
        if (!active || (active.inFeed && !isDue)) return true;
        await revocationLog(this.#env()).setCatalogue(active.catalogueHash);
        this.#rows.setInFeed(active.record.id);
      }
    } catch (error) {
      report('version.unpublished', { why: (error as Error).message });
      return false;
    } finally {
      this.#isPublishing = false;
    }
  }

  /**
   * Names the catalogue again, at the first mint and then once a minute: a restore of the store or
   * of the log makes them differ, and verifiers would then wait for a catalogue that no one has.
   */
  async compareIfDue(): Promise<void> {
    const now = readClock();
    const last = this.#compared;
    if (last && isWithin(last.at, now, last.milliseconds)) return;
    // Before the call, so that mints meanwhile do not repeat it.
    this.#compared = { at: now, milliseconds: COMPARE_MILLISECONDS };
    if (await this.publish(true)) return;
    this.#compared = { at: now, milliseconds: COMPARE_RETRY_MILLISECONDS };
  }
}
