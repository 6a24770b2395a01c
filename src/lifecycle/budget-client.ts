import type { Result } from '../result.ts';
import type { BudgetRefusal } from './meters.ts';
import type { WorkflowState } from './state.ts';

/** What a verifier wants to take of a workflow's budgets before a call happens. */
export interface ChargeRequest {
  readonly workflow: string;
  readonly tool: string;
  /** The verifier's own name of this call, random: the same one is charged once. */
  readonly nonce: string;
  /** Of each argument that is added up for this tool, in millionths. */
  readonly amounts: Readonly<Record<string, number>>;
}

export interface LeaseRequest {
  readonly workflow: string;
  readonly tool: string;
  /** The verifier's own name of this lease, random. */
  readonly lease: string;
}

export interface LeaseGrant {
  readonly calls: number;
  /** Unix seconds. */
  readonly expires: number;
  /** Arguments that are added up for this tool: each call of it is charged by itself. */
  readonly summed: readonly string[];
}

export type AccountRefusal =
  | BudgetRefusal
  | { readonly code: 'workflow_stopped'; readonly state: WorkflowState | 'unknown' }
  | { readonly code: 'too_many_leases' }
  /** It was given back: a repetition that comes late takes nothing. */
  | { readonly code: 'charge_returned' };

/** Where budgets are kept: the issuer, over a service binding. Each may throw, and be repeated. */
export interface BudgetClient {
  charge(order: ChargeRequest): Promise<Result<null, AccountRefusal>>;
  /** What a charge took, back: its call was not made. True where it is there again. */
  giveBack(order: ChargeRequest): Promise<boolean>;
  lease(order: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>>;
  settle(workflow: string, lease: string, spent: number): Promise<void>;
}
