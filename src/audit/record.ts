import type { ArgumentConstraints, Budgets } from '../capability/index.ts';
import type { ToolTier } from '../catalogue/index.ts';
import type {
  ApprovalAskedRecord,
  ApprovalDecidedRecord,
  MintApproval,
} from './approval-record.ts';
import type { DispatchRecord, OutcomeRecord } from './call-record.ts';
import type { DecisionRecord } from './decision-record.ts';
import type {
  DeviationRecord,
  GapRecord,
  RuleArmedRecord,
  TransitionRecord,
} from './life-record.ts';
import type { RecordBase } from './record-base.ts';
import type { RefusalsRecord } from './refusals-record.ts';

/**
 * What the audit trail holds. Every record names workflow, agent, subject, owner and the whole
 * chain of block ids where they are known (invariant 9), and never a token, a JWT or a call's
 * arguments. Two things come near them: a dataset is named by arguments, and the check that denied
 * is quoted as its holder wrote it.
 */

/**
 * The log that a verifier's records go to, by which they are numbered. An issuer has one: that of
 * every workflow.
 */
export const LOG_ORIGIN = 'default';

interface RecordedGrant {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
  readonly constraints?: ArgumentConstraints;
}

export interface MintRecord extends RecordBase {
  readonly event: 'mint';
  readonly blocks: readonly string[];
  readonly audience: string;
  readonly grants: readonly RecordedGrant[];
  /** The arguments that a grant does not bound though they say where something goes. */
  readonly openSinks?: readonly {
    readonly tool: string;
    readonly pointer: string;
    /** The constraints of the request bound it; absent: nothing does. */
    readonly bound?: 'request';
    /** The policy's; absent where a person was asked. */
    readonly reason?: string;
  }[];
  /** Who acted before, by the subject token's `act`, newest first: nothing was decided by it. */
  readonly actors?: readonly string[];
  /** Asked for as more than the workflow had. */
  readonly stepUp?: true;
  /** The approval that it was minted by, where the policy asked for one. */
  readonly approval?: MintApproval;
  /** The policy rule behind each grant, in the same order. */
  readonly rules: readonly string[];
  /** Grants that were asked for and refused. */
  readonly refused: readonly (RecordedGrant & { readonly code: string })[];
  /** How bad it can get, and what the workflow may do in all, as the policy said at this mint. */
  readonly tier: ToolTier;
  readonly budgets: Budgets;
  /** Unix seconds. */
  readonly expires: number;
  /** Thumbprint of the key that the capability is bound to; absent where it is bound to none. */
  readonly holder?: string;
}

export interface RefusalRecord extends RecordBase {
  readonly event: 'refusal';
  /** The OAuth error and our reason for it. */
  readonly error: string;
  readonly code: string;
  /** What was asked for, where it is known of whom: as many grants as one request holds. */
  readonly audience?: string;
  readonly grants?: MintRecord['grants'];
}

export interface RevocationRecord extends RecordBase {
  readonly event: 'revocation';
  readonly kind: 'workflow' | 'block';
  readonly target: string;
  /** `operator`, `holder`, or `rule:<id>@<version>`. */
  readonly actor: string;
  readonly reason: string;
  /** Ids of the records that a rule went by. */
  readonly evidence?: readonly string[];
}

/** Everything of a scope that was issued before a time was stopped. */
export interface WatermarkRecord extends RecordBase {
  readonly event: 'watermark';
  /** It could hit no token, and its place in the head is free again. */
  readonly withdrawn?: true;
  readonly scope: string;
  readonly value: string;
  /** Unix seconds. */
  readonly before: number;
  readonly actor: string;
  readonly reason: string;
}

/** An operator has denied a scope, or the denial is over. */
export interface DenialRecord extends RecordBase {
  readonly event: 'denial';
  readonly change: 'set' | 'lifted' | 'ended';
  readonly scope: string;
  readonly value: string;
  /** Unix seconds: what was issued before is stopped; of a tool, its calls alone. */
  readonly before: number;
  /** Unix seconds of its end, where it has one. */
  readonly until?: number;
  /** `operator`, or `clock` where its end has come. */
  readonly actor: string;
  readonly reason: string;
}

/** An operator's change of a stream of security events. */
export interface StreamRecord extends RecordBase {
  readonly event: 'stream';
  readonly stream: string;
  readonly change: 'created' | 'enabled' | 'paused' | 'disabled' | 'removed';
  readonly actor: string;
  readonly audience?: string;
  /** Where events are pushed to; absent where they are polled. */
  readonly endpoint?: string;
}

export type AuditRecord =
  | MintRecord
  | RefusalRecord
  | RefusalsRecord
  | RevocationRecord
  | TransitionRecord
  | DeviationRecord
  | GapRecord
  | RuleArmedRecord
  | OutcomeRecord
  | DispatchRecord
  | WatermarkRecord
  | DenialRecord
  | StreamRecord
  | DecisionRecord
  | ApprovalAskedRecord
  | ApprovalDecidedRecord;
