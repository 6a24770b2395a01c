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
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { OnDemandStorage } from '../platform/on-demand.ts';
import { SignalOutbox } from '../signals/outbox.ts';
import { begin, mayBegin } from './begin.ts';
import type {
  BeginRefusal,
  ContinuationRefusal,
  FurtherMint,
  GrantsAbove,
  NotInForce,
  RevokeCommand,
  Revoked,
  ShareRefusal,
  TransitionCommand,
  TransitionOutcome,
  WorkflowBinding,
  WorkflowParties,
  WorkflowStart,
  WorkflowUnknown,
  WorkflowView,
} from './binding.ts';
import { BudgetAccounts } from './budget-accounts.ts';
import { Commands } from './commands.ts';
import { continueWorkflow } from './continuation.ts';
import { IntentDelivery, retryMilliseconds } from './delivery.ts';
import { Intents } from './intents.ts';
import { registerBegin, registerStepUp } from './living-scopes.ts';
import { Mints } from './mints.ts';
import { DeviationMonitor, type StoredFinding } from './monitor.ts';
import { WorkflowRows } from './rows.ts';
import { enforceRule, judgeFinding } from './rule-enforcement.ts';
import { workflowSchema } from './schema.ts';
import { Transitions } from './transitions.ts';
import { TreeRow } from './tree-row.ts';
import { grantsAbove, viewOf } from './view.ts';

const BREAKER_ANSWER_MILLISECONDS = 5_000;

/**
 * A root workflow and all workflows below it: facts, states and budgets.
 *
 * - A *command* is what an operator, agent, holder, rule or the clock wants of a workflow.
 * - A *move* is the verb of a command (`suspend`); a *transition* is one step of the state machine
 *   that a move leads to, with the steps of the workflows below.
 * - An *intent* is the stored row of a decision that must still take effect elsewhere.
 * - An *entry* is what the feed log appends for it, and what verifiers act on.
 *
 * A command is decided as a transition in a transaction without an `await`, which stores intents.
 * Then the intents are *delivered*: entry, state in force, audit record. Delivery is idempotent,
 * and an alarm repeats it after a crash or when a log does not answer.
 */
export class Workflow extends DurableObject<IssuerEnv> implements WorkflowBinding {
  readonly #tree: TreeRow;
  readonly #rows: WorkflowRows;
  readonly #intents: Intents;
  readonly #transitions: Transitions;
  readonly #accounts: BudgetAccounts;
  readonly #monitor: DeviationMonitor;
  readonly #signals: SignalOutbox;
  readonly #owed: OwedRecords;
  readonly #delivery: IntentDelivery;
  readonly #commands: Commands;
  /** Alarms in a row that left something open. In memory, so a restarted object retries soon. */
  #failures = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    const tables = new OnDemandStorage(ctx.storage, workflowSchema);
    const { sql } = tables;
    const tree = new TreeRow(tables);
    this.#tree = tree;
    this.#rows = new WorkflowRows(tree, new Mints(sql, tables));
    this.#intents = new Intents(sql, tables, this.#rows);
    this.#owed = new OwedRecords(sql, () => this.env, tables);
    this.#transitions = new Transitions(this.#rows, this.#intents, this.#owed);
    this.#accounts = new BudgetAccounts(tree, this.#rows);
    this.#monitor = new DeviationMonitor({ sql, tables, tree, rows: this.#rows });
    this.#signals = new SignalOutbox(sql, tables, env);
    const parts = { tree, rows: this.#rows, intents: this.#intents, owed: this.#owed };
    const signals = this.#signals;
    this.#delivery = new IntentDelivery({ ...parts, ctx, signals, env: () => this.env });
    this.#commands = new Commands({
      ...parts,
      transitions: this.#transitions,
      delivery: this.#delivery,
      schedule: () => this.#schedule(),
    });
  }

  /** Returns what `begin` would answer now, and changes nothing. */
  mayBegin(start: WorkflowStart): Result<null, ShareRefusal> {
    return mayBegin(this.#rows, start, readSeconds());
  }

  /** Begins a workflow or a child. Its token is handed out only after this has answered. */
  async begin(start: WorkflowStart): Promise<Result<null, BeginRefusal>> {
    if (this.#intents.isTouched(start.id)) return refuse({ code: 'workflow_exists' });
    const begun = this.#tree.transact(() => begin(this.#rows, start, readSeconds()));
    if (!begun.ok) return begun;
    await this.#schedule();
    this.ctx.waitUntil(registerBegin(this.env, start));
    return begun;
  }

  /**
   * Makes the final decision on a further capability, which is handed out only after this answered.
   * There is no `await`: a revocation comes either before it, and its intent refuses, or after it,
   * and covers the new token.
   */
  continue(mint: FurtherMint): Result<null, ContinuationRefusal> {
    const continued = this.#tree.transact(() =>
      continueWorkflow(this.#rows, this.view(mint.id), mint),
    );
    if (continued.ok && mint.stepUp) this.ctx.waitUntil(registerStepUp(this.env, mint));
    return continued;
  }

  /** Returns undefined for a workflow that never began. */
  view(id: string): WorkflowView | undefined {
    return viewOf(this.#rows, this.#intents, id, readSeconds());
  }

  parties(ids: readonly string[]): readonly WorkflowParties[] {
    return this.#rows.parties(ids);
  }

  /** Returns what each workflow above this one was granted, root first: its upper bound. */
  grantsAbove(id: string): GrantsAbove {
    return grantsAbove(this.#rows, id);
  }

  /**
   * Returns what the capability with this authority block was granted, with constraints that its
   * token contains only as checks. Undefined if the mint was lost.
   */
  granted(block: string): readonly Grant[] | undefined {
    return this.#rows.granted(block);
  }

  /** Revokes a workflow, or one block of its tokens, permanently. Answers once the feed has it. */
  async revoke(
    id: string,
    command: RevokeCommand,
  ): Promise<Result<Revoked, WorkflowUnknown | NotInForce>> {
    return this.#commands.revoke(id, command);
  }

  /** Revokes one block at its holder's request, up to a bound per workflow. */
  async revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' } | NotInForce>> {
    return this.#commands.revokeByHolder(id, block);
  }

  /** Makes one transition for an operator or the agent. Answers once it is in force. */
  async move(
    id: string,
    command: TransitionCommand,
  ): Promise<Result<TransitionOutcome, WorkflowUnknown | TransitionRefused | NotInForce>> {
    return this.#commands.transition(id, command, (one) => this.#applyClock(one));
  }

  /** Charges exactly what one call needs, once for each nonce. */
  async charge(request: ChargeRequest): Promise<Result<null, AccountRefusal>> {
    const answer = this.#tree.transact(() => {
      const charged = this.#accounts.charge(request, readSeconds());
      if (!charged.ok) this.#overrun(request.workflow, charged.error, `charge.${request.nonce}`);
      return charged;
    });
    if (!answer.ok) await this.#enforce();
    return answer;
  }

  giveBack(request: ChargeRequest): boolean {
    return this.#tree.transact(() => this.#accounts.giveBack(request, readSeconds()));
  }

  /** Reserves calls of one tool for a verifier, which spends them by itself. */
  async lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    const answer = this.#tree.transact(() => {
      const leased = this.#accounts.lease(request, readSeconds());
      if (!leased.ok) this.#overrun(request.workflow, leased.error, `lease.${request.lease}`);
      return leased;
    });
    if (!answer.ok) await this.#enforce();
    return answer;
  }

  settle(lease: string, spent: number): void {
    this.#tree.transact(() => this.#accounts.settle(lease, spent));
  }

  /** Takes decision records of these workflows: counts them and evaluates the rules. */
  async observe(records: readonly DecisionRecord[]): Promise<void> {
    const { rulebook } = readConfig(this.env);
    this.#tree.transact(() => this.#monitor.take(records, rulebook));
    await this.#enforce();
  }

  /**
   * Runs the clock's transitions and delivers what a crash or an outage left open. Stops come
   * first: no failure of another step may keep them from the feed.
   */
  override async alarm(): Promise<void> {
    try {
      await this.#delivery.stops();
      // Deepest first: a child that has reached its own end is not ended by its parent.
      for (const { life } of [...this.#rows.tree()].reverse()) this.#tick(life.id);
      await this.#enforce();
      await this.#signals.deliver();
    } finally {
      this.#failures = this.#isOpen() ? this.#failures + 1 : 0;
      await this.#schedule();
    }
  }

  /** Applies one workflow's clock. A fault of its row affects neither the others nor delivery. */
  #tick(id: string): void {
    try {
      this.#tree.transact(() => this.#applyClock(id));
    } catch (error) {
      report('workflow.clock', { workflow: id, why: String(error) });
    }
  }

  #applyClock(id: string): void {
    const row = this.#rows.find(id);
    const request = row && due(row.life, readSeconds());
    if (request) this.#transitions.decide(id, { ...request, actor: 'clock' }, readClock());
  }

  #overrun(workflow: string, refusal: AccountRefusal, evidence: string): void {
    if (refusal.code !== 'budget_exhausted') return;
    this.#monitor.overrun(workflow, evidence);
    this.#monitor.judge(workflow, readConfig(this.env).rulebook);
  }

  /** Acts on the rules' findings as far as the breaker allows, and delivers all open intents. */
  async #enforce(): Promise<void> {
    await this.#schedule();
    for (const finding of this.#monitor.open()) await this.#enforceOne(finding);
    await this.#delivery.all();
    await this.#schedule();
  }

  /** If the breaker does not answer, the finding stays open and the alarm retries it. */
  async #enforceOne(finding: StoredFinding): Promise<void> {
    try {
      const judged = judgeFinding(this.env, this.#rows, finding);
      const verdict = await within(judged, BREAKER_ANSWER_MILLISECONDS);
      this.#tree.transact(() => {
        // Another event may have acted on it while the breaker was being asked.
        if (!this.#monitor.open().some(({ id }) => id === finding.id)) return;
        enforceRule(finding, verdict, this.#rows, this.#transitions, this.#intents);
        this.#monitor.done(finding.id);
      });
    } catch (error) {
      const { workflow, rule } = finding;
      report('workflow.finding', { workflow, rule, why: String(error) });
    }
  }

  #isOpen(): boolean {
    return this.#intents.open().length + this.#monitor.open().length > 0;
  }

  /** Sets the alarm to the clock's next transition, or to the next retry of open work. */
  async #schedule(): Promise<void> {
    const now = readClock();
    const clocks = this.#rows.tree().flatMap(({ life }) => dueAt(life) ?? []);
    const due = clocks.map((at) => (at + 1) * 1000);
    if (this.#isOpen()) due.push(now + retryMilliseconds(this.#intents.open(), this.#failures));
    for (const at of [this.#signals.dueAt(), this.#owed.dueAt()])
      if (at !== undefined) due.push(at);
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
  }
}
