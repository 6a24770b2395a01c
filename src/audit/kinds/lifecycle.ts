import type { UnixSeconds } from '../../clock.ts';
import type { Move, RuleAction, WorkflowState } from '../../lifecycle/index.ts';
import { noRefusal, type OrderedRecord, type RecordBase, type RecordKind } from './base.ts';

/**
 * Capabilities that repeat an earlier one in everything but their time. They have no record of
 * their own: the record with which their workflow ends counts them.
 */
interface CountedRenewals {
  readonly renewals?: number;
  /** The last one. */
  readonly renewedAt?: UnixSeconds;
}

/** A workflow's transition from one state to the next, except a revocation. */
export interface TransitionRecord extends OrderedRecord, CountedRenewals {
  readonly event: 'transition';
  readonly move: Move;
  readonly from: WorkflowState;
  readonly to: WorkflowState;
  readonly gen: number;
  /**
   * `agent`, `operator`, `clock`, `rule:<id>@<version>`, or `parent:<workflow>`; `issuer` for the
   * end of a workflow whose first capability was refused after its record was written.
   */
  readonly actor: string;
  readonly reason?: string;
  readonly evidence?: readonly string[];
  /** A resumption that never took effect: a stop was decided before the feed had the resumption. */
  readonly superseded?: true;
}

export const transitionKind: RecordKind<TransitionRecord> = {
  from: 'issuer',
  // A resumption is the only transition that gives power back.
  classOf: ({ move }) => (move === 'resume' ? 'grant' : 'stop'),
  refusedParty: noRefusal,
  written: 'after the entry in the feed; a resumption before it',
  contents:
    "A workflow's transition: move, from, to, generation, actor, and a rule's evidence. `superseded` marks a resumption that was stopped again before it took effect. At the end of a workflow, `renewals` counts the capabilities without a mint record, and `renewedAt` is the last one.",
};

/** A workflow or a block that was revoked. */
export interface RevocationRecord extends OrderedRecord, CountedRenewals {
  readonly event: 'revocation';
  readonly kind: 'workflow' | 'block';
  readonly target: string;
  /** `operator`, `holder`, `drill`, or `rule:<id>@<version>`. */
  readonly actor: string;
  readonly reason: string;
  /** Ids of the records that a rule acted on. */
  readonly evidence?: readonly string[];
  /** The scheduled drill revoked a workflow of its own, to measure how the stop spreads. */
  readonly canary?: true;
}

export const revocationKind: RecordKind<RevocationRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'after the entry in the feed',
  contents:
    'Kind, target, actor, reason. Of a workflow, `renewals` and `renewedAt` as above. `canary` marks a workflow of the scheduled drill.',
};

/** A deviation rule that held, and what was done about it. */
export interface DeviationRecord extends RecordBase {
  readonly event: 'deviation';
  readonly rule: string;
  readonly version: number;
  readonly action: RuleAction;
  /** `absorbed`: the workflow was stopped already. `breaker`: the rule may stop no more. */
  readonly effect: 'acted' | 'shadow' | 'absorbed' | 'breaker';
  readonly evidence: readonly string[];
}

export const deviationKind: RecordKind<DeviationRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'after the entry in the feed',
  contents:
    'A deviation rule that held: its version, action, evidence and effect. With the effect `breaker` the rule is held back: look at it, then arm it.',
};

/** An operator re-enabled a rule that the breaker held back. */
export interface RuleArmedRecord extends OrderedRecord {
  readonly event: 'rule_armed';
  readonly rule: string;
  readonly actor: string;
  readonly reason: string;
}

export const ruleArmedKind: RecordKind<RuleArmedRecord> = {
  from: 'issuer',
  classOf: () => 'grant',
  refusedParty: noRefusal,
  written: 'before it takes effect',
  contents: "The rule, and the operator's reason.",
};

/** A root workflow with the workflows below it that is over: nothing of it is stored any more. */
export interface ClosingRecord extends RecordBase, CountedRenewals {
  readonly event: 'closing';
  /** The state that it ended in. */
  readonly state: WorkflowState;
  readonly startedAt: UnixSeconds;
  /** When it ended, or its last capability. */
  readonly endedAt: UnixSeconds;
  /** How many capabilities were minted for it and the workflows below it, renewals included. */
  readonly mints: number;
  /** How many workflows began below it. */
  readonly children: number;
}

export const closingKind: RecordKind<ClosingRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'an hour after the end of a root workflow, before its storage is deleted',
  contents:
    'The state that a root workflow ended in, its start and end, and the numbers of capabilities, of renewals among them, and of workflows below it.',
};
