import { DurableObject } from 'cloudflare:workers';
import type { RevocationRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
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
  /** A revocation id: kills what was narrowed from that block, and leaves the workflow alive. */
  readonly block?: string;
  /**
   * Said by an operator who means it: revoke also where no such workflow was begun, because what
   * was lost of a mint must not protect its token.
   */
  readonly evenUnknown?: true;
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
        state TEXT NOT NULL CHECK (state IN ('active', 'revoked', 'expired'))
      ) STRICT;
      CREATE TABLE IF NOT EXISTS revocation (
        target TEXT PRIMARY KEY,       -- this workflow's id, or the revocation id of a block
        record TEXT NOT NULL,          -- what will be, or was, written to the audit log
        seq    INTEGER                 -- of the feed's entry; null until the feed has it
      ) STRICT;
      CREATE TRIGGER IF NOT EXISTS terminal_states_absorb BEFORE UPDATE OF state ON workflow
        WHEN OLD.state <> 'active' AND NEW.state <> OLD.state
        BEGIN SELECT RAISE(ABORT, 'a workflow that has ended stays ended'); END;
    `);
  }

  /** Begins the workflow. Its token is handed out only after this answered. */
  async begin(start: WorkflowStart): Promise<Result<null, { code: 'workflow_exists' }>> {
    if (this.#row() || this.#isTouched()) return refuse({ code: 'workflow_exists' });
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
    const revocation = this.#revocation(row.start.id);
    return {
      ...row.start,
      // The alarm that writes it down may be late; a reader is told what holds.
      state:
        row.state === 'active' && Date.now() / 1000 > row.start.expires ? 'expired' : row.state,
      ...(revocation?.seq !== undefined && {
        revocation: {
          ...{ actor: revocation.record.actor, reason: revocation.record.reason },
          seq: revocation.seq,
        },
      }),
    };
  }

  /**
   * Revokes the workflow for ever, or one block of its tokens. The intent is stored first, with an
   * alarm; then audit, feed, own row, in that order. A crash between any two leaves the alarm to
   * finish it, and every step is idempotent. The answer means that the feed has it.
   */
  async revoke(request: RevokeRequest): Promise<Result<Revoked, { code: 'workflow_unknown' }>> {
    const start = this.#row()?.start;
    if (!start && !request.evenUnknown) return refuse({ code: 'workflow_unknown' });
    const workflow = start?.id ?? this.#name();
    const who = start && {
      ...{ agent: start.agent, subject: start.subject, owner: start.owner, task: start.task },
    };
    const target = request.block ?? workflow;
    if (!this.#revocation(target)) {
      const record: RevocationRecord = {
        ...{ event: 'revocation', id: `revocation.${workflow}.${target}`, at: Date.now() },
        ...{ workflow, ...who },
        kind: request.block === undefined ? 'workflow' : 'block',
        ...{ target, actor: request.actor, reason: request.reason },
      };
      this.#sql.exec(
        'INSERT INTO revocation (target, record) VALUES (?, ?)',
        ...[target, JSON.stringify(record)],
      );
      await this.ctx.storage.setAlarm(Date.now() + 2_000);
    }
    return ok(await this.#finish(target));
  }

  /** Fires at the end of the workflow's life, and soon after an intent that a crash left behind. */
  override async alarm(): Promise<void> {
    const unfinished = this.#sql.exec('SELECT target FROM revocation WHERE seq IS NULL').toArray();
    for (const { target } of unfinished) await this.#finish(String(target));
    const row = this.#row();
    if (!row) return;
    const { expires } = row.start;
    if (Date.now() / 1000 <= expires) {
      await this.ctx.storage.setAlarm((expires + 1) * 1000);
    } else if (this.#row()?.state === 'active') {
      this.#sql.exec("UPDATE workflow SET state = 'expired'");
    }
  }

  async #finish(target: string): Promise<Revoked> {
    const revocation = this.#revocation(target);
    if (!revocation) throw new Error('a revocation is finished that was never begun');
    const { record } = revocation;
    await auditLog(this.env).append([record]);
    // Where its end is not known, no token outlives the longest lifetime there is.
    const expires =
      this.#row()?.start.expires ?? Math.floor(record.at / 1000) + CAPABILITY_SECONDS_MAX;
    const revoked = await revocationLog(this.env).revoke({
      ...{ kind: record.kind, id: target, at: Math.floor(record.at / 1000) },
      expires: expires + CLOCK_SKEW_SECONDS_MAX,
    });
    this.ctx.storage.transactionSync(() => {
      // A workflow that expired meanwhile stays expired: its tokens are dead either way.
      if (record.kind === 'workflow') {
        this.#sql.exec("UPDATE workflow SET state = 'revoked' WHERE state = 'active'");
      }
      this.#sql.exec('UPDATE revocation SET seq = ? WHERE target = ?', revoked.seq, target);
    });
    return revoked;
  }

  #row(): { start: WorkflowStart; state: WorkflowState } | undefined {
    const [row] = this.#sql.exec('SELECT start, state FROM workflow').toArray();
    if (!row) return undefined;
    return {
      start: JSON.parse(String(row.start)) as WorkflowStart,
      state: row.state as WorkflowState,
    };
  }

  /** The id that the object is reached by. */
  #name(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error('a workflow is reached by its id alone');
    return name;
  }

  #isTouched(): boolean {
    return this.#sql.exec('SELECT 1 FROM revocation LIMIT 1').toArray().length > 0;
  }

  #revocation(target: string): { record: RevocationRecord; seq: number | undefined } | undefined {
    const [row] = this.#sql
      .exec('SELECT record, seq FROM revocation WHERE target = ?', target)
      .toArray();
    if (!row) return undefined;
    const seq = row.seq === null ? undefined : Number(row.seq);
    return { record: JSON.parse(String(row.record)) as RevocationRecord, seq };
  }
}
