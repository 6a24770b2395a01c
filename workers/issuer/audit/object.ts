import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import {
  type AuditRecord,
  type GapRecord,
  type LinkedRecord,
  linkInput,
  TRAIL_START,
} from '../../../src/audit/index.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { migrate } from '../platform/sqlite.ts';
import { AwaitedRecords } from './awaited.ts';
import { BODY } from './columns.ts';
import { auditSchema } from './schema.ts';

/**
 * The append-only, hash-linked log of everything: mints, refusals, revocations, decisions. One
 * object for a tenant, so that its order is the order of what happened.
 */
export class AuditLog extends DurableObject {
  readonly #sql: SqlStorage;
  readonly #awaited: AwaitedRecords;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    migrate(ctx.storage, auditSchema);
    this.#sql = ctx.storage.sql;
    this.#awaited = new AwaitedRecords(ctx.storage.sql);
  }

  /**
   * Appends in order and answers with the newest position. No `await` between reading the chain's
   * end and inserting: another event would read the same end, and the chain would fork.
   */
  append(records: readonly AuditRecord[]): { seq: number; hash: string } {
    return this.ctx.storage.transactionSync(() => {
      let { seq, hash } = this.#end();
      const missing = this.#awaited.takeMissing(Date.now());
      for (const gap of missing) tellGap(gap);
      for (const record of [...missing, ...records.flatMap((one) => this.#withGap(one))]) {
        if (this.#has(record.id)) continue;
        const previous = hash;
        seq += 1;
        hash = createHash('sha256')
          .update(linkInput(previous, seq, record))
          .digest('hex');
        this.#sql.exec(
          'INSERT INTO record (seq, id, workflow, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)',
          ...[seq, record.id, record.workflow ?? null, BODY.write(record), previous, hash],
        );
      }
      return { seq, hash };
    });
  }

  /** A verifier says that it has numbered so many records: what does not come is missing. */
  async expect(verifier: string, n: number): Promise<void> {
    this.ctx.storage.transactionSync(() => this.#awaited.expect(verifier, n, Date.now()));
    await this.#wake();
  }

  /** Writes down what should have come by now. */
  override async alarm(): Promise<void> {
    this.append([]);
    await this.#wake();
  }

  async #wake(): Promise<void> {
    const due = this.#awaited.dueAt();
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
  }

  /** Records after `after` in order, of one workflow or of all; at most a page. */
  read(filter: { workflow?: string; after: number }): LinkedRecord[] {
    const { workflow, after } = filter;
    const rows =
      workflow === undefined
        ? this.#sql.exec(
            'SELECT * FROM record WHERE seq > ? ORDER BY seq LIMIT ?',
            ...[after, AUDIT_RECORDS_PER_PAGE_MAX],
          )
        : this.#sql.exec(
            'SELECT * FROM record WHERE workflow = ? AND seq > ? ORDER BY seq LIMIT ?',
            ...[workflow, after, AUDIT_RECORDS_PER_PAGE_MAX],
          );
    return rows.toArray().map((row) => ({
      seq: Number(row.seq),
      previous: String(row.previous),
      hash: String(row.hash),
      record: BODY.read(row.body),
    }));
  }

  #has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM record WHERE id = ?', id).toArray().length > 0;
  }

  /** A verifier's record, after one that says which of its records before it never came. */
  #withGap(record: AuditRecord): readonly AuditRecord[] {
    if (!('verifier' in record) || record.event === 'gap' || this.#has(record.id)) return [record];
    const { verifier, n: before } = record;
    const [known] = this.#sql.exec('SELECT n FROM numbered WHERE verifier = ?', verifier).toArray();
    const after = Number(known?.n ?? 0);
    if (before <= after) return [record]; // It comes late, and the gap was told.
    this.#sql.exec(
      'INSERT INTO numbered (verifier, n) VALUES (?, ?) ON CONFLICT DO UPDATE SET n = excluded.n',
      ...[verifier, before],
    );
    if (before === after + 1) return [record];
    const id = `gap.${verifier}.${before}`;
    const gap: GapRecord = { event: 'gap', id, at: Date.now(), verifier, after, before };
    tellGap(gap);
    return [gap, record];
  }

  #end(): { seq: number; hash: string } {
    const [row] = this.#sql
      .exec('SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1')
      .toArray();
    return row ? { seq: Number(row.seq), hash: String(row.hash) } : { seq: 0, hash: TRAIL_START };
  }
}

function tellGap({ verifier, after, before }: GapRecord): void {
  report('audit.gap', { verifier, after, before });
}
