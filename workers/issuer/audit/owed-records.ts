import { type AuditRecord, hashable } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import {
  AUDIT_ANSWER_MILLISECONDS,
  OWED_RETRY_MILLISECONDS_MAX,
  OWED_RETRY_MILLISECONDS_MIN,
  OWED_WAIT_MILLISECONDS,
} from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { OWED } from './columns.ts';
import { type OwedRow, type OwedStore, OwedTable } from './owed-store.ts';

/** A root with every workflow that may be below it. */
const OWED_PER_BATCH_MAX = 64;
/** After this many failures in one run, the log itself must be failing, not one of the records. */
const OWED_FAILURES_PER_RUN_MAX = 4;

interface Owed {
  readonly id: string;
  readonly record: AuditRecord;
  readonly tries: number;
}

/**
 * Records of stops that are in force and that the audit log does not have yet. Call `add` in the
 * transaction that stores the stop. No stop waits for `deliver`, so a log that is full, fails or
 * hangs delays none. Undelivered records stay, and the object's alarm retries them with backoff.
 */
export class OwedRecords {
  readonly #store: OwedStore;
  readonly #env: () => IssuerEnv;

  constructor(store: OwedStore, env: () => IssuerEnv) {
    this.#store = store;
    this.#env = env;
  }

  /** Owed records in the table `owed` of an object. */
  static inTable(sql: SqlStorage, env: () => IssuerEnv): OwedRecords {
    return new OwedRecords(new OwedTable(sql), env);
  }

  /** Synchronous. A record that is owed already stays owed once. */
  add(record: AuditRecord): void {
    if (this.has(record.id)) return;
    this.#store.add({ id: record.id, record: OWED.write(record), tries: 0, due: 0 });
  }

  has(id: string): boolean {
    return this.#store.has(id);
  }

  /** Returns when the alarm must call `deliver`; undefined if nothing is owed. */
  dueAt(now: UnixMilliseconds = readClock()): UnixMilliseconds | undefined {
    const due = this.#store.nextDue();
    return due === undefined ? undefined : Math.max(due, now + OWED_RETRY_MILLISECONDS_MIN);
  }

  /**
   * Tries to deliver for a moment and returns whether the log has the record. For answers that
   * report it. The rest is delivered later.
   */
  async isWritten(id: string): Promise<boolean> {
    await within(this.deliver(), OWED_WAIT_MILLISECONDS).catch(() => undefined);
    return !this.has(id);
  }

  /** Writes the records that are due. Never rejects, and may run twice at a time. */
  async deliver(): Promise<void> {
    for (;;) {
      const batch = this.#due(readClock());
      if (batch.length === 0 || !(await this.#deliverBatch(batch))) return;
    }
  }

  /** Writes a batch at once; if that fails, one by one, so that no record holds up another. */
  async #deliverBatch(batch: readonly Owed[]): Promise<boolean> {
    if (batch.length > 1 && (await this.#write(batch))) return true;
    let failures = 0;
    for (const one of batch) {
      if (await this.#write([one])) continue;
      this.#postpone(one);
      failures += 1;
      if (failures === OWED_FAILURES_PER_RUN_MAX) return false;
    }
    return true;
  }

  async #write(batch: readonly Owed[]): Promise<boolean> {
    try {
      const records = batch.map(({ record }) => hashable(record));
      await within(appendRecords(this.#env(), records), AUDIT_ANSWER_MILLISECONDS);
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      report('audit.owed', { records: batch.length, why });
      return false;
    }
    this.#store.remove(batch.map(({ id }) => id));
    return true;
  }

  #due(now: UnixMilliseconds): readonly Owed[] {
    return this.#store.due(now, OWED_PER_BATCH_MAX).flatMap((row) => this.#read(row) ?? []);
  }

  /** Reports and postpones an unreadable record, so that it holds up no other. */
  #read({ id, record, tries }: OwedRow): Owed | undefined {
    try {
      return { id, tries, record: OWED.read(record) };
    } catch (error) {
      report('audit.owed', { records: 1, why: (error as Error).message });
      this.#postpone({ id, tries });
      return undefined;
    }
  }

  #postpone({ id, tries }: Omit<Owed, 'record'>): void {
    const wait = Math.min(OWED_RETRY_MILLISECONDS_MIN * 2 ** tries, OWED_RETRY_MILLISECONDS_MAX);
    this.#store.postpone(id, tries + 1, readClock() + wait);
  }
}
