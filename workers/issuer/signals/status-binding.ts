import type { WorkflowChange } from '../../../src/signals/index.ts';

/** Where the status of a workflow stands (draft-ietf-oauth-status-list section 6.1). */
export interface StatusPlace {
  readonly list: string;
  readonly idx: number;
}

/** A workflow whose status somebody will ask for. */
export interface ReferredWorkflow {
  readonly workflow: string;
  /** What ends one of these ends the workflow. */
  readonly ancestors: readonly string[];
  /** Unix seconds: of a token of it, so the workflow began no later. */
  readonly issuedAt: number;
}

/** What the other parts of the issuer ask of it, by its binding. What each does: see the class. */
export interface StatusListBinding extends Rpc.DurableObjectBranded {
  place(of: ReferredWorkflow): Promise<StatusPlace>;
  learn(change: WorkflowChange): Promise<void>;
  token(list: string): Promise<string | undefined>;
}
