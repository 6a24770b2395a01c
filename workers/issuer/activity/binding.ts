import type { ShownKind, Topic, WorkflowActivity } from '../../../src/activity/index.ts';
import type { LogName } from '../../../src/audit/index.ts';
import type { UnixMilliseconds, UnixSeconds } from '../../../src/clock.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import type { Counts } from './columns.ts';

/** What selects workflows. Members that are absent accept all. */
export interface ActivityFilter {
  /** Words that all have to occur. */
  readonly q?: string | undefined;
  readonly agent?: string | undefined;
  readonly subject?: string | undefined;
  readonly owner?: string | undefined;
  readonly tool?: string | undefined;
  readonly dataset?: string | undefined;
  readonly code?: string | undefined;
  readonly show?: ShownKind | undefined;
  readonly state?: WorkflowState | undefined;
  readonly from?: UnixSeconds | undefined;
  readonly until?: UnixSeconds | undefined;
}

/** A workflow of the index, and how many workflows began below it. */
export interface IndexedWorkflow extends WorkflowActivity {
  readonly children: number;
}

/** How far the index has read the logs. */
export interface AsOf {
  readonly epoch: number;
  readonly seq: number;
  readonly at: UnixMilliseconds;
}

/** The workflow after which a page begins: the newest one is first. */
export interface ListPosition {
  readonly began: UnixSeconds;
  readonly root: string;
}

export interface ActivityPage {
  readonly workflows: readonly IndexedWorkflow[];
  readonly isEnd: boolean;
  readonly counts: Counts;
  readonly asOf: AsOf;
}

export interface ActivityChanges {
  readonly matching: readonly IndexedWorkflow[];
  /** The ids of changed workflows that the filter does not accept. */
  readonly others: readonly string[];
  readonly topics: readonly Topic[];
  /** More changed than the answer can have, or the index was built again. */
  readonly isReload: boolean;
  readonly counts: Counts;
  /** Questions that wait for a person. */
  readonly questions: number;
  readonly asOf: AsOf;
}

/** What happened in an interval. */
export interface Point {
  readonly at: UnixSeconds;
  readonly calls: number;
  readonly denials: number;
  readonly mints: number;
}

/** When an agent last called a tool on a dataset. */
export interface LastUse {
  readonly agent: string;
  readonly tool: string;
  /** Empty for a call without a dataset. */
  readonly dataset: string;
  readonly at: UnixMilliseconds;
  readonly calls: number;
  readonly root: string;
}

export interface LastUseFilter {
  readonly agent?: string;
  readonly tool?: string;
  readonly limit?: number;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface ActivityBinding extends Rpc.DurableObjectBranded {
  list(filter: ActivityFilter, after?: ListPosition, limit?: number): Promise<ActivityPage>;
  changes(
    after: Pick<AsOf, 'epoch' | 'seq'> | undefined,
    filter: ActivityFilter,
    root?: string,
  ): Promise<ActivityChanges | null>;
  series(step: number, since: UnixSeconds): Promise<{ points: readonly Point[]; asOf: AsOf }>;
  find(roots: readonly string[]): Promise<readonly IndexedWorkflow[]>;
  lastUses(filter: LastUseFilter): Promise<readonly LastUse[]>;
  asOf(): Promise<AsOf>;
  follow(): Promise<void>;
  offer(log: LogName, size: number): Promise<void>;
  forget(subject: string): Promise<void>;
  rebuild(): Promise<AsOf>;
  schemaVersion(): SchemaVersion;
}
