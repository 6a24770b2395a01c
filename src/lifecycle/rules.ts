import { codesCountedAs, type DenialCode, STEP_UP_CODES } from '../denials/index.ts';
import { RULE_WINDOW_SECONDS } from '../limits.ts';
import { type Condition, evidenceFor, type RuleInput } from './conditions.ts';

/** A deviation rule as data: what it looks for, and what it does. */
export interface Rule {
  readonly id: string;
  /** Raised with every change: a record names the version of the rule that acted. */
  readonly version: number;
  readonly condition: Condition;
  readonly action: RuleAction;
  /** Record findings without acting on them. A new rule is observed this way first. */
  readonly shadow: boolean;
}

export type RuleAction = 'suspend' | 'fail' | 'revoke' | 'revoke_root';

/** Denials of a call that the agent's capability does not cover. */
export const OUT_OF_SCOPE: readonly DenialCode[] = codesCountedAs('out_of_scope');

/**
 * Denials because of an outage. They say nothing about the agent and spend no budget: otherwise an
 * outage would suspend every agent that retries.
 */
export const OUTAGES: readonly DenialCode[] = codesCountedAs('outage');

/** A rule, and the description of its condition for docs/reference/workflow.md. */
interface RuleEntry extends Rule {
  readonly description: string;
}

/**
 * Every rule, with everything that depends on it: the rulebook, the valid ids of the variable
 * `DEVIATION_RULES` and the documentation are read from here. The first rule that acts wins, so the
 * harshest action comes first.
 */
const ENTRIES: readonly RuleEntry[] = [
  {
    id: 'tripwire',
    description: 'a call touches a tool or dataset that no one was ever granted',
    version: 1,
    shadow: false,
    condition: { kind: 'tripwire' },
    action: 'revoke_root',
  },
  {
    id: 'used-after-end',
    description: "a call after the workflow's end",
    version: 1,
    shadow: false,
    condition: { kind: 'used_after_end' },
    action: 'revoke',
  },
  {
    id: 'budget-exceeded-again',
    description: 'more than a budget was requested, for the third time',
    version: 1,
    shadow: false,
    condition: { kind: 'budget', times: 3 },
    action: 'revoke',
  },
  {
    id: 'budget-exceeded',
    description: 'more than a budget was requested',
    version: 1,
    shadow: false,
    condition: { kind: 'budget', times: 1 },
    action: 'suspend',
  },
  {
    id: 'out-of-scope-irreversible',
    description: '2 out-of-scope denials of tier 3 within 60 s',
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
    description: '3 out-of-scope denials within 60 s',
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
    // To request more is no deviation, but an agent that is invited so often without ever getting
    // a grant is looking around. An honest one requests what it was denied, or does without.
    id: 'asked-without-answer',
    description: '20 denials within 5 min invited a step-up, and none of them led to one',
    version: 1,
    shadow: false,
    condition: {
      kind: 'denials',
      codes: STEP_UP_CODES,
      which: 'inviting',
      count: 20,
      withinSeconds: RULE_WINDOW_SECONDS,
    },
    action: 'suspend',
  },
  {
    // A bound token without its key is stolen, or its agent makes invalid proofs.
    id: 'wrong-key',
    description:
      '3 calls within 60 s present a bound token without its key, or handed on without it',
    version: 2,
    shadow: false,
    condition: {
      kind: 'denials',
      codes: ['holder_unproven', 'hop_invalid'],
      which: 'other',
      count: 3,
      withinSeconds: 60,
    },
    action: 'suspend',
  },
];

/** The rules in the order in which they are evaluated. */
export const RULES: readonly Rule[] = ENTRIES.map(({ description: _, ...rule }) => rule);

/** The description of each rule by its id, for the documentation. */
export const RULE_DESCRIPTIONS: ReadonlyMap<string, string> = new Map(
  ENTRIES.map(({ id, description }) => [id, description]),
);

/** A rule that holds, with the ids of the records that show it. */
export interface Finding {
  readonly rule: string;
  readonly version: number;
  readonly action: RuleAction;
  readonly shadow: boolean;
  readonly evidence: readonly string[];
}

/**
 * Returns the rules that hold, harshest first. Uses the times in the records, so that records which
 * arrive late or twice lead to the same result.
 */
export const findDeviations = (rules: readonly Rule[], input: RuleInput): readonly Finding[] =>
  rules.flatMap(({ id, version, condition, action, shadow }) => {
    const evidence = evidenceFor(condition, input);
    return evidence.length === 0 ? [] : [{ rule: id, version, action, shadow, evidence }];
  });
