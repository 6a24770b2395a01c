import type { Budgets, Grant } from '../../../src/capability/index.ts';
import type { ToolTier } from '../../../src/catalogue/index.ts';
import type { Meter, WorkflowState } from '../../../src/lifecycle/index.ts';

/**
 * What a workflow is begun with; everything is fixed but its state. A later mint of the same
 * workflow has the same form.
 */
export interface WorkflowStart {
  readonly id: string;
  /** The workflow that it is a child of; absent for a root. */
  readonly parent?: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly task: string;
  readonly gen: number;
  readonly audience: string;
  /** Thumbprint of the key that all its capabilities are bound to; absent: they are to none. */
  readonly holder?: string;
  readonly grants: readonly Grant[];
  /** Unix seconds. */
  readonly startedAt: number;
  /** Unix seconds: the end of the capability that is minted with this. */
  readonly expires: number;
  /** Unix seconds: the end of the workflow, beyond which it has no capability. */
  readonly ends: number;
  /** Revocation ids of the authority blocks that were minted for it. */
  readonly blocks: readonly string[];
  /** What the policy said of it at this mint; absent in what an older version wrote. */
  readonly tier?: ToolTier;
  readonly budgets?: Budgets;
  /** What a child asked its parent for. */
  readonly asked?: Budgets;
}

/**
 * `expires` is the end of its last capability, `blocks` has those of all, `grants` also what was
 * added by stepping up, and `gen` is the one that the next capability has.
 */
export interface WorkflowView extends WorkflowStart {
  /** What the issuer goes by: a stop counts from its order on, a resumption once it is in force. */
  readonly state: WorkflowState;
  readonly standing: ViewStanding;
  /** Seconds until it may be minted for again; absent where it may be now. */
  readonly pauseSeconds?: number;
  /** It has got more since it began. */
  readonly steppedUp?: true;
  /** Root first; empty for a root. */
  readonly ancestors: readonly string[];
  /** Those directly below it. */
  readonly children: readonly string[];
  readonly meters: readonly Meter[];
  readonly revocation?: { readonly actor: string; readonly reason: string; readonly seq: number };
}

/** What was decided, and how far that is known to others. */
export interface ViewStanding {
  readonly ordered: WorkflowState;
  /** What the feed has, and so every verifier sooner or later. */
  readonly inForce: WorkflowState;
  /** Unix seconds: the end of the last token of it, and of those below it. */
  readonly tokensEnd: number;
  /** The newest entry that stops it, or one above it. */
  readonly entry?: { readonly epoch: number; readonly seq: number };
}

export interface RevokeRequest {
  readonly actor: string;
  readonly reason: string;
  /** A revocation id: kills what was narrowed from that block, and leaves the workflow alive. */
  readonly block?: string;
  /**
   * Said by an operator who means it: revoke also where no such workflow was begun, because what
   * was lost of a mint must not protect its token.
   */
  readonly evenUnknown?: true;
}

export interface Revoked {
  readonly epoch: number;
  readonly seq: number;
  /** Unix seconds after which no token is left that it stops; undefined where that is not known. */
  readonly expires?: number;
  /** Whether the log's archive has it, so that it outlives a restore of the log as well. */
  readonly archived: boolean;
  /** Whether the audit log has the record yet; it is in force either way. */
  readonly recorded: boolean;
}
