import { codesCountedAs, type DenialCode } from '../denials/index.ts';
import { RULE_WINDOW_SECONDS } from '../limits.ts';

/** A deviation rule as data: what it looks for, and what it does. */
export interface Rule {
  readonly id: string;
  /** Raised with every change: a record says which text of the rule acted. */
  readonly version: number;
  readonly condition: Condition;
  readonly action: RuleAction;
  /** Recorded, and nothing is done: how a new rule is watched before it acts. */
  readonly shadow: boolean;
}

export type RuleAction = 'suspend' | 'fail' | 'revoke' | 'revoke_root';

export type Condition =
  /** So many denials with one of these codes within so many seconds. */
  | {
      readonly kind: 'denials';
      readonly codes: readonly DenialCode[];
      /**
       * Those that invite a step-up, or the others. Either way one that was followed by a step-up
       * to what it lacked is no deviation: the policy, or a person, has allowed it since.
       */
      readonly which: 'inviting' | 'other';
      /** Of calls of this tier alone. */
      readonly tier?: 3;
      readonly count: number;
      readonly withinSeconds: number;
    }
  /** A tool or dataset that nobody was ever granted, allowed or not. */
  | { readonly kind: 'tripwire' }
  /** A call after the workflow's end. */
  | { readonly kind: 'used_after_end' }
  /** A budget is used up and more was wanted, the n-th time in this workflow's life. */
  | { readonly kind: 'budget'; readonly times: number };

/** Denials of a call that the agent's capability does not cover. */
export const OUT_OF_SCOPE: readonly DenialCode[] = codesCountedAs('out_of_scope');

/**
 * Denials because of an outage. They say nothing about the agent and spend no budget: otherwise an
 * outage would suspend every agent that retries.
 */
export const OUTAGES: readonly DenialCode[] = codesCountedAs('outage');

/** The codes out of scope that can invite a step-up: the answer names the grants to request. */
export const INVITING: readonly DenialCode[] = ['no_grant', 'constraint_failed'];

/**
 * The rules as they come: those of PRODUCTION.md 3.4 that decision records alone can decide. The
 * first that acts is the one that counts, so the hardest stand first.
 */
export const RULES: readonly Rule[] = [
  {
    id: 'tripwire',
    version: 1,
    shadow: false,
    condition: { kind: 'tripwire' },
    action: 'revoke_root',
  },
  {
    id: 'used-after-end',
    version: 1,
    shadow: false,
    condition: { kind: 'used_after_end' },
    action: 'revoke',
  },
  {
    id: 'budget-exceeded-again',
    version: 1,
    shadow: false,
    condition: { kind: 'budget', times: 3 },
    action: 'revoke',
  },
  {
    id: 'budget-exceeded',
    version: 1,
    shadow: false,
    condition: { kind: 'budget', times: 1 },
    action: 'suspend',
  },
  {
    id: 'out-of-scope-irreversible',
    version: 2,
    shadow: false,
    condition: {
      kind: 'denials',
      codes: OUT_OF_SCOPE,
      which: 'other',
      tier: 3,
      count: 2,
      withinSeconds: 60,
    },
    action: 'suspend',
  },
  {
    id: 'out-of-scope',
    version: 2,
    shadow: false,
    condition: {
      kind: 'denials',
      codes: OUT_OF_SCOPE,
      which: 'other',
      count: 3,
      withinSeconds: 60,
    },
    action: 'suspend',
  },
  {
    // Asking is no deviation, but an agent that was invited so often and got nothing is looking
    // around. An honest one asks for what it was denied, or goes on without it.
    id: 'asked-without-answer',
    version: 1,
    shadow: false,
    condition: {
      kind: 'denials',
      codes: INVITING,
      which: 'inviting',
      count: 20,
      withinSeconds: RULE_WINDOW_SECONDS,
    },
    action: 'suspend',
  },
  {
    // A bound token without its key: stolen, or an agent whose proofs are broken.
    id: 'wrong-key',
    version: 1,
    shadow: false,
    condition: {
      kind: 'denials',
      codes: ['holder_unproven'],
      which: 'other',
      count: 3,
      withinSeconds: 60,
    },
    action: 'suspend',
  },
];

/** Names that nobody was ever granted: whoever asks for one is looking around. */
export interface Tripwires {
  readonly tools: readonly string[];
  /** A dataset and all that lies below it. */
  readonly datasets: readonly string[];
}
