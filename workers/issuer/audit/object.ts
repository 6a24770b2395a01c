import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import {
  type AuditRecord,
  type GapRecord,
  type LinkedRecord,
  linkInput,
  recordClassOf,
  storedForm,
  TRAIL_START,
} from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../../src/limits.ts';
import { BoundedCounter } from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { migrate, schemaVersionOf } from '../platform/sqlite.ts';
import type {
  AuditFill,
  AuditFilter,
  AuditLogBinding,
  LogPosition,
  NotAppended,
  RecordSource,
} from './binding.ts';
import { GRANTS_BYTES_MAX, hasRoom, REMOTE_BYTES_MAX, TRAFFIC_BYTES_MAX } from './capacity.ts';
import { BODY } from './columns.ts';
import { CountedRefusals } from './counted-refusals.ts';
import { RecordGaps } from './record-gaps.ts';
import { auditSchema } from './schema.ts';

/** Processes of one credential whose records are late at the same time. */
export const AWAITED_PER_CREDENTIAL_MAX = 1_000;
/** One answer in an isolate has 32 MiB, and its copies share 128. */
const AUDIT_PAGE_BYTES_MAX = 2 * 1024 * 1024;

/**
 * The append-only, hash-linked log of mints, refusals, revocations and decisions. One object per
 * tenant, so that the order of the log is the order of events.
 */
export class AuditLog extends DurableObject implements AuditLogBinding {
  readonly #sql: SqlStorage;
  readonly #gaps: RecordGaps;
  readonly #refusals: CountedRefusals;
  /** Records by source, for each limit: one, unless the deployment has just changed it. */
  readonly #rates = new Map<number, BoundedCounter>();
  /** The time for which this instance has set the alarm. */
  #wakesAt: UnixMilliseconds | undefined;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, auditSchema);
    this.#sql = ctx.storage.sql;
    this.#gaps = new RecordGaps(ctx.storage.sql);
    this.#refusals = new CountedRefusals(ctx.storage.sql, sha256);
  }

  /**
   * Appends records in order and returns the newest position. No content of a record keeps it from
   * being written. Throws if the log is too full for one of them, and then writes none: the caller
   * must not grant what it wanted to record. A refusal that does not fit is dropped instead.
   *
   * There is no `await` between reading the chain's end and inserting: another event would read
   * the same end, and the chain would fork.
   */
  append(records: readonly AuditRecord[]): LogPosition {
    const now = readClock();
    const accepted = records
      .map((record) => storedForm(record, sha256, now))
      .filter((record) => this.#accepts(record));
    return this.ctx.storage.transactionSync(() => {
      for (const gap of this.#gaps.takeOverdue(now)) this.#writeGap(gap);
      for (const record of this.#refusals.takeFinished(now)) {
        this.#write(storedForm(record, sha256, now));
      }
      for (const record of accepted) this.#appendOne(record, now);
      this.#schedule();
      return this.#end();
    });
  }

  /**
   * Appends records that a verifier sent over HTTP, all or none. One source is bounded in records a
   * minute, and all of them together in the size of the log. Counted here, because one object sees
   * the requests of every isolate.
   */
  appendFrom(source: RecordSource, records: readonly AuditRecord[]): Result<null, NotAppended> {
    const { name, perMinute } = source;
    const bytes = this.ctx.storage.sql.databaseSize;
    if (bytes >= REMOTE_BYTES_MAX) {
      report('audit.full', { code: 'remote', bytes });
      return refuse({ code: 'log_full' });
    }
    const counter = this.#rates.get(perMinute) ?? new BoundedCounter({ perMinute });
    this.#rates.set(perMinute, counter);
    const taken = counter.take(name, readClock(), records.length);
    if (!taken.ok) {
      report('rate.limited', { code: 'records', verifier: name });
      return refuse({ code: 'rate_limited', ...taken.error });
    }
    this.append(records);
    return ok(null);
  }

  /**
   * Returns the records after position `after` in order, of one workflow or of all, and of every
   * mode or of calls that were only observed; at most one page by count and size.
   */
  read(filter: AuditFilter): LinkedRecord[] {
    const { workflow, mode, after, limit = AUDIT_RECORDS_PER_PAGE_MAX } = filter;
    const most = Math.min(limit, AUDIT_RECORDS_PER_PAGE_MAX);
    const from = mode === undefined ? 'record' : 'sampled JOIN record USING (seq)';
    const rows =
      workflow === undefined
        ? this.#sql.exec(`SELECT record.* FROM ${from} WHERE seq > ? ORDER BY seq`, after)
        : this.#sql.exec(
            `SELECT record.* FROM ${from} WHERE workflow = ? AND seq > ? ORDER BY seq`,
            ...[workflow, after],
          );
    const records: LinkedRecord[] = [];
    let bytes = 0;
    // Row by row, so that long records are not all read before the page turns out to be full.
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

  /**
   * A verifier announces how many records it has numbered. Those that do not arrive are missing.
   * Bounded for those of one credential, because each announcement can become a gap record.
   */
  expect(verifier: string, n: number): void {
    const [credential, own] = verifier.split(':', 2);
    const isRemote = own !== undefined;
    if (isRemote && this.ctx.storage.sql.databaseSize >= REMOTE_BYTES_MAX) return;
    this.ctx.storage.transactionSync(() => {
      if (isRemote && this.#gaps.awaitedOf(`${credential}:`) >= AWAITED_PER_CREDENTIAL_MAX) return;
      this.#gaps.announce(verifier, n, readClock());
      this.#schedule();
    });
  }

  /** Returns how full the log is. */
  fill(): AuditFill {
    return {
      records: this.#end().seq,
      bytes: this.#sql.databaseSize,
      trafficBytesMax: TRAFFIC_BYTES_MAX,
      grantsBytesMax: GRANTS_BYTES_MAX,
      schema: schemaVersionOf(this.ctx.storage, auditSchema),
    };
  }

  /** Records overdue gaps, and the refusals of finished minutes. */
  override alarm(): void {
    this.#wakesAt = undefined;
    this.append([]);
  }

  /** Does not await the alarm: it belongs to the same write, which the answer waits for. */
  #schedule(): void {
    const due = [this.#gaps.dueAt() ?? [], this.#refusals.dueAt() ?? []].flat();
    const next = due.length > 0 ? Math.min(...due) : undefined;
    if (next === undefined || next === this.#wakesAt) return;
    this.#wakesAt = next;
    void this.ctx.storage.setAlarm(next);
  }

  /** Returns false for a refusal that does not fit; throws for any other record that does not. */
  #accepts(record: AuditRecord): boolean {
    const code = recordClassOf(record);
    const bytes = this.ctx.storage.sql.databaseSize;
    if (hasRoom(code, bytes)) return true;
    report('audit.full', { code, bytes });
    if (record.event === 'refusal') return false;
    throw new Error(`the audit log is full for records of class ${code}: it has ${bytes} bytes`);
  }

  #appendOne(record: AuditRecord, now: UnixMilliseconds): void {
    if (this.#has(record.id)) return;
    const { isNew, gap } = this.#gaps.arrived(record, now);
    if (gap) this.#writeGap(gap);
    if (!this.#refusals.isCounted(record, now)) this.#write(record);
    // A repeated batch brings known numbers, so its refusals are not counted again.
    else if (isNew) this.#refusals.count(record, now);
  }

  #write(record: AuditRecord): void {
    const { seq: last, hash: previous } = this.#end();
    const seq = last + 1;
    const hash = sha256(linkInput(previous, seq, record));
    this.#sql.exec(
      'INSERT INTO record (seq, id, workflow, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)',
      ...[seq, record.id, record.workflow ?? null, BODY.write(record), previous, hash],
    );
    if (record.event === 'decision' && record.mode === 'observe') {
      this.#sql.exec('INSERT INTO sampled (seq) VALUES (?)', seq);
    }
  }

  #has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM record WHERE id = ?', id).toArray().length > 0;
  }

  #writeGap(gap: GapRecord): void {
    const { verifier, after, before } = gap;
    report('audit.gap', { verifier, after, before });
    if (!this.#has(gap.id)) this.#write(gap);
  }

  #end(): LogPosition {
    const [row] = this.#sql
      .exec('SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1')
      .toArray();
    return row ? { seq: Number(row.seq), hash: String(row.hash) } : { seq: 0, hash: TRAIL_START };
  }
}

const sha256 = (bytes: Uint8Array<ArrayBuffer>): string =>
  createHash('sha256').update(bytes).digest('hex');
