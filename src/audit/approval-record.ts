import type { RecordBase } from './record-base.ts';

/** Somebody is asked: written before a person can see it. */
export interface ApprovalAskedRecord extends RecordBase {
  readonly event: 'approval_asked';
  readonly approval: string;
  /** SHA-256 of the whole question, as the person who approves echoes it. */
  readonly digest: string;
  readonly audience: string;
  readonly grants: readonly {
    readonly tool: string;
    readonly action: string;
    readonly dataset: string;
  }[];
  readonly stepUp?: true;
  /** Thumbprint of the key that the capability would be bound to. */
  readonly holder?: string;
  /** Unix seconds: unanswered until then, the question is over. */
  readonly expires: number;
}

/** A person's answer: written before it counts. */
export interface ApprovalDecidedRecord extends RecordBase {
  readonly event: 'approval_decided';
  readonly approval: string;
  readonly digest: string;
  readonly decision: 'approve' | 'refuse';
  /** Whose credential it was, and who decided by that credential's word. */
  readonly actor: string;
  readonly by: string;
  readonly reason: string;
  /** Unix seconds: the end of what may be minted by it. Of an approval alone. */
  readonly until?: number;
}

/** In the record of a mint: by whose approval. */
export interface MintApproval {
  readonly id: string;
  readonly digest: string;
  readonly by: string;
  /** Unix seconds. */
  readonly until: number;
}
