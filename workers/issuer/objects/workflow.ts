import { DurableObject } from 'cloudflare:workers';
import type { RevocationRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { auditLog, type IssuerEnv, revocationLog } from '../config.ts';

export type WorkflowState = 'active' | 'revoked' | 'expired';

/** What a workflow is begun with; everything is fixed but its state. */
export interface WorkflowStart {
  readonly id: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly task: string;
  readonly gen: number;
  readonly audience: string;
  readonly grants: readonly Grant[];
  /** Unix seconds. */
  readonly startedAt: number;
  /** Unix seconds: no token of the workflow lives longer. */
  readonly expires: number;
  /** Revocation ids of the authority blocks that were minted for it. */
  readonly blocks: readonly string[];
}

export interface WorkflowView extends WorkflowStart {
  readonly state: WorkflowState;
  readonly revocation?: { readonly actor: string; readonly reason: string; readonly seq: number };
}

export interface RevokeRequest {
  readonly actor: string;
  readonly reason: string;
}

export interface Revoked {
  readonly epoch: number;
  readonly seq: number;
}

/** One workflow: its facts, its state, and the order in which its end is written. */
export class Workflow extends DurableObject<IssuerEnv> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS workflow (
        one   INTEGER PRIMARY KEY CHECK (one = 1),
        start TEXT NOT NULL,           -- WorkflowStart as JSON, never changed
        state TEXT NOT NULL CHECK (state IN ('active', 'revoked', 'expired')),
        seq   INTEGER                  -- of the feed entry that revoked it
      ) STRICT;
      CREATE TABLE IF NOT EXISTS revocation (
        one    INTEGER PRIMARY KEY CHECK (one = 1),
        record TEXT NOT NULL,          -- what will be, or was, written to the audit log
        done   INTEGER NOT NULL CHECK (done IN (0, 1))
      ) STRICT;
      CREATE TRIGGER IF NOT EXISTS terminal_states_absorb BEFORE UPDATE OF state ON workflow
        WHEN OLD.state <> 'active' AND NEW.state <> OLD.state
        BEGIN SELECT RAISE(ABORT, 'a workflow that has ended stays ended'); END;
    `);
  }

  /** Begins the workflow. Its token is handed out only after this answered. */
  async begin(start: WorkflowStart): Promise<Result<null, { code: 'workflow_exists' }>> {
    if (this.#row()) return refuse({ code: 'workflow_exists' });
    this.#sql.exec(
      "INSERT INTO workflow (one, start, state) VALUES (1, ?, 'active')",
      JSON.stringify(start),
    );
    await this.ctx.storage.setAlarm((start.expires + 1) * 1000);
    return ok(null);
  }

  /** Undefined for a workflow that was never begun. */
  view(): WorkflowView | undefined {
    const row = this.#row();
    if (!row) return undefined;
    const revocation = this.#revocation();
    return {
      ...row.start,
      // The alarm that writes it down may be late; a reader is told what holds.
      state:
        row.state === 'active' && Date.now() / 1000 > row.start.expires ? 'expired' : row.state,
      ...(row.seq !== undefined &&
        revocation && {
          revocation: {
            actor: revocation.record.actor,
            reason: revocation.record.reason,
            seq: row.seq,
          },
        }),
    };
  }

  /**
   * Ends the workflow for ever. The intent is stored first, with an alarm; then audit, feed, own
   * row, in that order. A crash between any two leaves the alarm to finish it, and every step is
   * idempotent. The answer means that the feed has it.
   */
  async revoke(request: RevokeRequest): Promise<Result<Revoked, { code: 'workflow_unknown' }>> {
    const row = this.#row();
    if (!row) return refuse({ code: 'workflow_unknown' });
    if (!this.#revocation()) {
      const { id: workflow, agent, subject, owner, task } = row.start;
      const record: RevocationRecord = {
        event: 'revocation',
        id: `revocation.${workflow}`,
        at: Date.now(),
        ...{ workflow, agent, subject, owner, task },
        ...{ kind: 'workflow', target: workflow, actor: request.actor, reason: request.reason },
      };
      this.#sql.exec(
        'INSERT INTO revocation (one, record, done) VALUES (1, ?, 0)',
        JSON.stringify(record),
      );
      await this.ctx.storage.setAlarm(Date.now() + 2_000);
    }
    return ok(await this.#finishRevocation());
  }

  /** Fires at the end of the workflow's life, and soon after an intent that a crash left behind. */
  override async alarm(): Promise<void> {
    const row = this.#row();
    if (!row) return;
    const revocation = this.#revocation();
    if (revocation && !revocation.done) await this.#finishRevocation();
    const { expires } = row.start;
    if (Date.now() / 1000 <= expires) {
      await this.ctx.storage.setAlarm((expires + 1) * 1000);
    } else if (this.#row()?.state === 'active') {
      this.#sql.exec("UPDATE workflow SET state = 'expired'");
    }
  }

  async #finishRevocation(): Promise<Revoked> {
    const row = this.#row();
    const revocation = this.#revocation();
    if (!row || !revocation) throw new Error('a revocation is finished that was never begun');
    await auditLog(this.env).append([revocation.record]);
    const { at } = revocation.record;
    const revoked = await revocationLog(this.env).revoke({
      ...{ kind: 'workflow', id: row.start.id, at: Math.floor(at / 1000) },
      expires: row.start.expires + CLOCK_SKEW_SECONDS_MAX,
    });
    this.ctx.storage.transactionSync(() => {
      // A workflow that expired meanwhile stays expired: its tokens are dead either way.
      this.#sql.exec("UPDATE workflow SET state = 'revoked' WHERE state = 'active'");
      this.#sql.exec('UPDATE workflow SET seq = ?', revoked.seq);
      this.#sql.exec('UPDATE revocation SET done = 1');
    });
    return revoked;
  }

  #row(): { start: WorkflowStart; state: WorkflowState; seq: number | undefined } | undefined {
    const [row] = this.#sql.exec('SELECT start, state, seq FROM workflow').toArray();
    if (!row) return undefined;
    return {
      start: JSON.parse(String(row.start)) as WorkflowStart,
      state: row.state as WorkflowState,
      seq: row.seq === null ? undefined : Number(row.seq),
    };
  }

  #revocation(): { record: RevocationRecord; done: boolean } | undefined {
    const [row] = this.#sql.exec('SELECT record, done FROM revocation').toArray();
    if (!row) return undefined;
    return {
      record: JSON.parse(String(row.record)) as RevocationRecord,
      done: row.done === 1,
    };
  }
}
