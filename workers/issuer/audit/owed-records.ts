import type { AuditRecord } from '../../../src/audit/index.ts';
import { writable } from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import {
  AUDIT_ANSWER_MILLISECONDS,
  OWED_RETRY_MILLISECONDS_MAX,
  OWED_RETRY_MILLISECONDS_MIN,
  OWED_WAIT_MILLISECONDS,
} from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import { auditLog, type IssuerEnv } from '../platform/config.ts';
import { OWED } from './columns.ts';

const OWED_PER_BATCH_MAX = 64; // A root with all that may stand below it.
const OWED_FAILURES_PER_RUN_MAX = 4; // After which it is the log, and not what it is given.

interface Owed {
  readonly id: string;
  readonly record: AuditRecord;
  readonly tries: number;
}

/**
 * Records of what took power away: it is in force already, and the audit log has still to have
 * them. `add` belongs into the transaction that stores what was done; no stop waits for `deliver`,
 * so a log that is full, fails or never answers delays none. What could not be written stays, and
 * the object's alarm comes back to it, less and less often.
 */
export class OwedRecords {
  readonly #sql: SqlStorage;
  readonly #env: () => IssuerEnv;

  constructor(sql: SqlStorage, env: () => IssuerEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  /** Synchronous; a record that is owed already is owed once. */
  add(record: AuditRecord): void {
    this.#sql.exec(
      'INSERT INTO owed (id, record, tries, due) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING',
      record.id,
      OWED.write(record),
    );
  }

  has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM owed WHERE id = ?', id).toArray().length > 0;
  }

  /** Unix milliseconds of the next `deliver`, for the alarm; undefined where nothing is owed. */
  dueAt(now = readClock()): number | undefined {
    const { due } = this.#sql.exec('SELECT MIN(due) AS due FROM owed').one();
    return due === null ? undefined : Math.max(Number(due), now + OWED_RETRY_MILLISECONDS_MIN);
  }

  /**
   * Tries for a moment, for whoever is about to be answered, and says whether the log has the
   * record. What is not written by then is written later.
   */
  async isWritten(id: string): Promise<boolean> {
    await within(this.deliver(), OWED_WAIT_MILLISECONDS).catch(() => undefined);
    return !this.has(id);
  }

  /** Writes what is due. Never rejects; may run twice at a time, since a record is there once. */
  async deliver(): Promise<void> {
    for (;;) {
      const batch = this.#due(readClock());
      if (batch.length === 0 || !(await this.#deliverBatch(batch))) return;
    }
  }

  /** Together, which is quick; where that fails one by one, so that none can hold up another. */
  async #deliverBatch(batch: readonly Owed[]): Promise<boolean> {
    if (batch.length > 1 && (await this.#write(batch))) return true;
    let failures = 0;
    for (const one of batch) {
      if (await this.#write([one])) continue;
      this.#postpone(one);
      failures += 1;
      // It is the log that fails, and not a record of these.
      if (failures === OWED_FAILURES_PER_RUN_MAX) return false;
    }
    return true;
  }

  async #write(batch: readonly Owed[]): Promise<boolean> {
    try {
      const records = batch.map(({ record }) => writable(record));
      await within(auditLog(this.#env()).append(records), AUDIT_ANSWER_MILLISECONDS);
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      report('audit.owed', { records: batch.length, why });
      return false;
    }
    for (const { id } of batch) this.#sql.exec('DELETE FROM owed WHERE id = ?', id);
    return true;
  }

  #due(now: number): readonly Owed[] {
    return this.#sql
      .exec(
        'SELECT id, record, tries FROM owed WHERE due <= ? ORDER BY n LIMIT ?',
        now,
        OWED_PER_BATCH_MAX,
      )
      .toArray()
      .flatMap((row) => this.#read(row) ?? []);
  }

  /** One that nobody can read any more holds up none either. */
  #read({ id, record, tries }: Record<string, SqlStorageValue>): Owed | undefined {
    const known = { id: String(id), tries: Number(tries) };
    try {
      return { ...known, record: OWED.read(record) };
    } catch (error) {
      report('audit.owed', { records: 1, why: (error as Error).message });
      this.#postpone(known);
      return undefined;
    }
  }

  #postpone({ id, tries }: Omit<Owed, 'record'>): void {
    const wait = Math.min(
      OWED_RETRY_MILLISECONDS_MIN * 2 ** Math.min(tries, 30),
      OWED_RETRY_MILLISECONDS_MAX,
    );
    this.#sql.exec(
      'UPDATE owed SET tries = ?, due = ? WHERE id = ?',
      tries + 1,
      readClock() + wait,
      id,
    );
  }
}
