import { DurableObject } from 'cloudflare:workers';
import type { Grant } from '../../../src/capability/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { due, type TransitionRefused } from '../../../src/lifecycle/index.ts';
import { report } from '../../../src/report.ts';
import { type Result, refuse } from '../../../src/result.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { OnDemandStorage } from '../platform/on-demand.ts';
import { SignalOutbox } from '../signals/outbox.ts';
import { Adoption } from './adoption.ts';
import { begin, mayBegin } from './begin.ts';
import type {
  BeginRefusal,
  ContinuationRefusal,
  FurtherMint,
  MintView,
  NotInForce,
  NotRenewed,
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
import { Closer } from './closer.ts';
import { Commands } from './commands.ts';
import { continueWorkflow } from './continuation.ts';
import { IntentDelivery } from './delivery.ts';
import { FamilyLabelRows } from './family-labels.ts';
import { Intents } from './intents.ts';
import { Mints } from './mints.ts';
import { DeviationMonitor } from './monitor.ts';
import { ReceiptRows } from './receipts.ts';
import { WorkflowRows } from './rows.ts';
import { RuleEnforcement } from './rule-enforcement.ts';
import { Schedule } from './schedule.ts';
import { workflowSchema } from './schema.ts';
import { SmallOwed } from './small-owed.ts';
import { SmallTable } from './small-table.ts';
import { Transitions } from './transitions.ts';
import type { SmallTableName } from './tree.ts';
import { TreeRow } from './tree-row.ts';
import { VerifierCalls } from './verifier-calls.ts';
import { mintViewOf, viewOf } from './view.ts';

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
  readonly #calls: VerifierCalls;
  readonly #monitor: DeviationMonitor;
  readonly #signals: SignalOutbox;
  readonly #owed: OwedRecords;
  readonly #delivery: IntentDelivery;
  readonly #commands: Commands;
  readonly #adoption: Adoption;
  readonly #enforcement: RuleEnforcement;
  readonly #closer: Closer;
  readonly #schedule: Schedule;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    const tables = new OnDemandStorage(ctx.storage, workflowSchema);
    const tree = new TreeRow(tables);
    this.#tree = tree;
    this.#rows = new WorkflowRows(tree, new Mints(tables.sql, tables));
    const small = (name: SmallTableName) => new SmallTable(name, tables, tree);
    this.#intents = new Intents(small('intent'), this.#rows);
    this.#owed = new OwedRecords(new SmallOwed(small('owed')), () => this.env);
    this.#transitions = new Transitions(this.#rows, this.#intents, this.#owed);
    this.#monitor = new DeviationMonitor({ sql: tables.sql, tables, tree, rows: this.#rows });
    this.#signals = new SignalOutbox(small('untold'), env);
    const parts = {
      env: () => this.env,
      tree,
      rows: this.#rows,
      intents: this.#intents,
      monitor: this.#monitor,
      owed: this.#owed,
      signals: this.#signals,
      transitions: this.#transitions,
      isUncertain: () => this.#adoption.isOwed(),
    };
    this.#closer = new Closer({ ...parts, storage: tables });
    this.#schedule = new Schedule({ ...parts, storage: ctx.storage, closer: this.#closer });
    const schedule = () => this.#schedule.set();
    this.#delivery = new IntentDelivery({ ...parts, ctx });
    this.#adoption = new Adoption({ ...parts, root: ctx.id.name ?? '', schedule });
    this.#enforcement = new RuleEnforcement({ ...parts, ctx });
    this.#commands = new Commands({ ...parts, delivery: this.#delivery, schedule });
    this.#calls = new VerifierCalls({
      ...parts,
      ctx,
      accounts: new BudgetAccounts(tree, this.#rows),
      labels: new FamilyLabelRows(tree, this.#rows),
      receipts: new ReceiptRows(tables, this.#rows),
      adoption: this.#adoption,
      enforce: () => this.#enforce(),
    });
  }

  /** Returns what `begin` would answer now, and changes nothing. */
  async mayBegin(start: WorkflowStart): Promise<Result<null, ShareRefusal>> {
    await this.#adoption.adopt();
    return mayBegin(this.#rows, start, readSeconds());
  }

  /**
   * Begins a child, or a root that the control log did not begin. Its token is handed out only
   * after this has answered.
   */
  async begin(start: WorkflowStart): Promise<Result<null, BeginRefusal>> {
    if (start.parent !== undefined) await this.#adoption.adopt();
    if (this.#intents.isTouched(start.id)) return refuse({ code: 'workflow_exists' });
    const begun = this.#tree.transact(() => begin(this.#rows, start, readSeconds()));
    if (!begun.ok) return begun;
    await this.#schedule.set();
    return begun;
  }

  /**
   * Makes the final decision on a further capability, which is handed out only after this answered.
   * There is no `await` in between: a revocation comes either before it, and its intent refuses, or
   * after it, and covers the new token.
   */
  async continue(mint: FurtherMint): Promise<Result<null, ContinuationRefusal | NotRenewed>> {
    await this.#adoption.adopt();
    return this.#tree.transact(() => continueWorkflow(this.#rows, this.#view(mint.id), mint));
  }

  /** Returns undefined for a workflow that never began. */
  async view(id: string): Promise<WorkflowView | undefined> {
    await this.#adoption.adopt();
    return this.#view(id);
  }

  #view(id: string): WorkflowView | undefined {
    return viewOf(this.#rows, this.#intents, id, readSeconds());
  }

  async parties(ids: readonly string[]): Promise<readonly WorkflowParties[]> {
    await this.#adoption.adopt();
    return this.#rows.parties(ids);
  }

  /** Returns a workflow as a further mint or the mint of a child needs it, in one answer. */
  async forMint(id: string, block?: string): Promise<MintView | undefined> {
    return mintViewOf(this.#rows, await this.view(id), block);
  }

  /**
   * Returns what the capability with this authority block was granted, with constraints that its
   * token contains only as checks. Undefined if the mint was lost.
   */
  async granted(block: string): Promise<readonly Grant[] | undefined> {
    await this.#adoption.adopt();
    return this.#rows.granted(block);
  }

  /** Revokes a workflow, or one block of its tokens, permanently. Answers once the feed has it. */
  async revoke(
    id: string,
    command: RevokeCommand,
  ): Promise<Result<Revoked, WorkflowUnknown | NotInForce>> {
    const isCertain = await this.#adoption.tryAdopt();
    return this.#commands.revoke(id, isCertain ? command : { ...command, evenUnknown: true });
  }

  /** Revokes one block at its holder's request, up to a bound per workflow. */
  async revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' } | NotInForce>> {
    await this.#adoption.tryAdopt();
    return this.#commands.revokeByHolder(id, block);
  }

  /** Makes one transition for an operator or the agent. Answers once it is in force. */
  async move(
    id: string,
    command: TransitionCommand,
  ): Promise<Result<TransitionOutcome, WorkflowUnknown | TransitionRefused | NotInForce>> {
    if (!(await this.#adoption.tryAdopt())) {
      const isStop = command.move === 'suspend' && id === this.ctx.id.name;
      if (!isStop) return refuse({ code: 'audit_unavailable' });
      return this.#commands.suspendUnknown(id, command);
    }
    return this.#commands.transition(id, command, (one) => this.#applyClock(one));
  }

  /** Charges exactly what one call needs, once for each nonce, if its rules allow it. */
  charge(...order: Parameters<VerifierCalls['charge']>): ReturnType<VerifierCalls['charge']> {
    return this.#calls.charge(...order);
  }

  giveBack(...order: Parameters<VerifierCalls['giveBack']>): Promise<boolean> {
    return this.#calls.giveBack(...order);
  }

  /** Notes how the call of a charge ended, for rules over history. */
  end(...order: Parameters<VerifierCalls['end']>): void {
    this.#calls.end(...order);
  }

  /** Returns how much the tree has used of rules over history of the scope `workflow`. */
  uses(...order: Parameters<VerifierCalls['uses']>): ReturnType<VerifierCalls['uses']> {
    return this.#calls.uses(...order);
  }

  /** Reserves calls of one tool for a verifier, which spends them by itself. */
  lease(...order: Parameters<VerifierCalls['lease']>): ReturnType<VerifierCalls['lease']> {
    return this.#calls.lease(...order);
  }

  settle(lease: string, spent: number): void {
    this.#calls.settle(lease, spent);
  }

  /** Adds labels to the tree, before a verifier serves an answer that carries them. */
  raise(...order: Parameters<VerifierCalls['raise']>): ReturnType<VerifierCalls['raise']> {
    return this.#calls.raise(...order);
  }

  /** Keeps receipts, and returns what is kept: see `ReceiptRows`. */
  attachments(
    ...order: Parameters<VerifierCalls['attachments']>
  ): ReturnType<VerifierCalls['attachments']> {
    return this.#calls.attachments(...order);
  }

  /** Takes decision records of these workflows: counts them and evaluates the rules. */
  observe(...order: Parameters<VerifierCalls['observe']>): Promise<void> {
    return this.#calls.observe(...order);
  }

  /**
   * Runs the clock's transitions and delivers what a crash or an outage left open. Stops come
   * first: no failure of another step may keep them from the feed.
   */
  override async alarm(): Promise<void> {
    try {
      await this.#delivery.stops();
      if (this.#adoption.isOwed()) await this.#adoption.tryAdopt();
      // Deepest first: a child that has reached its own end is not ended by its parent.
      for (const { life } of [...this.#rows.tree()].reverse()) this.#tick(life.id);
      await this.#enforce();
      await this.#signals.deliver();
      await this.#closer.close(readClock());
    } finally {
      await this.#schedule.setNext();
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

  /** Acts on the rules' findings as far as the breaker allows, and delivers all open intents. */
  async #enforce(): Promise<void> {
    await this.#schedule.set();
    for (const finding of this.#monitor.open()) await this.#enforcement.actOn(finding);
    await this.#delivery.all();
    await this.#schedule.set();
  }
}
