import type { LogName } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import { fromUtf8 } from '../../../src/encoding.ts';
import type { Archive } from '../archive/archive.ts';

const READ_MILLISECONDS_MIN = 60_000; // A round of a log is a minute.
/** The log of logs, and until it has a checkpoint the log of what grants power. */
const LOGS: readonly LogName[] = ['root', 'control'];

/**
 * The newest checkpoint of the audit logs, which heads carry: so every verifier holds a copy that
 * the issuer cannot take back. Heads do not wait for it.
 */
export class AuditNote {
  readonly #archiveOf: (log: LogName) => Archive;
  #note: string | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(archiveOf: (log: LogName) => Archive) {
    this.#archiveOf = archiveOf;
  }

  /** The note as it was last read, if there is one. */
  get current(): string | undefined {
    return this.#note;
  }

  /** Reads it again if that was a minute ago. Keeps the last one if the archive does not answer. */
  async freshen(): Promise<void> {
    const now = readClock();
    if (now - this.#readAt < READ_MILLISECONDS_MIN) return;
    this.#readAt = now;
    for (const log of LOGS) {
      const object = await this.#archiveOf(log)
        .get('checkpoint')
        .catch(() => undefined);
      const note = object && fromUtf8(object.bytes);
      if (note === undefined) continue;
      this.#note = note;
      return;
    }
  }
}
