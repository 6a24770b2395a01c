import { type LogName, logKindOf, OLD_LOG } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { fromUtf8, utf8 } from '../../../src/encoding.ts';
import { report } from '../../../src/report.ts';
import type { Archive } from '../archive/archive.ts';
import { tryReadConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { heldKeys } from '../subject-keys/keys.ts';
import { retain } from './retention.ts';
import type { Months } from './seal/paths.ts';

/** The day on which the rule was last applied to a log, in its archive. */
const RETAINED = 'retained';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Applies the deployment's rule of retention to a log, once a day. */
export class DailyRetention {
  readonly #env: IssuerEnv;
  readonly #log: LogName;
  readonly #archive: Archive;
  /** The last day of which this instance knows that the rule was applied. */
  #day: string | undefined;

  constructor(env: IssuerEnv, log: LogName, archive: Archive) {
    this.#env = env;
    this.#log = log;
    this.#archive = archive;
  }

  /** Returns when the next day begins; undefined without a rule. */
  dueAt(): UnixMilliseconds | undefined {
    if (this.#rule() === undefined) return undefined;
    const now = readClock();
    return now - (now % DAY_MILLISECONDS) + DAY_MILLISECONDS;
  }

  /** Never rejects: what fails is reported, and the next round tries again. */
  async run(months: Months, now: UnixMilliseconds, isEnded = false): Promise<void> {
    const keptMonths = this.#rule();
    const today = new Date(now).toISOString().slice(0, 'yyyy-mm-dd'.length);
    const isClosed = this.#log === OLD_LOG;
    const isWhole = !isClosed && months.length < 2;
    if (keptMonths === undefined || isWhole || this.#day === today) return;
    try {
      const marked = await this.#archive.get(RETAINED);
      if (marked && fromUtf8(marked.bytes) === today) {
        this.#day = today;
        return;
      }
      // Its bundles do not say whose records they have, so any legal hold keeps all of them.
      if (isClosed && (await heldKeys(this.#env)).size > 0) return;
      const archive = this.#archive;
      const known = () => heldKeys(this.#env);
      // Of a control log that was continued, the tail goes as well, unless a person in it is held.
      const hasEnded = isClosed || (isEnded && (await known()).size === 0);
      const order = { archive, months, keptMonths, now, isClosed: hasEnded, heldKeys: known };
      const { deleted, held, isDone } = await retain(order);
      if (deleted > 0 || held > 0) report('audit.retained', { log: this.#log, deleted, held });
      if (!isDone) return;
      await this.#archive.replace(RETAINED, utf8(today), marked?.etag);
      this.#day = today;
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      report('audit.kept', { log: this.#log, why });
    }
  }

  #rule(): number | undefined {
    const config = tryReadConfig(this.#env);
    const kind = logKindOf(this.#log);
    if (!config.ok || kind === 'root' || kind === 'feed') return undefined;
    return config.value.audit.retention[kind];
  }
}
