import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import type {
  AccountRefusal,
  ChargeRequest,
  ChildRefusal,
  LeaseGrant,
  LeaseRequest,
  TransitionRefused,
  TransitionRequest,
  WorkflowState,
} from '../../../src/lifecycle/index.ts';
import type { Result } from '../../../src/result.ts';
import type { ContinuationRefusal, GrantsAbove } from './continuation.ts';
import type { Revoked, RevokeRequest, WorkflowStart, WorkflowView } from './contract.ts';

/** A later mint of a workflow that has begun. */
export type FurtherMint = WorkflowStart & { readonly stepUp?: true | undefined };

/** Who moves a workflow and why, for the record. */
export interface TransitionCommand extends TransitionRequest {
  readonly actor: string;
  readonly reason?: string;
  readonly evidence?: readonly string[];
}

/** What has become of a workflow, and where the feed says so; no `seq` where it had nothing to. */
export interface TransitionOutcome {
  readonly state: WorkflowState;
  readonly gen: number;
  readonly epoch?: number;
  readonly seq?: number;
  /** Whether the audit log has the record yet; what stops something is in force either way. */
  readonly recorded: boolean;
  /** Unix seconds: the end of the last token of it, and of those below it. */
  readonly expires?: number;
}

/** Why a child gets no share of its parent. */
export type ShareRefusal = { readonly code: 'parent_exceeded' } | ChildRefusal;

/** Why a workflow or a child does not begin. */
export type BeginRefusal = { readonly code: 'workflow_exists' } | ShareRefusal;

/** Ordered, and carried out as soon as the log that is named answers; not in force until then. */
export type NotInForce =
  | { readonly code: 'feed_unavailable' }
  | { readonly code: 'audit_unavailable' };

export type Unknown = { readonly code: 'workflow_unknown' };

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface WorkflowBinding extends Rpc.DurableObjectBranded {
  mayBegin(start: WorkflowStart): Result<null, ShareRefusal>;
  begin(start: WorkflowStart): Promise<Result<null, BeginRefusal>>;
  continue(mint: FurtherMint): Result<null, ContinuationRefusal>;
  view(id: string): WorkflowView | undefined;
  grantsAbove(id: string): GrantsAbove;
  granted(block: string): readonly Grant[] | undefined;
  revoke(id: string, request: RevokeRequest): Promise<Result<Revoked, Unknown | NotInForce>>;
  revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' } | NotInForce>>;
  move(
    id: string,
    order: TransitionCommand,
  ): Promise<Result<TransitionOutcome, Unknown | TransitionRefused | NotInForce>>;
  charge(order: ChargeRequest): Promise<Result<null, AccountRefusal>>;
  giveBack(order: ChargeRequest): boolean;
  lease(order: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>>;
  settle(lease: string, spent: number): void;
  observe(records: readonly DecisionRecord[]): Promise<void>;
}
