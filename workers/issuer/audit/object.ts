import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import {
  type AuditRecord,
  type DecisionRecord,
  type GapRecord,
  keepable,
  type LinkedRecord,
  linkInput,
  type RefusalRecord,
  TRAIL_START,
} from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { migrate } from '../platform/sqlite.ts';
import type { AuditLogBinding, End } from './binding.ts';
import { classOf, hasRoom } from './capacity.ts';
import { BODY } from './columns.ts';
import { CountedRefusals } from './counted-refusals.ts';
import { AwaitedRecords } from './record-gaps.ts';
import { auditSchema } from './schema.ts';
import { agentOf, asRefusal, isStrangers, toRefused } from './strangers.ts';

// Of what is stored: an answer within an isolate has 32 MiB, and its copies share 128.
const AUDIT_PAGE_BYTES_MAX = 2 * 1024 * 1024;

/**
 * The append-only, hash-linked log of everything: mints, refusals, revocations, decisions. One
 * object for a tenant, so that its order is the order of what happened.
 */
export class AuditLog extends DurableObject implements AuditLogBinding {
  readonly #sql: SqlStorage;
  readonly #awaited: AwaitedRecords;
  readonly #refusals: CountedRefusals;
  /** Unix milliseconds for which this instance has set the alarm. */
  #wakesAt: number | undefined;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, auditSchema);
    this.#sql = ctx.storage.sql;
    this.#awaited = new AwaitedRecords(ctx.storage.sql);
    this.#refusals = new CountedRefusals(ctx.storage.sql);
  }

  /**
   * Appends in order and answers with the newest position. No content of a record keeps it from
   * being written. Throws where the log is too full for one of them, and then writes none: whoever
   * would grant something by it must not. Strangers' refusals are counted instead.
   *
   * No `await` between reading the chain's end and inserting: another event would read the same
   * end, and the chain would fork.
   */
  append(records: readonly AuditRecord[]): End {
    const now = readClock();
    const kept = records.map((record) => keepable(record, sha256, now));
    const taken = kept.filter((record) => this.#isTaken(record));
    return this.ctx.storage.transactionSync(() => {
      for (const gap of this.#awaited.takeMissing(now)) this.#writeGap(gap);
      for (const record of this.#refusals.takeOver(now)) {
        this.#write(keepable(record, sha256, now));
      }
      for (const record of taken) this.#take(record, now);
      this.#wake();
      return this.#end();
    });
  }

  /**
   * Records after `after` in order, of one workflow or of all; at most a page, by count and size.
   */
  read(filter: { workflow?: string; after: number; limit?: number }): LinkedRecord[] {
    const { workflow, after, limit = AUDIT_RECORDS_PER_PAGE_MAX } = filter;
    const most = Math.min(limit, AUDIT_RECORDS_PER_PAGE_MAX);
    const rows =
      workflow === undefined
        ? this.#sql.exec('SELECT * FROM record WHERE seq > ? ORDER BY seq', after)
        : this.#sql.exec(
            'SELECT * FROM record WHERE workflow = ? AND seq > ? ORDER BY seq',
            workflow,
            after,
          );
    const records: LinkedRecord[] = [];
    let bytes = 0;
    // One at a time: a page of long records is not read whole before it is found too long.
    for (const row of rows) {
      bytes += String(row.body).length;
      const isFull =
        records.length === most || (records.length > 0 && bytes > AUDIT_PAGE_BYTES_MAX);
      if (isFull) break;
      records.push({
        seq: Number(row.seq),
        previous: String(row.previous),
        hash: String(row.hash),
        record: BODY.read(row.body),
      });
    }
    return records;
  }

  /** A verifier says that it has numbered so many records: what does not come is missing. */
  expect(verifier: string, n: number): void {
    this.ctx.storage.transactionSync(() => {
      this.#awaited.expect(verifier, n, readClock());
      this.#wake();
    });
  }

  /** Writes down what should have come by now, and what was counted in minutes that are over. */
  override alarm(): void {
    this.#wakesAt = undefined;
    this.append([]);
  }

  /** Not awaited: it is part of the same write, and the answer waits for that. */
  #wake(): void {
    const due = [this.#awaited.dueAt() ?? [], this.#refusals.dueAt() ?? []].flat();
    const next = due.length > 0 ? Math.min(...due) : undefined;
    if (next === undefined || next === this.#wakesAt) return;
    this.#wakesAt = next;
    void this.ctx.storage.setAlarm(next);
  }

  /** False for a refusal that a log has no room for; throws for what must not go unrecorded. */
  #isTaken(record: AuditRecord): boolean {
    const kind = classOf(record);
    const bytes = this.ctx.storage.sql.databaseSize;
    if (hasRoom(kind, bytes)) return true;
    report('audit.full', { code: kind, bytes });
    if (record.event === 'refusal') return false;
    throw new Error(`the audit log has ${bytes} bytes, and takes no more of the kind ${kind}`);
  }

  #take(record: AuditRecord, now: number): void {
    if (this.#has(record.id)) return;
    const isNew = this.#tellGap(record);
    const refusal = asRefusal(record);
    if (!refusal || !this.#isCounted(refusal, now)) this.#write(record);
    // A batch that comes twice counts once: it brings numbers that were seen.
    else if (isNew) this.#refusals.add(toRefused(refusal, sha256), now);
  }

  /** Strangers have no record of their own, and an agent has so many refusals in an hour. */
  #isCounted(refusal: DecisionRecord | RefusalRecord, now: number): boolean {
    if (isStrangers(refusal)) return true;
    return refusal.event === 'refusal' && !this.#refusals.hasShare(agentOf(refusal), now);
  }

  #write(record: AuditRecord): void {
    const { seq: last, hash: previous } = this.#end();
    const seq = last + 1;
    const hash = sha256(linkInput(previous, seq, record));
    this.#sql.exec(
      'INSERT INTO record (seq, id, workflow, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)',
      seq,
      record.id,
      record.workflow ?? null,
      BODY.write(record),
      previous,
      hash,
    );
  }

  #has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM record WHERE id = ?', id).toArray().length > 0;
  }

  /** Says which records of a verifier never came before this one; whether this one is new. */
  #tellGap(record: AuditRecord): boolean {
    if (!('verifier' in record) || record.event === 'gap') return true;
    const { verifier, n: before } = record;
    if (typeof verifier !== 'string' || !Number.isSafeInteger(before)) return true;
    const [known] = this.#sql.exec('SELECT n FROM numbered WHERE verifier = ?', verifier).toArray();
    const after = Number(known?.n ?? 0);
    if (before <= after) return false; // It comes late, and the gap was told.
    this.#sql.exec(
      'INSERT INTO numbered (verifier, n) VALUES (?, ?) ON CONFLICT DO UPDATE SET n = excluded.n',
      verifier,
      before,
    );
    const id = `gap.${verifier}.${before}`;
    if (before > after + 1) {
      this.#writeGap({ event: 'gap', id, at: readClock(), verifier, after, before });
    }
    return true;
  }

  #writeGap(gap: GapRecord): void {
    const { verifier, after, before } = gap;
    report('audit.gap', { verifier, after, before });
    if (!this.#has(gap.id)) this.#write(gap);
  }

  #end(): End {
    const [row] = this.#sql
      .exec('SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1')
      .toArray();
    return row ? { seq: Number(row.seq), hash: String(row.hash) } : { seq: 0, hash: TRAIL_START };
  }
}

const sha256 = (bytes: Uint8Array<ArrayBuffer>): string =>
  createHash('sha256').update(bytes).digest('hex');
