import { createHash } from 'node:crypto';
import {
  type AuditRecord,
  type GapRecord,
  recordClassOf,
  storedForm,
} from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { hasRoom } from '../audit/capacity.ts';
import { CountedRefusals } from '../audit/counted-refusals.ts';
import type { ArrivedNumbers } from './binding.ts';
import type { KnownIds } from './known-ids.ts';
import type { LivingWorkflows } from './living.ts';
import type { PendingRecords } from './pending.ts';
import type { VerifierNumbers } from './verifier-numbers.ts';

interface IntakeParts {
  readonly sql: SqlStorage;
  readonly pending: PendingRecords;
  readonly ids: KnownIds;
  readonly numbers: VerifierNumbers;
  readonly living: LivingWorkflows;
  /** The size of the database. */
  readonly bytes: () => number;
}

/**
 * What becomes of records that arrive: rows, each once, with the gaps and the counted refusals that
 * go with them.
 */
export class RecordIntake {
  readonly #parts: IntakeParts;
  readonly #refusals: CountedRefusals;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#refusals = new CountedRefusals(parts.sql, sha256);
  }

  /** Returns when an empty append has something to write. */
  dueAt(): UnixMilliseconds | undefined {
    return this.#refusals.dueAt();
  }

  /**
   * Writes records and returns the index of the first. Throws if the log is too full for one of
   * them. Call it in `transaction`.
   */
  append(
    records: readonly AuditRecord[],
    now: UnixMilliseconds,
    arrived?: readonly ArrivedNumbers[],
  ): number {
    const { ids, living, numbers, pending } = this.#parts;
    const accepted = records
      .map((record) => storedForm(record, sha256, now))
      .filter((record) => this.#accepts(record));
    const known = accepted.flatMap(({ id }) => ids.indexOf(id) ?? []);
    const fresh = new Map<string, AuditRecord>();
    for (const gap of numbers.takeOverdue(now)) this.#addGap(gap, fresh);
    for (const record of this.#refusals.takeFinished(now)) {
      fresh.set(record.id, storedForm(record, sha256, now));
    }
    const first = pending.size + fresh.size;
    const elsewhere = arrived && numbers.noteAll(arrived, now);
    for (const gap of elsewhere?.gaps ?? []) this.#addGap(gap, fresh);
    for (const record of accepted) this.#add(record, fresh, now, elsewhere?.fresh);
    for (const record of fresh.values()) living.note(record);
    if (fresh.size > 0) ids.note(pending.append([...fresh.values()], now), [...fresh.keys()]);
    numbers.keepUnwritten();
    return Math.min(first, ...known);
  }

  /** Appends the last record of the log, after all refusals that are counted. */
  close(record: AuditRecord, now: UnixMilliseconds): void {
    const counted = this.#refusals.takeFinished(Number.POSITIVE_INFINITY);
    const last = [...counted, record].map((one) => storedForm(one, sha256, now));
    this.#parts.ids.note(
      this.#parts.pending.append(last, now),
      last.map(({ id }) => id),
    );
  }

  /** Runs writes in a transaction, after whose failure memory is as before. */
  transaction(storage: Pick<DurableObjectStorage, 'transactionSync'>, writes: () => void): void {
    const { ids, numbers, pending } = this.#parts;
    const { size, bytes } = pending;
    numbers.begin();
    try {
      storage.transactionSync(writes);
    } catch (error) {
      pending.restore(size, bytes);
      ids.withdraw(size);
      numbers.withdraw();
      throw error;
    }
  }

  #add(
    record: AuditRecord,
    fresh: Map<string, AuditRecord>,
    now: UnixMilliseconds,
    newIds?: ReadonlySet<string>,
  ): void {
    const { ids, numbers } = this.#parts;
    if (ids.indexOf(record.id) !== undefined || fresh.has(record.id)) return;
    const { isNew, gap } = newIds ? { isNew: newIds.has(record.id) } : numbers.arrived(record, now);
    if (gap) this.#addGap(gap, fresh);
    if (!this.#refusals.isCounted(record, now)) fresh.set(record.id, record);
    // A repeated batch brings known numbers, so its refusals are not counted again.
    else if (isNew) {
      this.#refusals.count(record, now);
      numbers.leftNoRow();
    }
  }

  #addGap(gap: GapRecord, fresh: Map<string, AuditRecord>): void {
    const { verifier, after, before } = gap;
    report('audit.gap', { verifier, after, before });
    if (this.#parts.ids.indexOf(gap.id) === undefined) fresh.set(gap.id, gap);
  }

  /** Returns false for a refusal that does not fit; throws for any other record that does not. */
  #accepts(record: AuditRecord): boolean {
    const code = recordClassOf(record);
    const bytes = this.#parts.bytes();
    if (hasRoom(code, bytes)) return true;
    report('audit.full', { code, bytes });
    if (record.event === 'refusal') return false;
    throw new Error(`the audit log is full for records of class ${code}: it has ${bytes} bytes`);
  }
}

const sha256 = (bytes: Uint8Array<ArrayBuffer>): string =>
  createHash('sha256').update(bytes).digest('hex');
