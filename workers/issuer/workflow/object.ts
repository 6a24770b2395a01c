import { DurableObject } from 'cloudflare:workers';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { HOLDER_REVOCATIONS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import {
  type AccountRefusal,
  type ChargeOrder,
  due,
  dueAt,
  type Leased,
  type LeaseOrder,
  type MoveRefused,
  type WorkflowState,
} from '../../../src/workflow/index.ts';
import { breaker, type IssuerEnv, readConfig } from '../platform/config.ts';
import { migrate } from '../platform/sqlite.ts';
import { UntoldChanges } from '../signals/outbox.ts';
import { Accounts } from './accounts.ts';
import { act, askFirst } from './act.ts';
import { type BeginRefusal, begin } from './begin.ts';
import { carryOut } from './carry-out.ts';
import type { ContinuationRefusal, GrantsAbove } from './continuation.ts';
import { continueWorkflow, type FurtherMint } from './continue.ts';
import type { Revoked, RevokeRequest, WorkflowStart, WorkflowView } from './contract.ts';
import { Intents } from './intents.ts';
import { type MoveOrder, Moves } from './moves.ts';
import { revocationId, revocationOf } from './revocation.ts';
import { WorkflowRows } from './rows.ts';
import { workflowSchema } from './schema.ts';
import { grantsAbove, viewOf } from './view.ts';
import { Watch } from './watch.ts';

export type { Revoked, RevokeRequest, WorkflowStart, WorkflowView } from './contract.ts';

/** What has become of a workflow, and where the feed says so; no `seq` where it had nothing to. */
export interface MoveDone {
  readonly state: WorkflowState;
  readonly gen: number;
  readonly epoch?: number;
  readonly seq?: number;
}

type Unknown = { readonly code: 'workflow_unknown' };

/**
 * A root workflow and all below it: facts, states, budgets, and the order in which an end is
 * written. A decision is a transaction without an `await` that leaves intents; carrying them out,
 * audit log first, then the feed, then the state that everybody sees, may be done twice, and an
 * alarm does it where a crash came between.
 */
export class Workflow extends DurableObject<IssuerEnv> {
  readonly #rows: WorkflowRows;
  readonly #intents: Intents;
  readonly #moves: Moves;
  readonly #accounts: Accounts;
  readonly #watch: Watch;
  readonly #untold: UntoldChanges;
  #carrying: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    const { sql } = ctx.storage;
    migrate(ctx.storage, workflowSchema);
    this.#rows = new WorkflowRows(sql);
    this.#intents = new Intents(sql);
    this.#moves = new Moves(this.#rows, this.#intents);
    this.#accounts = new Accounts(sql, this.#rows);
    this.#watch = new Watch(sql, this.#rows);
    this.#untold = new UntoldChanges(ctx.storage, env);
  }

  /** Begins a workflow, or a child. Its token is handed out only after this answered. */
  async begin(start: WorkflowStart): Promise<Result<null, BeginRefusal>> {
    if (this.#intents.isTouched(start.id)) return refuse({ code: 'workflow_exists' });
    const begun = this.ctx.storage.transactionSync(() => begin(this.#rows, start, seconds()));
    if (!begun.ok) return begun;
    await this.#schedule();
    this.ctx.waitUntil(breaker(this.env).began(start.id, start.ends));
    return begun;
  }

  /**
   * The last word on a further capability, which is handed out only after this answered. No
   * `await`: a revocation is either before it, and its intent refuses, or after it, and covers it.
   */
  continue(mint: FurtherMint): Result<null, ContinuationRefusal> {
    return this.ctx.storage.transactionSync(() =>
      continueWorkflow(this.#rows, this.view(mint.id), mint),
    );
  }

  /** Undefined for a workflow that was never begun. */
  view(id: string): WorkflowView | undefined {
    return viewOf(this.#rows, this.#intents, id, seconds());
  }

  /** What each workflow above this one was granted, root first: the most that it may have. */
  grantsAbove(id: string): GrantsAbove {
    return grantsAbove(this.#rows, id);
  }

  /**
   * What the capability with this authority block was granted, with the constraints that its token
   * has as checks alone. Undefined where its mint was lost.
   */
  granted(block: string): readonly Grant[] | undefined {
    return this.#rows.granted(block);
  }

  /**
   * Revokes a workflow for ever, or one block of its tokens. The answer means that the feed has it.
   * What has ended is revoked as well where an operator says so: the feed is told, the state stays.
   */
  async revoke(id: string, request: RevokeRequest): Promise<Result<Revoked, Unknown>> {
    const row = this.#rows.find(id);
    if (!row && !request.evenUnknown) return refuse({ code: 'workflow_unknown' });
    const { actor, reason, block } = request;
    const intent = revocationId(id, block ?? id);
    const now = Date.now();
    this.ctx.storage.transactionSync(() => {
      if (this.#intents.find(intent)) return;
      const order = { move: 'revoke', by: 'operator', actor, reason } as const;
      if (block === undefined && this.#moves.decide(id, order, now).ok) return;
      this.#intents.add(revocationOf(id, request, row, now));
    });
    const { epoch = 0, seq = 0, archived = false } = await this.#done(intent);
    return ok({ epoch, seq, archived });
  }

  /**
   * Revokes one block because who holds it says so. Bounded: a holder narrows offline as often as
   * it likes, and each revocation is an entry that every verifier carries.
   */
  async revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' }>> {
    const isKnown = this.#intents.isTouched(block);
    if (!isKnown && this.#intents.blockCount(id) >= HOLDER_REVOCATIONS_MAX) {
      return refuse({ code: 'too_many_revocations' });
    }
    const order = { actor: 'holder', reason: 'given up by who holds it', block };
    // What it is, is signed in the token itself: it holds also where the begin was lost.
    const revoked = await this.revoke(id, { ...order, evenUnknown: true });
    if (!revoked.ok) throw new Error('a revocation that insists was refused');
    return revoked;
  }

  /** One step that an operator or the agent wants; the answer means that the feed has it. */
  async move(id: string, order: MoveOrder): Promise<Result<MoveDone, Unknown | MoveRefused>> {
    if (!this.#rows.find(id)) return refuse({ code: 'workflow_unknown' });
    const moved = this.ctx.storage.transactionSync(() => {
      this.#applyClock(id);
      const first = this.#moves.decide(id, order, Date.now());
      // Without a grace there is nothing to wait for.
      if (!first.ok || order.move !== 'complete' || order.graceSeconds) return first;
      const finish = { move: 'finish', by: 'clock', actor: 'clock' } as const;
      return this.#moves.decide(id, finish, Date.now());
    });
    if (!moved.ok) return moved;
    const { epoch, seq } = await this.#done(moved.value.intent);
    const { state, gen } = moved.value.transition.after;
    return ok({ state, gen, ...(seq !== undefined && { epoch, seq }) } as MoveDone);
  }

  /** Takes exactly what one call needs, once for each nonce. */
  async charge(order: ChargeOrder): Promise<Result<null, AccountRefusal>> {
    const answer = this.ctx.storage.transactionSync(() => {
      const charged = this.#accounts.charge(order, seconds());
      if (!charged.ok) this.#overrun(order.workflow, charged.error, `charge.${order.nonce}`);
      return charged;
    });
    if (!answer.ok) await this.#act();
    return answer;
  }

  giveBack(order: ChargeOrder): boolean {
    return this.ctx.storage.transactionSync(() => this.#accounts.giveBack(order, seconds()));
  }

  /** Sets calls of one tool aside, for a verifier to spend by itself. */
  async lease(order: LeaseOrder): Promise<Result<Leased, AccountRefusal>> {
    const answer = this.ctx.storage.transactionSync(() => {
      const leased = this.#accounts.lease(order, seconds());
      if (!leased.ok) this.#overrun(order.workflow, leased.error, `lease.${order.lease}`);
      return leased;
    });
    if (!answer.ok) await this.#act();
    return answer;
  }

  settle(lease: string, spent: number): void {
    this.ctx.storage.transactionSync(() => this.#accounts.settle(lease, spent));
  }

  /** Decision records of this root and all below it: counted, and looked at by the rules. */
  async observe(records: readonly DecisionRecord[]): Promise<void> {
    const { rulebook } = readConfig(this.env);
    this.ctx.storage.transactionSync(() => this.#watch.take(records, rulebook));
    await this.#act();
  }

  /** Fires when the clock has something to do, and soon after what a crash left behind. */
  override async alarm(): Promise<void> {
    try {
      this.ctx.storage.transactionSync(() => {
        // Deepest first: what has come to its own end is not ended by its parent.
        for (const { life } of [...this.#rows.tree()].reverse()) this.#applyClock(life.id);
      });
      await this.#act();
      await this.#carry();
      await this.#untold.tell();
    } finally {
      await this.#schedule();
    }
  }

  #applyClock(id: string): void {
    const row = this.#rows.find(id);
    const request = row && due(row.life, seconds());
    if (request) this.#moves.decide(id, { ...request, actor: 'clock' }, Date.now());
  }

  #overrun(workflow: string, refusal: AccountRefusal, evidence: string): void {
    if (refusal.code !== 'budget_exhausted') return;
    this.#watch.overrun(workflow, evidence);
    this.#watch.judge(workflow, readConfig(this.env).rulebook);
  }

  /** Acts on what the rules found, as far as the breaker lets them. */
  async #act(): Promise<void> {
    const found = this.#watch.open();
    if (found.length === 0) return;
    await this.#schedule();
    for (const finding of found) {
      const word = await askFirst(this.env, this.#rows, finding);
      this.ctx.storage.transactionSync(() => {
        // Another event may have acted on it while the breaker was asked.
        if (!this.#watch.open().some(({ id }) => id === finding.id)) return;
        act(finding, word, this.#rows, this.#moves, this.#intents);
        this.#watch.done(finding.id);
      });
    }
    await this.#carry();
  }

  /** Carries intents out until this one is done; throws where it could not be. */
  async #done(intent: string): Promise<Partial<Revoked>> {
    await this.#schedule();
    for (;;) {
      const stored = this.#intents.find(intent);
      if (!stored) throw new Error('an intent is carried out that was never stored');
      if (stored.done) return stored;
      await this.#carry();
    }
  }

  /** One run at a time: two would write the states of one workflow in two orders. */
  async #carry(): Promise<void> {
    this.#carrying ??= carryOut(this.ctx, this.env, this.#intents, this.#untold).finally(() => {
      this.#carrying = undefined;
    });
    await this.#carrying;
    await this.#schedule();
  }

  /** The alarm stands at what the clock does next, or soon after what is not done or told yet. */
  async #schedule(): Promise<void> {
    const isOpen = this.#intents.open().length + this.#watch.open().length > 0;
    const due = [
      ...this.#rows
        .tree()
        .flatMap(({ life }) => dueAt(life) ?? [])
        .map((at) => (at + 1) * 1000),
      ...(isOpen ? [Date.now() + 2_000] : []),
      ...[this.#untold.dueAt() ?? []].flat(),
    ];
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
  }
}

const seconds = (): number => Math.floor(Date.now() / 1000);
