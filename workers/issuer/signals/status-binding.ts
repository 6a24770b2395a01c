import type { UnixSeconds } from '../../../src/clock.ts';
import type { WorkflowChange } from '../../../src/signals/index.ts';

/** The status reference of a workflow (draft-ietf-oauth-status-list section 6.1). */
export interface StatusPlace {
  readonly list: string;
  readonly idx: number;
}

/** A workflow that needs a status reference. */
export interface ReferredWorkflow {
  readonly workflow: string;
  /** If one of these ends, the workflow ends. */
  readonly ancestors: readonly string[];
  /** Of a token of the workflow, so the workflow began no later. */
  readonly issuedAt: UnixSeconds;
}

/** What the other features ask of the status lists. The class documents each method. */
export interface StatusListBinding extends Rpc.DurableObjectBranded {
  place(of: ReferredWorkflow): Promise<StatusPlace>;
  learn(change: WorkflowChange): Promise<void>;
  token(list: string): Promise<string | undefined>;
}
