import type { UnixSeconds } from '../../clock.ts';
import { noRefusal, type OrderedRecord, type RecordBase, type RecordKind } from './base.ts';
import type { RecordedGrant } from './mint.ts';

/** A question to a person, written before anyone can see it. */
export interface ApprovalAskedRecord extends RecordBase {
  readonly event: 'approval_asked';
  readonly approval: string;
  /** SHA-256 of the whole question, which the approving person repeats. */
  readonly digest: string;
  readonly audience: string;
  /** Of a question for single calls: their tools and datasets, which are granted already. */
  readonly grants: readonly Pick<RecordedGrant, 'tool' | 'action' | 'dataset'>[];
  /** The single calls of the question. */
  readonly calls?: readonly RecordedCall[];
  readonly stepUp?: true;
  /** Thumbprint of the key that the capability would be bound to. */
  readonly holder?: string;
  /** The question ends at this time if it is not answered. */
  readonly expires: UnixSeconds;
}

/** A call that a person is asked to approve, without its arguments. */
export interface RecordedCall {
  /** The id of its approval, as the decision record of the call has it. */
  readonly id: string;
  readonly tool: string;
  /** SHA-256 of the arguments, as in a decision record. */
  readonly request: string;
}

export const approvalAskedKind: RecordKind<ApprovalAskedRecord> = {
  from: 'issuer',
  classOf: () => 'grant',
  refusedParty: noRefusal,
  written: 'before a person can see it',
  contents:
    "The question's id and digest, audience, grants, the single calls if it asks for some, and its end.",
};

/** A person's answer to a question; an approval is written before it counts. */
export interface ApprovalDecidedRecord extends OrderedRecord {
  readonly event: 'approval_decided';
  readonly approval: string;
  readonly digest: string;
  readonly decision: 'approve' | 'refuse';
  /** The kind of credential that was used. */
  readonly actor: string;
  /** The person who decided, as the bearer of that credential states. */
  readonly by: string;
  readonly reason: string;
  /** The id of the passkey that signed the approval. */
  readonly passkey?: string;
  /** For an approval: the end of what may be minted with it. */
  readonly until?: UnixSeconds;
}

export const approvalDecidedKind: RecordKind<ApprovalDecidedRecord> = {
  from: 'issuer',
  classOf: () => 'grant',
  refusedParty: noRefusal,
  written: 'before it takes effect; a refusal after it',
  contents:
    "The question's id and digest, the decision, by whom, until when and why, and the id of the `passkey` that signed it.",
};
