import type { UnixSeconds } from '../../../src/clock.ts';
import type { WatermarkScope } from '../../../src/feed/index.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import type { WorkflowStart } from '../workflow/binding.ts';

/** One scope of a workflow that a watermark can name. */
export interface LivingScope {
  readonly scope: WatermarkScope;
  /** Empty if the scope is `all`. */
  readonly value: string;
}

/** What begins a root workflow. */
export interface LivingStart {
  readonly start: WorkflowStart;
  /** The root key that signed its first capability: the public half in lower-case hex. */
  readonly issuerKey: string;
}

/** Which living workflows to list. Members that are absent accept all. */
export interface LivingFilter {
  readonly scope?: LivingScope;
  readonly state?: WorkflowState;
  /** Only some of these roots: as many as a page has. */
  readonly roots?: readonly string[];
  /** List those after this root, in the order of the ids. */
  readonly after?: string;
  readonly limit?: number;
}

/** A root workflow that has not been closed. */
export interface LivingWorkflow {
  readonly start: WorkflowStart;
  /** The state that the control log has. */
  readonly state: WorkflowState;
  /** No capability of it is valid later. */
  readonly ends: UnixSeconds;
  /** A later mint added agents or grants, which only the object of the workflow has. */
  readonly hasMore?: true;
}

/** Whom and what living workflows are counted by. */
export type LivingParty = 'agent' | 'subject' | 'owner' | 'tool';

export interface LivingPage {
  readonly workflows: readonly LivingWorkflow[];
  /** What to state as `after` for the next page; absent at the last one. */
  readonly next?: string;
}
