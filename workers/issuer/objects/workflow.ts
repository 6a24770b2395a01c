import { DurableObject } from 'cloudflare:workers';
import type { RevocationRecord } from '../../../src/audit/index.ts';
import { type Grant, isHeld, smallestBudgets } from '../../../src/capability/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CLOCK_SKEW_SECONDS_MAX,
  HOLDER_REVOCATIONS_MAX,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { auditLog, type IssuerEnv, revocationLog } from '../config.ts';
import { type ContinuationRefusal, checkContinuation } from './continuation.ts';
import { UntoldChanges } from './untold-changes.ts';
import type {
  Revoked,
  RevokeRequest,
  WorkflowStart,
  WorkflowState,
  WorkflowView,
} from './workflow-view.ts';

export type {
  Revoked,
  RevokeRequest,
  WorkflowStart,
  WorkflowState,
  WorkflowView,
} from './workflow-view.ts';

/** One workflow: its facts, its state, and the order in which its end is written. */
export class Workflow extends DurableObject<IssuerEnv> {
  readonly #sql: SqlStorage;
  readonly #untold: UntoldChanges;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#untold = new UntoldChanges(ctx.storage, env);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS workflow (
        one   INTEGER PRIMARY KEY CHECK (one = 1),
        start TEXT NOT NULL,           -- WorkflowStart as JSON, never changed
        state TEXT NOT NULL CHECK (state IN ('active', 'revoked', 'expired'))
      ) STRICT;
      CREATE TABLE IF NOT EXISTS mint (
        block   TEXT PRIMARY KEY,      -- revocation id of the capability's authority block
        at      INTEGER NOT NULL,      -- unix seconds
        expires INTEGER NOT NULL,      -- unix seconds
        added   TEXT NOT NULL          -- grants that the workflow did not have before, as JSON
      ) STRICT;
      CREATE TABLE IF NOT EXISTS granted (
        block  TEXT PRIMARY KEY,       -- as in mint
        grants TEXT NOT NULL,          -- all of that capability, with their constraints, as JSON
        bounds TEXT NOT NULL           -- tier and budgets of that mint, as JSON
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
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec(
        "INSERT INTO workflow (one, start, state) VALUES (1, ?, 'active')",
        JSON.stringify(start),
      );
      this.#recordMint(start);
    });
    await this.ctx.storage.setAlarm((start.ends + 1) * 1000);
    return ok(null);
  }

  /**
   * The last word on a further capability, which is handed out only after this answered. No
   * `await`: a revocation is either before it, and its intent refuses, or after it, and covers it.
   */
  continue(mint: WorkflowStart & { stepUp?: true | undefined }): Result<null, ContinuationRefusal> {
    return this.ctx.storage.transactionSync(() => {
      const held = this.view();
      const checked = checkContinuation(held && this.#asOrdered(held), mint);
      if (!checked.ok) return checked;
      if (mint.expires > checked.value.ends) {
        return refuse({ code: 'workflow_ended', cause: 'expired' });
      }
      const { grants } = checked.value;
      this.#recordMint(
        mint,
        mint.grants.filter((grant) => !isHeld(grants, grant)),
      );
      return ok(null);
    });
  }

  /** Undefined for a workflow that was never begun. */
  view(): WorkflowView | undefined {
    const row = this.#row();
    if (!row) return undefined;
    const revocation = this.#revocation(row.start.id);
    const mints = this.#sql.exec('SELECT block, expires, added FROM mint ORDER BY rowid').toArray();
    return {
      ...row.start,
      ...this.#bounds(),
      ...(mints.some(({ added }) => added !== '[]') && { steppedUp: true as const }),
      grants: [
        ...row.start.grants,
        ...mints.flatMap(({ added }) => JSON.parse(String(added)) as readonly Grant[]),
      ],
      blocks: mints.map(({ block }) => String(block)),
      expires: Math.max(row.start.expires, ...mints.map(({ expires }) => Number(expires))),
      // The alarm that writes it down may be late; a reader is told what holds.
      state: row.state === 'active' && Date.now() / 1000 > row.start.ends ? 'expired' : row.state,
      ...(revocation?.seq !== undefined && {
        revocation: {
          ...{ actor: revocation.record.actor, reason: revocation.record.reason },
          seq: revocation.seq,
        },
      }),
    };
  }

  /**
   * What the capability with this authority block was granted, with the constraints that its token
   * has as checks alone. Undefined where its mint was lost.
   */
  granted(block: string): readonly Grant[] | undefined {
    const [row] = this.#sql.exec('SELECT grants FROM granted WHERE block = ?', block).toArray();
    return row && (JSON.parse(String(row.grants)) as readonly Grant[]);
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

  /**
   * Revokes one block because who holds it says so. Bounded: a holder narrows offline as often as
   * it likes, and each revocation is an entry that every verifier carries.
   */
  async revokeByHolder(block: string): Promise<Result<Revoked, { code: 'too_many_revocations' }>> {
    const { count } = this.#sql.exec('SELECT COUNT(*) AS count FROM revocation').one();
    if (Number(count) >= HOLDER_REVOCATIONS_MAX && !this.#revocation(block)) {
      return refuse({ code: 'too_many_revocations' });
    }
    const order = { actor: 'holder', reason: 'given up by who holds it', block };
    // What it is, is signed in the token itself: it holds also where the begin was lost.
    const revoked = await this.revoke({ ...order, evenUnknown: true });
    if (!revoked.ok) throw new Error('a revocation that insists was refused');
    return revoked;
  }

  /** Fires at the end of the workflow's life, and soon after an intent that a crash left behind. */
  override async alarm(): Promise<void> {
    const unfinished = this.#sql.exec('SELECT target FROM revocation WHERE seq IS NULL').toArray();
    for (const { target } of unfinished) await this.#finish(String(target));
    const { start, state } = this.#row() ?? {};
    const isOver = start !== undefined && Date.now() / 1000 > start.ends;
    if (isOver && state === 'active') {
      this.#sql.exec("UPDATE workflow SET state = 'expired'");
      this.#untold.addExpiry(start);
    }
    await this.#untold.tell();
    const due = this.#untold.dueAt() ?? (start && !isOver ? (start.ends + 1) * 1000 : undefined);
    if (due !== undefined) await this.ctx.storage.setAlarm(due);
  }

  async #finish(target: string): Promise<Revoked> {
    const revocation = this.#revocation(target);
    if (!revocation) throw new Error('a revocation is finished that was never begun');
    const { record } = revocation;
    await auditLog(this.env).append([record]);
    // Where its end is not known, no token outlives the longest lifetime there is.
    const expires = this.view()?.expires ?? Math.floor(record.at / 1000) + CAPABILITY_SECONDS_MAX;
    const revoked = await revocationLog(this.env).append({
      ...{ kind: record.kind, id: target, at: Math.floor(record.at / 1000) },
      expires: expires + CLOCK_SKEW_SECONDS_MAX,
    });
    this.ctx.storage.transactionSync(() => {
      // A workflow that expired meanwhile stays expired: its tokens are dead either way.
      if (record.kind === 'workflow') {
        this.#sql.exec("UPDATE workflow SET state = 'revoked' WHERE state = 'active'");
        this.#untold.addRevocation(record);
      }
      this.#sql.exec('UPDATE revocation SET seq = ? WHERE target = ?', revoked.seq, target);
    });
    this.ctx.waitUntil(this.#untold.tell());
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

  /**
   * Of all its mints the highest tier and the smallest budgets: stepping up evades no bound, and a
   * policy that was loosened meanwhile loosens none of a workflow that runs.
   */
  #bounds(): Pick<WorkflowStart, 'tier' | 'budgets'> {
    const rows = this.#sql.exec('SELECT bounds FROM granted').toArray();
    const all = rows.map(
      ({ bounds }) => JSON.parse(String(bounds)) as Pick<WorkflowStart, 'tier' | 'budgets'>,
    );
    const tier = all
      .flatMap(({ tier: one }) => one ?? [])
      .sort()
      .at(-1);
    const budgets = smallestBudgets(all.flatMap(({ budgets: one }) => one ?? []));
    return { ...(tier !== undefined && { tier }), budgets };
  }

  /** A revocation counts from its order on, also before it is written everywhere. */
  #asOrdered(held: WorkflowView): WorkflowView {
    return held.state === 'active' && this.#revocation(held.id)
      ? { ...held, state: 'revoked' }
      : held;
  }

  #recordMint(mint: WorkflowStart, added: readonly Grant[] = []): void {
    const { blocks, expires, grants, tier, budgets } = mint;
    for (const block of blocks) {
      this.#sql.exec(
        'INSERT INTO granted (block, grants, bounds) VALUES (?, ?, ?)',
        ...[block, JSON.stringify(grants), JSON.stringify({ tier, budgets })],
      );
      this.#sql.exec(
        'INSERT INTO mint (block, at, expires, added) VALUES (?, ?, ?, ?)',
        ...[block, Math.floor(Date.now() / 1000), expires, JSON.stringify(added)],
      );
    }
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
