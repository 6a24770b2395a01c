import { DurableObject } from 'cloudflare:workers';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import {
  type AccountRefusal,
  type ChargeRequest,
  due,
  dueAt,
  type LeaseGrant,
  type LeaseRequest,
  type TransitionRefused,
} from '../../../src/lifecycle/index.ts';
import { report } from '../../../src/report.ts';
import { type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { type IssuerEnv, readConfig } from '../platform/config.ts';
import { migrate } from '../platform/sqlite.ts';
import { SignalOutbox } from '../signals/outbox.ts';
import { begin, mayBegin } from './begin.ts';
import type {
  BeginRefusal,
  FurtherMint,
  NotInForce,
  ShareRefusal,
  TransitionCommand,
  TransitionOutcome,
  Unknown,
  WorkflowBinding,
} from './binding.ts';
import { BudgetAccounts } from './budget-accounts.ts';
import { Commands } from './commands.ts';
import type { ContinuationRefusal, GrantsAbove } from './continuation.ts';
import { continueWorkflow } from './continue.ts';
import type { Revoked, RevokeRequest, WorkflowStart, WorkflowView } from './contract.ts';
import { IntentDelivery, retryMilliseconds } from './delivery.ts';
import { Intents } from './intents.ts';
import { noteBegin, noteStepUp } from './living-scopes.ts';
import { DeviationMonitor, type StoredFinding } from './monitor.ts';
import { WorkflowRows } from './rows.ts';
import { act, askFirst } from './rule-enforcement.ts';
import { workflowSchema } from './schema.ts';
import { Transitions } from './transitions.ts';
import { grantsAbove, viewOf } from './view.ts';

// What one holder may give up of one workflow: every entry is carried by every verifier.
const HOLDER_REVOCATIONS_MAX = 64;
const BREAKER_ANSWER_MILLISECONDS = 5_000;

/**
 * A root workflow and all below it: facts, states, budgets, and the order in which an end is
 * written. A decision is a transaction without an `await` that leaves intents. Carrying them out
 * may be done twice, and an alarm does it where a crash came between, or a log did not answer.
 */
export class Workflow extends DurableObject<IssuerEnv> implements WorkflowBinding {
  readonly #rows: WorkflowRows;
  readonly #intents: Intents;
  readonly #moves: Transitions;
  readonly #accounts: BudgetAccounts;
  readonly #watch: DeviationMonitor;
  readonly #untold: SignalOutbox;
  readonly #owed: OwedRecords;
  readonly #carry: IntentDelivery;
  readonly #orders: Commands;
  /** Alarms in a row that left something open. In memory: an object that starts anew tries soon. */
  #failures = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    const { sql } = ctx.storage;
    migrate(ctx.storage, workflowSchema);
    this.#rows = new WorkflowRows(sql);
    this.#intents = new Intents(sql);
    this.#owed = new OwedRecords(sql, () => this.env);
    this.#moves = new Transitions(this.#rows, this.#intents, this.#owed);
    this.#accounts = new BudgetAccounts(sql, this.#rows);
    this.#watch = new DeviationMonitor(sql, this.#rows);
    this.#untold = new SignalOutbox(ctx.storage, env);
    const parts = { rows: this.#rows, intents: this.#intents, owed: this.#owed };
    const untold = this.#untold;
    this.#carry = new IntentDelivery({ ...parts, ctx, untold, env: () => this.env });
    this.#orders = new Commands({
      ...parts,
      storage: ctx.storage,
      moves: this.#moves,
      carry: this.#carry,
      schedule: () => this.#schedule(),
    });
  }

  /** What `begin` would answer now; nothing is changed. */
  mayBegin(start: WorkflowStart): Result<null, ShareRefusal> {
    return mayBegin(this.#rows, start, readSeconds());
  }

  /** Begins a workflow, or a child. Its token is handed out only after this answered. */
  async begin(start: WorkflowStart): Promise<Result<null, BeginRefusal>> {
    if (this.#intents.isTouched(start.id)) return refuse({ code: 'workflow_exists' });
    const begun = this.ctx.storage.transactionSync(() => begin(this.#rows, start, readSeconds()));
    if (!begun.ok) return begun;
    await this.#schedule();
    this.ctx.waitUntil(noteBegin(this.env, start));
    return begun;
  }

  /**
   * The last word on a further capability, which is handed out only after this answered. No
   * `await`: a revocation is either before it, and its intent refuses, or after it, and covers it.
   */
  continue(mint: FurtherMint): Result<null, ContinuationRefusal> {
    const continued = this.ctx.storage.transactionSync(() =>
      continueWorkflow(this.#rows, this.view(mint.id), mint),
    );
    if (continued.ok && mint.stepUp) this.ctx.waitUntil(noteStepUp(this.env, mint));
    return continued;
  }

  /** Undefined for a workflow that was never begun. */
  view(id: string): WorkflowView | undefined {
    return viewOf(this.#rows, this.#intents, id, readSeconds());
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

  /** Revokes a workflow for ever, or one block of its tokens. The answer: the feed has it. */
  async revoke(id: string, request: RevokeRequest): Promise<Result<Revoked, Unknown | NotInForce>> {
    return this.#orders.revoke(id, request);
  }

  /**
   * Revokes one block because who holds it says so. Bounded: a holder narrows offline as often as
   * it likes, and each revocation is an entry that every verifier carries.
   */
  async revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' } | NotInForce>> {
    const isKnown = this.#intents.isTouched(block);
    if (!isKnown && this.#intents.blockCount(id) >= HOLDER_REVOCATIONS_MAX) {
      return refuse({ code: 'too_many_revocations' });
    }
    const order = { actor: 'holder', reason: 'given up by who holds it', block };
    // What it is, is signed in the token itself: it holds also where the begin was lost.
    const revoked = await this.revoke(id, { ...order, evenUnknown: true });
    if (revoked.ok) return revoked;
    const { error } = revoked;
    if (error.code === 'workflow_unknown') throw new Error('a revocation that insists was refused');
    return refuse(error);
  }

  /** One step that an operator or the agent wants; the answer means that it is in force. */
  async move(
    id: string,
    order: TransitionCommand,
  ): Promise<Result<TransitionOutcome, Unknown | TransitionRefused | NotInForce>> {
    return this.#orders.move(id, order, (one) => this.#applyClock(one));
  }

  /** Takes exactly what one call needs, once for each nonce. */
  async charge(order: ChargeRequest): Promise<Result<null, AccountRefusal>> {
    const answer = this.ctx.storage.transactionSync(() => {
      const charged = this.#accounts.charge(order, readSeconds());
      if (!charged.ok) this.#overrun(order.workflow, charged.error, `charge.${order.nonce}`);
      return charged;
    });
    if (!answer.ok) await this.#act();
    return answer;
  }

  giveBack(order: ChargeRequest): boolean {
    return this.ctx.storage.transactionSync(() => this.#accounts.giveBack(order, readSeconds()));
  }

  /** Sets calls of one tool aside, for a verifier to spend by itself. */
  async lease(order: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    const answer = this.ctx.storage.transactionSync(() => {
      const leased = this.#accounts.lease(order, readSeconds());
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

  /**
   * Fires when the clock has something to do, and soon after what a crash or a log left behind.
   * Stops come first: nothing that fails before them may keep them from the feed.
   */
  override async alarm(): Promise<void> {
    try {
      await this.#carry.stops();
      // Deepest first: what has come to its own end is not ended by its parent.
      for (const { life } of [...this.#rows.tree()].reverse()) this.#tick(life.id);
      await this.#act();
      await this.#untold.tell();
    } finally {
      this.#failures = this.#isOpen() ? this.#failures + 1 : 0;
      await this.#schedule();
    }
  }

  /** One workflow's clock: a fault of its row stops neither the others nor what is open. */
  #tick(id: string): void {
    try {
      this.ctx.storage.transactionSync(() => this.#applyClock(id));
    } catch (error) {
      report('workflow.clock', { workflow: id, why: String(error) });
    }
  }

  #applyClock(id: string): void {
    const row = this.#rows.find(id);
    const request = row && due(row.life, readSeconds());
    if (request) this.#moves.decide(id, { ...request, actor: 'clock' }, readClock());
  }

  #overrun(workflow: string, refusal: AccountRefusal, evidence: string): void {
    if (refusal.code !== 'budget_exhausted') return;
    this.#watch.overrun(workflow, evidence);
    this.#watch.judge(workflow, readConfig(this.env).rulebook);
  }

  /** Acts on what the rules found, as far as the breaker lets them, and carries all out. */
  async #act(): Promise<void> {
    await this.#schedule();
    for (const finding of this.#watch.open()) await this.#actOn(finding);
    await this.#carry.all();
    await this.#schedule();
  }

  /** Where the breaker does not answer, the finding stays, and the alarm comes back to it. */
  async #actOn(finding: StoredFinding): Promise<void> {
    try {
      const asked = askFirst(this.env, this.#rows, finding);
      const word = await within(asked, BREAKER_ANSWER_MILLISECONDS);
      this.ctx.storage.transactionSync(() => {
        // Another event may have acted on it while the breaker was asked.
        if (!this.#watch.open().some(({ id }) => id === finding.id)) return;
        act(finding, word, this.#rows, this.#moves, this.#intents);
        this.#watch.done(finding.id);
      });
    } catch (error) {
      const { workflow, rule } = finding;
      report('workflow.finding', { workflow, rule, why: String(error) });
    }
  }

  #isOpen(): boolean {
    return this.#intents.open().length + this.#watch.open().length > 0;
  }

  /** The alarm stands at what the clock does next, or soon after what is not done or told yet. */
  async #schedule(): Promise<void> {
    const now = readClock();
    const clocks = this.#rows.tree().flatMap(({ life }) => dueAt(life) ?? []);
    const due = clocks.map((at) => (at + 1) * 1000);
    if (this.#isOpen()) due.push(now + retryMilliseconds(this.#intents.open(), this.#failures));
    for (const at of [this.#untold.dueAt(), this.#owed.dueAt()]) if (at !== undefined) due.push(at);
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
  }
}
