import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import {
  type AuditRecord,
  type LinkedRecord,
  linkInput,
  OLD_LOG,
  storedForm,
  TRAIL_START,
} from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { noteSigner } from '../../../src/tlog/index.ts';
import { originIn } from '../log/origin.ts';
import { tryReadConfig } from '../platform/config.ts';
import { archiveOf, type IssuerEnv, transparencyLog } from '../platform/env.ts';
import { migrate, schemaVersionOf } from '../platform/sqlite.ts';
import type { AuditFilter, AuditLogBinding, CarriedState, FormerEnd } from './binding.ts';
import { CarryOver, readCarried, writeClosing } from './carry-over.ts';
import { BODY } from './columns.ts';
import { CountedRefusals } from './counted-refusals.ts';
import { takeAwaited } from './record-gaps.ts';
import { auditSchema } from './schema.ts';

/** One answer in an isolate has 32 MiB, and its copies share 128. */
const AUDIT_PAGE_BYTES_MAX = 2 * 1024 * 1024;
/** Between two steps, so that readers get their turn. */
const STEP_MILLISECONDS = 200;
/** After a step that failed, or that a person must look at. */
const RETRY_MILLISECONDS = 60_000;
const FAULT_MILLISECONDS = 3_600_000;
/** Between two rounds of the log `old`: no record wakes it, and each deletes only so much. */
const OLD_ROUND_MILLISECONDS = 3_600_000;

/**
 * The log of releases before 0.4.0: all records of a deployment in one hash-linked chain. Nothing
 * is appended to it any more. It carries its records over to the log `old`, and is then empty.
 */
export class AuditLog extends DurableObject<IssuerEnv> implements AuditLogBinding {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as IssuerEnv);
    migrate(ctx.storage, auditSchema);
    this.#sql = ctx.storage.sql;
  }

  /**
   * Closes the log, and returns its end, which the first record of the control log names. What it
   * still counted or awaited becomes records first. The same end is returned ever after.
   */
  close(): FormerEnd {
    const known = readCarried(this.#sql);
    if (known) return { size: known.size, hash: known.hash };
    const now = readClock();
    return this.ctx.storage.transactionSync(() => {
      const refusals = new CountedRefusals(this.#sql, sha256);
      // A minute that has not ended, and an announcement that is not due, have no later record
      // here.
      for (const gap of takeAwaited(this.#sql, now)) this.#write(gap);
      for (const record of refusals.takeFinished(Number.MAX_SAFE_INTEGER)) {
        this.#write(storedForm(record, sha256, now));
      }
      const end = this.#end();
      writeClosing(this.#sql, end, now);
      if (end.size > 0) void this.ctx.storage.setAlarm(now);
      return end;
    });
  }

  /** Returns the highest number of a verifier's records that this log has seen; 0 if none. */
  numbered(verifier: string): number {
    const [known] = this.#sql.exec('SELECT n FROM numbered WHERE verifier = ?', verifier).toArray();
    return Number(known?.n ?? 0);
  }

  /** Returns how far the records are carried over. */
  carried(): CarriedState {
    const carried = readCarried(this.#sql);
    const schema = schemaVersionOf(this.ctx.storage, auditSchema);
    if (!carried) return { size: this.#end().size, isClosed: false, isEmpty: false, schema };
    const { size, sealed, compared, emptied_at: emptiedAt } = carried;
    const isEmpty = emptiedAt !== undefined;
    return { size, isClosed: true, isEmpty, archived: sealed, compared, schema };
  }

  /**
   * Returns the records after position `after` in order, of one workflow or of all, and of every
   * mode or of calls that were only observed; at most one page by count and size. None once they
   * are carried over: the log `old` has them.
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

  /** Carries the next records over. */
  override async alarm(): Promise<void> {
    const wait = await this.#step();
    if (wait !== undefined) await this.ctx.storage.setAlarm(readClock() + wait);
  }

  /** Returns after how long the next step is due; undefined if there is none. */
  async #step(): Promise<number | undefined> {
    try {
      const config = tryReadConfig(this.env);
      const key = config.ok ? config.value.audit.logKey : undefined;
      const origin = originIn(this.env, OLD_LOG);
      const signer = key === undefined ? undefined : await noteSigner(origin, 'log', key);
      const archive = archiveOf(this.env, OLD_LOG);
      const carryOver = new CarryOver(this.ctx.storage, archive, signer);
      const step = await carryOver.step(readClock());
      if (step.kind === 'done') return await this.#roundOfOld();
      if (step.kind !== 'fault') return STEP_MILLISECONDS;
      report('audit.carry_over', { code: step.code, why: step.why });
      return FAULT_MILLISECONDS;
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      report('audit.carry_over', { code: 'archive_unavailable', why });
      return RETRY_MILLISECONDS;
    }
  }

  /**
   * The log `old` takes over what this one published: its checkpoint is recorded in the root log
   * and cosigned, and the rule of retention is applied to it.
   */
  async #roundOfOld(): Promise<number | undefined> {
    if (readCarried(this.#sql)?.size === 0) return undefined;
    try {
      await transparencyLog(this.env, OLD_LOG).round();
      return OLD_ROUND_MILLISECONDS;
    } catch {
      // The log has reported why.
      return RETRY_MILLISECONDS;
    }
  }

  #write(record: AuditRecord): void {
    const { size, hash: previous } = this.#end();
    const seq = size + 1;
    const known = this.#sql.exec('SELECT 1 FROM record WHERE id = ?', record.id).toArray();
    if (known.length > 0) return;
    this.#sql.exec(
      'INSERT INTO record (seq, id, workflow, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)',
      ...[seq, record.id, record.workflow ?? null, BODY.write(record), previous],
      sha256(linkInput(previous, seq, record)),
    );
  }

  #end(): FormerEnd {
    const [row] = this.#sql
      .exec('SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1')
      .toArray();
    return row ? { size: Number(row.seq), hash: String(row.hash) } : { size: 0, hash: TRAIL_START };
  }
}

const sha256 = (bytes: Uint8Array<ArrayBuffer>): string =>
  createHash('sha256').update(bytes).digest('hex');
