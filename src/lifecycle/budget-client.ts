import type { UnixSeconds } from '../clock.ts';
import type { HistoryRefusal, Measurements } from '../history/index.ts';
import type { Result } from '../result.ts';
import type { BudgetRefusal } from './meters.ts';
import type { WorkflowState } from './state.ts';

/** A verifier's request to charge one call to a workflow's budgets before the call happens. */
export interface ChargeRequest {
  readonly workflow: string;
  readonly tool: string;
  /** The verifier's random name for this call. The same nonce is charged once. */
  readonly nonce: string;
  /** The value of each argument that is summed for this tool, in millionths. */
  readonly amounts: Readonly<Record<string, number>>;
  /** The id of the approval that allows this call. It is spent with the charge, once. */
  readonly approval?: string;
  /**
   * The answer must have the labels of the workflow's family, and those of earlier workflows of the
   * same agents and subjects that last. An earlier issuer ignores it.
   */
  readonly withLabels?: true | 'with_earlier';
  /** The catalogue has rules over history that judge or remember calls of the tool. */
  readonly history?: true;
  /** The arguments that those rules read, as far as the issuer has asked for them. */
  readonly measured?: Measurements;
}

/** What an answer to a charge says besides that it was charged. */
export interface Charged {
  /** The labels of the workflow's family as of the charge. */
  readonly labels?: readonly string[];
  /** A rule over history waits for the end of the call: see `BudgetClient.end`. */
  readonly awaitsEnd?: true;
}

/** How a charged call ended. `open`: no one knows. */
export type CallEnd = 'ok' | 'failed' | 'open';

/** A verifier's request to reserve calls of one tool, which it then spends by itself. */
export interface LeaseRequest {
  readonly workflow: string;
  readonly tool: string;
  /** The verifier's random name for this lease. */
  readonly lease: string;
  readonly withLabels?: true | 'with_earlier';
}

export interface LeaseGrant {
  readonly calls: number;
  readonly expires: UnixSeconds;
  /** Arguments that are summed for this tool. If there are any, each call is charged by itself. */
  readonly summed: readonly string[];
  /** The labels of the workflow's family as of the lease, if the request asked for them. */
  readonly labels?: readonly string[];
}

export type AccountRefusal =
  | BudgetRefusal
  | HistoryRefusal
  | { readonly code: 'workflow_stopped'; readonly state: WorkflowState | 'unknown' }
  | { readonly code: 'too_many_leases' }
  /** Another call was made with this approval. */
  | { readonly code: 'approval_used' }
  /** The charge was given back, so a late repetition of it takes nothing. */
  | { readonly code: 'charge_returned' };

/** Why a verifier does not make a call that it charges or counts. */
export type LedgerDenial =
  | BudgetRefusal
  | HistoryRefusal
  | Extract<AccountRefusal, { code: 'workflow_stopped' | 'approval_used' }>
  /** The issuer did not answer. A call that cannot be counted must not happen. */
  | { readonly code: 'ledger_unavailable' };

/** The verifier's client of the issuer's budgets. Every method may throw, and may be retried. */
export interface BudgetClient {
  /** The value is null if there is nothing to say. */
  charge(request: ChargeRequest): Promise<Result<Charged | null, AccountRefusal>>;
  /** Gives a charge back, because its call was not made. True if it is available again. */
  giveBack(request: ChargeRequest): Promise<boolean>;
  /** Reports how the call of a charge ended. May be repeated; the first report counts. */
  end(request: ChargeRequest, end: CallEnd): Promise<void>;
  lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>>;
  settle(workflow: string, lease: string, spent: number): Promise<void>;
}
