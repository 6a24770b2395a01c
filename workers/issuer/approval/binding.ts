import type { ApprovalAskedRecord } from '../../../src/audit/index.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import type { ApprovalView } from './rows.ts';
import type {
  AnswerRefusal,
  ApprovalAnswer,
  ApprovalRefusal,
  Approved,
  PendingApproval,
  SignedBlock,
} from './state.ts';
import type { Suggestion } from './suggestions.ts';
import type { Waited } from './waits.ts';

/** A question, as the agent's proven request and the policy make it. */
export interface QuestionRequest {
  /** A fresh id; unused if the same question is already open. */
  readonly id: string;
  readonly digest: string;
  /** The canonical text that the digest is computed from. */
  readonly question: string;
  readonly who: Pick<ApprovalAskedRecord, 'workflow' | 'subject' | 'owner' | 'task'> & {
    readonly agent: string;
  };
  readonly what: Pick<ApprovalAskedRecord, 'audience' | 'grants' | 'calls' | 'stepUp' | 'holder'>;
}

/** The methods that other parts of the issuer call. The class documents each. */
export interface ApprovalsBinding extends Rpc.DurableObjectBranded {
  ask(request: QuestionRequest): Promise<Result<PendingApproval, ApprovalRefusal>>;
  poll(poll: { id: string; agent: string; digest: string }): Result<Approved, ApprovalRefusal>;
  whenAnswered(id: string, agent: string, milliseconds: number): Promise<Waited>;
  decide(
    answer: ApprovalAnswer,
  ): Promise<Result<ApprovalView, AnswerRefusal | { readonly code: 'audit_unavailable' }>>;
  noteSigned(id: string, signed: SignedBlock): void;
  suggestions(): readonly Suggestion[];
  view(id: string): ApprovalView | undefined;
  schemaVersion(): SchemaVersion;
  list(after: number): { approvals: readonly ApprovalView[]; pending: number };
}
