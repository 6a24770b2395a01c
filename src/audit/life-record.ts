import type { Move, RuleAction, WorkflowState } from '../lifecycle/index.ts';
import type { RecordBase } from './record-base.ts';

/** A workflow's way from one state to the next, where it is not a revocation. */
export interface TransitionRecord extends RecordBase {
  readonly event: 'transition';
  readonly move: Move;
  readonly from: WorkflowState;
  readonly to: WorkflowState;
  readonly gen: number;
  /** `agent`, `operator`, `clock`, `rule:<id>@<version>`, or `parent:<workflow>`. */
  readonly actor: string;
  readonly reason?: string;
  readonly evidence?: readonly string[];
  /** A resumption that never was in force: it was stopped again before the feed had heard of it. */
  readonly superseded?: true;
}

/** That a deviation rule holds, and what came of it. */
export interface DeviationRecord extends RecordBase {
  readonly event: 'deviation';
  readonly rule: string;
  readonly version: number;
  readonly action: RuleAction;
  /** `absorbed`: the workflow was stopped already. `breaker`: the rule may stop no more. */
  readonly effect: 'acted' | 'shadow' | 'absorbed' | 'breaker';
  readonly evidence: readonly string[];
}

/** An operator lets a rule act again that the breaker held back. */
export interface RuleArmedRecord extends RecordBase {
  readonly event: 'rule_armed';
  readonly rule: string;
  readonly actor: string;
  readonly reason: string;
}

/** Decision records that a verifier numbered and that never came. */
export interface GapRecord extends RecordBase {
  readonly event: 'gap';
  readonly verifier: string;
  /** The numbers on either side of what is missing. */
  readonly after: number;
  readonly before: number;
}
