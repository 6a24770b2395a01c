import type { UnixMilliseconds, UnixSeconds } from '../../../src/clock.ts';
import { EMPTY_HISTORY, type HistoryScope, type HistoryState } from '../../../src/history/index.ts';
import type {
  AccountRefusal,
  ActorKind,
  Lease,
  Meter,
  ObservedRecord,
  WorkflowState,
} from '../../../src/lifecycle/index.ts';
import type { StoredRow } from '../platform/table.ts';
import type { ReadLabel, WorkflowStart } from './binding.ts';

/** The tables whose first rows are in the tree. */
export type SmallTableName = 'intent' | 'owed' | 'untold';

/** A capability that differs from a recorded one in nothing but its time. */
interface StoredRenewal {
  /** The revocation id of its authority block. */
  readonly block: string;
  readonly at: UnixSeconds;
  readonly expires: UnixSeconds;
  /** Which of the recorded capabilities it repeats, counted from 0. */
  readonly of: number;
}

/** The renewals of one workflow. */
export interface StoredRenewals {
  readonly count: number;
  /** The last one. */
  readonly at: UnixSeconds;
  /** Those that may be valid, or count for the rate of mints. */
  readonly recent: readonly StoredRenewal[];
}

/** A workflow as its object stores it. */
export interface StoredWorkflow {
  /** The facts it began with. They never change. */
  readonly start: WorkflowStart;
  /**
   * When its first capability was minted, which `start` describes; absent if that mint was lost.
   */
  readonly minted?: UnixSeconds;
  /** The state that the audit log and the feed have. */
  readonly state: WorkflowState;
  /** The decided state. The issuer enforces it at once. */
  readonly ordered: WorkflowState;
  readonly gen: number;
  /** How many levels of workflows may be below it. */
  readonly depth: number;
  readonly ends: UnixSeconds;
  readonly idleSeconds: number;
  /** The last mint, call or resumption. */
  readonly activeAt: UnixSeconds;
  /** Of its last recorded mint, as in `WorkflowStart`; absent if that is the first one. */
  readonly mintDigest?: string;
  readonly renewals?: StoredRenewals;
  /** The last mint or resumption of a workflow that must be renewed. */
  readonly renewedAt?: UnixSeconds;
  /** The end of its last capability. */
  readonly tokensEnd: UnixSeconds;
  readonly suspendedBy?: ActorKind;
  /** The end of the grace period, while it is completing. */
  readonly graceEnds?: UnixSeconds;
  /** The decision that ended it. */
  readonly endedAt?: UnixMilliseconds;
  readonly meters: readonly Meter[];
}

/** A denial that the rules may still count. */
export interface StoredDenial {
  /** Its number among all records of the object. */
  readonly n: number;
  readonly workflow: string;
  readonly record: ObservedRecord;
}

/** A budget that was exceeded: once for each generation. */
export interface Overrun {
  readonly workflow: string;
  readonly gen: number;
  /** The id of the record that shows it. */
  readonly record: string;
}

export interface StoredLease extends Lease {
  readonly workflow: string;
}

/** An answered charge, so that a retry gets the same answer and is charged once. */
export interface StoredCharge {
  readonly nonce: string;
  readonly at: UnixSeconds;
  /** Absent if it was charged. */
  readonly refusal?: AccountRefusal;
  /** The approval that was spent with it. */
  readonly approval?: string;
  /** A rule over history waits for the end of the call. */
  readonly awaitsEnd?: true;
  /** The scopes beside the workflow whose rules judge the call. */
  readonly scopes?: readonly HistoryScope[];
  /** Those scopes were not asked yet, or did not answer. */
  readonly isPending?: true;
}

/**
 * Everything that an object reads together, in one row: a root workflow with the workflows below
 * it, each parent before its children, and what verifiers have reported about them.
 */
export interface StoredTree {
  readonly workflows: readonly StoredWorkflow[];
  /**
   * Verifiers with the number of their newest counted record, the latest to report last: a repeated
   * batch is counted once.
   */
  readonly verifiers: readonly (readonly [verifier: string, n: number])[];
  /** How many records were counted. */
  readonly counted: number;
  readonly denials: readonly StoredDenial[];
  readonly overruns: readonly Overrun[];
  readonly leases: readonly StoredLease[];
  readonly charges: readonly StoredCharge[];
  /** What the tree has read. Labels are only ever added. */
  readonly labels: readonly ReadLabel[];
  /** What the rules over history of the tree remember. */
  readonly history: HistoryState;
  /** The first rows of small tables: see `SmallTable`. */
  readonly rows: { readonly [Name in SmallTableName]?: readonly StoredRow[] };
}

export const EMPTY_TREE: StoredTree = {
  workflows: [],
  verifiers: [],
  counted: 0,
  denials: [],
  overruns: [],
  leases: [],
  charges: [],
  labels: [],
  history: EMPTY_HISTORY,
  rows: {},
};
