import { report } from '../../../src/report.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { VersionRows } from './rows.ts';

/** Names the catalogue of the active version to the revocation log, whose heads tell verifiers. */
export class CataloguePublication {
  readonly #rows: VersionRows;
  readonly #env: () => IssuerEnv;
  /** Whether a call is under way. Two at once could arrive in the wrong order. */
  #isPublishing = false;
  #isCompared = false;

  constructor(rows: VersionRows, env: () => IssuerEnv) {
    this.#rows = rows;
    this.#env = env;
  }

  /**
   * Names the catalogue, with `again` even if the log had it. Never rejects. Ends when the log
   * names the catalogue of the version that is active then; the alarm repeats what fails.
   */
  async publish(again = false): Promise<void> {
    if (this.#isPublishing) return;
    this.#isPublishing = true;
    try {
      for (let isDue = again; ; isDue = false) {
        const active = this.#rows.current('active');
        if (!active || (active.inFeed && !isDue)) return;
        await revocationLog(this.#env()).setCatalogue(active.catalogueHash);
        this.#rows.setInFeed(active.record.id);
      }
    } catch (error) {
      report('version.unpublished', { why: (error as Error).message });
    } finally {
      this.#isPublishing = false;
    }
  }

  /**
   * Names the catalogue once in the life of the object: a restore of the store or of the log makes
   * them differ, and verifiers would then wait for a catalogue that no one has.
   */
  async compareOnce(): Promise<void> {
    if (this.#isCompared) return;
    this.#isCompared = true;
    await this.publish(true);
  }
}
