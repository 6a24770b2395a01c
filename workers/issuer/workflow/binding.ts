import type { DecisionRecord, OrderVia } from '../../../src/audit/index.ts';
import type { Budgets, Grant } from '../../../src/capability/index.ts';
import type { ToolTier } from '../../../src/catalogue/index.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import type { HistoryRule, HistoryUse } from '../../../src/history/index.ts';
import type { LabelRefusal, LabelRequest } from '../../../src/labels/index.ts';
import type {
  AccountRefusal,
  CallEnd,
  Charged,
  ChargeRequest,
  ChildRefusal,
  LeaseGrant,
  LeaseRequest,
  Meter,
  TransitionRefused,
  TransitionRequest,
  WorkflowState,
} from '../../../src/lifecycle/index.ts';
import type { AttachedPrompt } from '../../../src/provenance/index.ts';
import type { KeptAttachments, KeptReceipt } from '../../../src/receipts/index.ts';
import type { Result } from '../../../src/result.ts';

/** The request of the user, as its workflow keeps it. */
export interface StatedPrompt extends AttachedPrompt {
  /** As in the tokens of the workflow: see `promptDigest`. */
  readonly digest: string;
}

/** The facts that a workflow begins with. A later mint of the same workflow has the same shape. */
export interface WorkflowStart {
  readonly id: string;
  /** The workflow above it; absent for a root. */
  readonly parent?: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly task: string;
  readonly gen: number;
  readonly audience: string;
  /** Thumbprint of the key that all its capabilities are bound to; absent if they are unbound. */
  readonly holder?: string;
  readonly grants: readonly Grant[];
  readonly startedAt: UnixSeconds;
  /** The end of the capability that is minted with these facts. */
  readonly expires: UnixSeconds;
  /** The end of the workflow: no capability of it lives longer. */
  readonly ends: UnixSeconds;
  /** Revocation ids of the authority blocks that were minted for it. */
  readonly blocks: readonly string[];
  /** The policy's tier and budgets for this mint; absent in rows that an older version wrote. */
  readonly tier?: ToolTier;
  readonly budgets?: Budgets;
  /** The budgets that a child requested from its parent. */
  readonly asked?: Budgets;
  /** It expires after this many seconds without a mint; absent if it needs no renewals. */
  readonly renewWithin?: number;
  /** The request of the user; absent for a child, and once the workflow has ended. */
  readonly prompt?: StatedPrompt;
  /**
   * A digest of everything that its mint record says but times and blocks, and of the generation. A
   * further mint of the same is a renewal. Absent in rows that an older version wrote.
   */
  readonly mintDigest?: string;
}

/** A later mint of an existing workflow. */
export type FurtherMint = WorkflowStart & {
  readonly stepUp?: true | undefined;
  /** It repeats the last mint, so it has no record of its own. */
  readonly isRenewal?: true;
};

/**
 * A workflow as its readers see it. `expires` is the end of its last capability, `blocks` and
 * `grants` cover all its mints, and `gen` is the generation of the next capability.
 */
export interface WorkflowView extends WorkflowStart {
  /** What the issuer enforces: a stop from its decision on, a resumption once it is in force. */
  readonly state: WorkflowState;
  readonly standing: ViewStanding;
  /** Seconds until the next mint is allowed; absent if it is allowed now. */
  readonly pauseSeconds?: number;
  /** Renewals since it began, and the time of the last one; absent if there was none. */
  readonly renewals?: number;
  readonly renewedAt?: UnixSeconds;
  /** It has gained grants since it began. */
  readonly steppedUp?: true;
  /** Root first; empty for a root. */
  readonly ancestors: readonly string[];
  /** Direct children only. */
  readonly children: readonly string[];
  readonly meters: readonly Meter[];
  /**
   * What the tree has read, each label with the first read. It is absent if the tree has read
   * nothing.
   */
  readonly labels?: readonly ReadLabel[];
  readonly revocation?: { readonly actor: string; readonly reason: string; readonly seq: number };
}

/** A label that a workflow of the tree has read. */
export interface ReadLabel {
  readonly label: string;
  /** The first read: when, by which workflow, and with which tool. */
  readonly at: UnixSeconds;
  readonly workflow: string;
  readonly tool: string;
}

/** The decided state, and how far it has reached the verifiers. */
export interface ViewStanding {
  readonly ordered: WorkflowState;
  /** The state in the feed, which every verifier applies sooner or later. */
  readonly inForce: WorkflowState;
  /** The end of the last token of the workflow and of those below it. */
  readonly tokensEnd: UnixSeconds;
  /** The newest feed entry that stops this workflow or one above it. */
  readonly entry?: { readonly epoch: number; readonly seq: number };
}

/** What each workflow above one was granted, root first; empty for a root. */
export type GrantsAbove = readonly (readonly Grant[])[];

/**
 * A transition that an operator, agent, rule or the clock commands, with the data of its record.
 */
export interface TransitionCommand extends TransitionRequest {
  /** `agent`, `operator`, `clock`, `rule:<id>@<version>` or `parent:<workflow>`. */
  readonly actor: string;
  readonly via?: OrderVia;
  readonly reason?: string;
  readonly evidence?: readonly string[];
}

/** The state that a transition led to, and its feed entry; no `seq` if it needed no entry. */
export interface TransitionOutcome {
  readonly state: WorkflowState;
  readonly gen: number;
  readonly epoch?: number;
  readonly seq?: number;
  /** Whether the audit log has the record yet. A stop is in force either way. */
  readonly recorded: boolean;
  /** The end of the last token of the workflow and of those below it. */
  readonly expires?: UnixSeconds;
}

/** An operator's or holder's command to revoke a workflow, or one block of its tokens. */
export interface RevokeCommand {
  readonly actor: string;
  readonly via?: OrderVia;
  readonly reason: string;
  /** A revocation id: kills every token narrowed from that block; the workflow stays alive. */
  readonly block?: string;
  /**
   * Revoke even if the workflow is unknown here. A mint whose row was lost must not protect the
   * token that was handed out.
   */
  readonly evenUnknown?: true;
  /**
   * The workflow is a canary of the scheduled drill, which no one holds a token of. Verifiers need
   * its entry until this time.
   */
  readonly canaryUntil?: UnixSeconds;
}

/** The feed entry of a revocation. */
export interface Revoked {
  readonly epoch: number;
  readonly seq: number;
  /** When the last token that it stops ends; undefined if that is unknown. */
  readonly expires?: UnixSeconds;
  /** Whether the archive has the entry, so that it survives a restore of the log. */
  readonly archived: boolean;
  /** Whether the audit log has the record yet. The revocation is in force either way. */
  readonly recorded: boolean;
}

/** Why a child gets no share of its parent. */
export type ShareRefusal = { readonly code: 'parent_exceeded' } | ChildRefusal;

/** Why a workflow or a child does not begin. */
export type BeginRefusal = { readonly code: 'workflow_exists' } | ShareRefusal;

/** The facts that a continuation must share with the workflow. */
export type ContinuationFact = 'agent' | 'subject' | 'owner' | 'audience' | 'task';

/** Whom a workflow began for. None of it changes while the workflow exists. */
export interface WorkflowParties
  extends Pick<WorkflowStart, 'audience' | 'agent' | 'subject' | 'owner' | 'task'> {
  readonly workflow: string;
}

/** Why a workflow is not continued. */
export type ContinuationRefusal =
  /** `unknown`, or the first fact that differs. */
  | { readonly code: 'workflow_foreign'; readonly cause: 'unknown' | ContinuationFact }
  /** Another key than the workflow began with, or a key where it began without one. */
  | { readonly code: 'holder_differs' }
  | { readonly code: 'workflow_ended'; readonly cause: Exclude<WorkflowState, 'active'> }
  /** It may be resumed, so the agent may retry. */
  | { readonly code: 'workflow_suspended' }
  | { readonly code: 'workflow_exceeded' }
  /** A child requests a grant that a workflow above it lacks. */
  | { readonly code: 'parent_exceeded' }
  | { readonly code: 'workflow_exhausted' }
  /** Exact, because one object counts the mints of one workflow. */
  | {
      readonly code: 'rate_limited';
      readonly of: 'workflow';
      readonly retryAfterSeconds: number;
    };

/** The mint is no renewal, or the row has no room for it: record it like any other. */
export interface NotRenewed {
  readonly code: 'not_renewed';
}

/** Decided and stored. Takes effect once the named log answers. */
export type NotInForce =
  | { readonly code: 'feed_unavailable' }
  | { readonly code: 'audit_unavailable' };

export type WorkflowUnknown = { readonly code: 'workflow_unknown' };

/** A workflow as a further mint or the mint of a child needs it. */
export interface MintView {
  readonly view: WorkflowView;
  readonly above: GrantsAbove;
  /** What the capability with the requested block was granted; absent if its mint was lost. */
  readonly granted?: readonly Grant[];
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface WorkflowBinding extends Rpc.DurableObjectBranded {
  mayBegin(start: WorkflowStart): Promise<Result<null, ShareRefusal>>;
  begin(start: WorkflowStart): Promise<Result<null, BeginRefusal>>;
  continue(mint: FurtherMint): Promise<Result<null, ContinuationRefusal | NotRenewed>>;
  view(id: string): Promise<WorkflowView | undefined>;
  forMint(id: string, block?: string): Promise<MintView | undefined>;
  granted(block: string): Promise<readonly Grant[] | undefined>;
  revoke(
    id: string,
    command: RevokeCommand,
  ): Promise<Result<Revoked, WorkflowUnknown | NotInForce>>;
  revokeByHolder(
    id: string,
    block: string,
  ): Promise<Result<Revoked, { code: 'too_many_revocations' } | NotInForce>>;
  move(
    id: string,
    command: TransitionCommand,
  ): Promise<Result<TransitionOutcome, WorkflowUnknown | TransitionRefused | NotInForce>>;
  parties(ids: readonly string[]): Promise<readonly WorkflowParties[]>;
  charge(
    request: ChargeRequest,
    rules?: readonly HistoryRule[],
  ): Promise<Result<Charged | null, AccountRefusal>>;
  giveBack(request: ChargeRequest): Promise<boolean>;
  end(request: ChargeRequest, end: CallEnd): void;
  uses(rules: readonly HistoryRule[]): readonly HistoryUse[];
  lease(request: LeaseRequest): Promise<Result<LeaseGrant, AccountRefusal>>;
  settle(lease: string, spent: number): void;
  raise(request: LabelRequest): Promise<Result<readonly string[], LabelRefusal>>;
  attachments(workflow: string, added: readonly KeptReceipt[]): Promise<KeptAttachments>;
  observe(records: readonly DecisionRecord[], rules?: readonly HistoryRule[]): Promise<void>;
}
