import type { DecisionRecord } from '../../../src/audit/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import type { LabelRefusal, LabelRequest } from '../../../src/labels/index.ts';
import type {
  AccountRefusal,
  Charged,
  ChargeRequest,
  LeaseGrant,
  LeaseRequest,
} from '../../../src/lifecycle/index.ts';
import { ok, type Result } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { Adoption } from './adoption.ts';
import type { BudgetAccounts } from './budget-accounts.ts';
import type { FamilyLabelRows } from './family-labels.ts';
import type { DeviationMonitor } from './monitor.ts';
import type { TreeRow } from './tree-row.ts';

interface VerifierCallsParts {
  readonly env: () => IssuerEnv;
  readonly tree: TreeRow;
  readonly accounts: BudgetAccounts;
  readonly labels: FamilyLabelRows;
  readonly monitor: DeviationMonitor;
  readonly adoption: Adoption;
  /** Acts on what the rules have found, and delivers it. */
  readonly enforce: () => Promise<void>;
}

/** What verifiers ask of one object before calls happen, and what they report of them. */
export class VerifierCalls {
  readonly #parts: VerifierCallsParts;

  constructor(parts: VerifierCallsParts) {
    this.#parts = parts;
  }

  async charge(request: ChargeRequest): Promise<Result<Charged | null, AccountRefusal>> {
    const { adoption, tree, accounts, labels } = this.#parts;
    await adoption.adopt();
    const answer = tree.transact(() => {
      const charged = accounts.charge(request, readSeconds());
      if (!charged.ok) this.#overrun(request.workflow, charged.error, `charge.${request.nonce}`);
      return charged;
    });
    if (!answer.ok) await this.#parts.enforce();
    return answer.ok && request.withLabels ? ok({ labels: labels.names() }) : answer;
  }

  giveBack(request: ChargeRequest): boolean {
    const { tree, accounts } = this.#parts;
    return tree.transact(() => accounts.giveBack(request, readSeconds()));
  }

  async lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>> {
    const { adoption, tree, accounts, labels } = this.#parts;
    await adoption.adopt();
    const answer = tree.transact(() => {
      const leased = accounts.lease(request, readSeconds());
      if (!leased.ok) this.#overrun(request.workflow, leased.error, `lease.${request.lease}`);
      return leased;
    });
    if (!answer.ok) await this.#parts.enforce();
    return answer.ok && request.withLabels
      ? ok({ ...answer.value, labels: labels.names() })
      : answer;
  }

  settle(lease: string, spent: number): void {
    const { tree, accounts } = this.#parts;
    tree.transact(() => accounts.settle(lease, spent));
  }

  async raise(request: LabelRequest): Promise<Result<readonly string[], LabelRefusal>> {
    const { adoption, tree, labels } = this.#parts;
    await adoption.adopt();
    return tree.transact(() => labels.raise(request, readSeconds()));
  }

  /** Counts the records, evaluates the rules, and notes what was read for the record alone. */
  async observe(records: readonly DecisionRecord[]): Promise<void> {
    const { adoption, env, tree, monitor, labels } = this.#parts;
    await adoption.adopt();
    const { rulebook } = readConfig(env());
    tree.transact(() => {
      monitor.take(records, rulebook);
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
