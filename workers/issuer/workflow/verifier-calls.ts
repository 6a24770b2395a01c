import type { DecisionRecord } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import { type HistoryRule, type HistoryUse, usesOf } from '../../../src/history/index.ts';
import type { LabelRefusal, LabelRequest } from '../../../src/labels/index.ts';
import type {
  AccountRefusal,
  CallEnd,
  Charged,
  ChargeRequest,
  LeaseGrant,
  LeaseRequest,
} from '../../../src/lifecycle/index.ts';
import type { KeptAttachments, KeptReceipt } from '../../../src/receipts/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { Adoption } from './adoption.ts';
import type { BudgetAccounts } from './budget-accounts.ts';
import { EarlierLabels } from './earlier-labels.ts';
import type { FamilyLabelRows } from './family-labels.ts';
import type { DeviationMonitor } from './monitor.ts';
import type { ReceiptRows } from './receipts.ts';
import type { WorkflowRows } from './rows.ts';
import { ScopedCharges } from './scoped-charges.ts';
import type { TreeRow } from './tree-row.ts';

interface VerifierCallsParts {
  readonly ctx: DurableObjectState;
  readonly env: () => IssuerEnv;
  readonly rows: WorkflowRows;
  readonly tree: TreeRow;
  readonly accounts: BudgetAccounts;
  readonly labels: FamilyLabelRows;
  readonly monitor: DeviationMonitor;
  readonly receipts: ReceiptRows;
  readonly adoption: Adoption;
  /** Acts on what the rules have found, and delivers it. */
  readonly enforce: () => Promise<void>;
}

/** What verifiers ask of one object before calls happen, and what they report of them. */
export class VerifierCalls {
  readonly #parts: VerifierCallsParts;
  readonly #scopes: ScopedCharges;
  readonly #earlier: EarlierLabels;

  constructor(parts: VerifierCallsParts) {
    this.#parts = parts;
    this.#earlier = new EarlierLabels(parts);
    this.#scopes = new ScopedCharges(parts);
  }

  /** The budgets and the history of the tree are charged first, and other scopes after that. */
  async charge(
    request: ChargeRequest,
    rules: readonly HistoryRule[] = [],
  ): Promise<Result<Charged | null, AccountRefusal>> {
    const { adoption, tree, accounts } = this.#parts;
    await adoption.adopt();
    const charged = tree.transact(() => {
      const answer = accounts.charge(request, rules, readSeconds());
      if (!answer.ok) this.#overrun(request.workflow, answer.error, `charge.${request.nonce}`);
      return answer;
    });
    if (!charged.ok) await this.#parts.enforce();
    const answer = charged.ok ? await this.#scopes.take(request, rules, charged.value) : charged;
    return answer.ok && request.withLabels
      ? ok({ ...answer.value, ...(await this.#told(request)) })
      : answer;
  }

  /** Returns the labels that a request asks for. Rejects if an object that has some is silent. */
  async #told({ withLabels }: Pick<ChargeRequest, 'withLabels'>) {
    const { tree, labels } = this.#parts;
    if (withLabels !== 'with_earlier') return { labels: labels.names() };
    const earlier = await this.#earlier.heard();
    return earlier && { labels: tree.transact(() => labels.inherit(earlier)) };
  }

  giveBack(request: ChargeRequest): Promise<boolean> {
    return this.#scopes.giveBack(request);
  }

  end({ nonce }: ChargeRequest, end: CallEnd): void {
    const { tree, accounts } = this.#parts;
    tree.transact(() => accounts.end(nonce, end));
  }

  uses(rules: readonly HistoryRule[]): readonly HistoryUse[] {
    return usesOf(rules, this.#parts.tree.read().history, readSeconds());
  }

  async lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    const { adoption, tree, accounts } = this.#parts;
    await adoption.adopt();
    const answer = tree.transact(() => {
      const leased = accounts.lease(request, readSeconds());
      if (!leased.ok) this.#overrun(request.workflow, leased.error, `lease.${request.lease}`);
      return leased;
    });
    if (!answer.ok) await this.#parts.enforce();
    return answer.ok && request.withLabels
      ? ok({ ...answer.value, ...(await this.#told(request)) })
      : answer;
  }

  settle(lease: string, spent: number): void {
    const { tree, accounts } = this.#parts;
    tree.transact(() => accounts.settle(lease, spent));
  }

  async raise(request: LabelRequest): Promise<Result<readonly string[], LabelRefusal>> {
    const { adoption, tree, labels } = this.#parts;
    await adoption.adopt();
    const raised = tree.transact(() => labels.raise(request, readSeconds()));
    if (!raised.ok || (await this.#earlier.tell(request, readSeconds()))) return raised;
    return refuse({ code: 'too_many_labels' });
  }

  /** Keeps receipts of what a workflow has read, and returns what is kept of it. */
  async attachments(workflow: string, added: readonly KeptReceipt[]): Promise<KeptAttachments> {
    const { adoption, receipts } = this.#parts;
    await adoption.adopt();
    if (added.length > 0) receipts.keep(workflow, added);
    const { text, salt } = receipts.promptOf(workflow) ?? {};
    const hasPrompt = text !== undefined && salt !== undefined;
    return { ...(hasPrompt && { prompt: { text, salt } }), receipts: receipts.of(workflow) };
  }

  /** Counts the records, evaluates the rules, and notes what was read for the record alone. */
  async observe(
    records: readonly DecisionRecord[],
    rules: readonly HistoryRule[] = [],
  ): Promise<void> {
    const { adoption, env, tree, monitor, labels } = this.#parts;
    await adoption.adopt();
    const { rulebook } = readConfig(env());
    tree.transact(() => {
      monitor.take(records, rulebook, rules);
      for (const record of records) labels.note(record);
    });
    await this.#parts.enforce();
  }

  #overrun(workflow: string, refusal: AccountRefusal, evidence: string): void {
    if (refusal.code !== 'budget_exhausted') return;
    const { env, monitor } = this.#parts;
    monitor.overrun(workflow, evidence);
    monitor.judge(workflow, readConfig(env()).rulebook);
  }
}
