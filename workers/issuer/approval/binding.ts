import type { ApprovalAskedRecord } from '../../../src/audit/index.ts';
import type { Result } from '../../../src/result.ts';
import type { ApprovalOrder, ApprovalRefusal, Approved, OrderRefusal, Waiting } from './decide.ts';
import type { ApprovalView } from './table.ts';

/** What is asked, as the agent's proven request and the policy say it. */
export interface Asking {
  /** A fresh id; not taken where the same question is open already. */
  readonly id: string;
  readonly digest: string;
  /** The canonical text that the digest is of. */
  readonly question: string;
  readonly who: Pick<ApprovalAskedRecord, 'workflow' | 'subject' | 'owner' | 'task'> & {
    readonly agent: string;
  };
  readonly what: Pick<ApprovalAskedRecord, 'audience' | 'grants' | 'stepUp' | 'holder'>;
}

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface ApprovalsBinding extends Rpc.DurableObjectBranded {
  ask(asking: Asking): Promise<Result<Waiting, ApprovalRefusal>>;
  poll(poll: { id: string; agent: string; digest: string }): Result<Approved, ApprovalRefusal>;
  decide(
    order: ApprovalOrder,
  ): Promise<Result<ApprovalView, OrderRefusal | { readonly code: 'audit_unavailable' }>>;
  view(id: string): ApprovalView | undefined;
  list(after: number): { approvals: readonly ApprovalView[]; pending: number };
}
