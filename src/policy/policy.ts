import type { Budgets, Grant, NameError } from '../capability/index.ts';
import type { ToolTier } from '../catalogue/index.ts';
import type { Claims } from './claims.ts';

/** A policy file: a name for messages, and its Datalog. */
export interface PolicyFile {
  readonly name: string;
  readonly source: string;
}

export type PolicyError =
  | { readonly code: 'policy_missing' }
  | { readonly code: 'policy_too_large'; readonly file: string }
  /** `line` is where the statement starts, from 1. */
  | {
      readonly code: 'policy_invalid';
      readonly file: string;
      readonly line: number;
      readonly why: string;
    };

/** A statement that loads and hardly says what its author means. */
export interface PolicyWarning {
  readonly file: string;
  /** Where the statement starts, from 1. */
  readonly line: number;
  readonly why: string;
}

/** A verified identity, as far as the policy's facts go. `Identity` of src/identity is one. */
export interface Principal {
  readonly issuerName: string;
  readonly subject: string;
  /** The claims that the issuer's configuration shows to the policy. */
  readonly claims?: Claims;
}

export interface PolicyInput {
  readonly workload: Principal;
  /** Absent where no person is behind the workflow. */
  readonly user?: Principal;
  readonly task: string;
  readonly audience: string;
  readonly now: Date;
  /** The agent asks for more than its workflow had, or goes on with what it got so. */
  readonly stepUp?: true;
  readonly requests: readonly Grant[];
}

/** Where a statement of a policy starts; `line` counts from 1. */
export interface RuleAt {
  readonly file: string;
  readonly line: number;
}

/** An argument that says where something goes, and that nothing of the policy bounds. */
export interface OpenSink {
  /** As the catalogue has it; empty for all arguments of a tool that it does not have. */
  readonly pointer: string;
  /** The constraints of the request bound it; absent: nothing does. */
  readonly bound?: 'request';
  /** Why the policy lets it; absent where a person is asked instead. */
  readonly reason?: string;
}

export interface GrantedGrant {
  /** As it is given: with the constraints that were asked for and those that the policy adds. */
  readonly grant: Grant;
  /** As it was asked for. */
  readonly requested: Grant;
  readonly openSinks: readonly OpenSink[];
  /** The `allow if` that decided, as the engine prints it. */
  readonly rule: string;
  readonly at: RuleAt;
  /** Whether a person must approve this grant first. */
  readonly approvalRequired: boolean;
}

export type RefusalReason =
  | { readonly code: 'input_invalid'; readonly field: string }
  | { readonly code: 'requests_count'; readonly count: number }
  | { readonly code: 'grant_invalid'; readonly error: NameError }
  /** No `allow if` matched: the default. */
  | { readonly code: 'no_rule' }
  /** A `deny if` matched; `rule` is the first of them. */
  | { readonly code: 'denied'; readonly rule: string; readonly at: RuleAt }
  /** A `check if` or `reject if` of the policy did not hold; `rule` is the first of them. */
  | { readonly code: 'check_failed'; readonly rule: string; readonly at: RuleAt }
  | { readonly code: 'owner_missing' }
  /** Not exactly one text, for this grant or across the granted ones. */
  | { readonly code: 'owner_invalid' }
  /** Nobody is behind the workflow, and the policy does not derive `unattended(true)`. */
  | { readonly code: 'user_missing' }
  | { readonly code: 'lifetime_missing' }
  /** Not a positive number of seconds. */
  | { readonly code: 'lifetime_invalid' }
  /** Its constraints cannot be read, or name an argument that the tool does not take. */
  | { readonly code: 'constraints_invalid'; readonly pointer: string; readonly why: string }
  /** What was asked for and what the policy requires do not go together. */
  | { readonly code: 'constraints_unmet'; readonly pointer: string }
  /** Another grant of the same tool would be given with other constraints. */
  | { readonly code: 'constraints_conflict'; readonly tool: string }
  /** It leaves a sink open; `pointer` is the first, empty for all that there is. */
  | { readonly code: 'sink_open'; readonly pointer: string }
  /** A `require_constraint` that is not a pointer and a constraint. */
  | { readonly code: 'requirement_invalid' }
  /** An `open_sink` that is not a pointer and a reason. */
  | { readonly code: 'open_sink_invalid' }
  /** A `tier` that is none of the four. */
  | { readonly code: 'tier_invalid' }
  /** An `approval` that is neither true nor false. */
  | { readonly code: 'approval_invalid' }
  /** A budget that is no whole number, or names what is no tool or argument; or too many. */
  | { readonly code: 'budget_invalid'; readonly fact: string }
  | { readonly code: 'over_limit'; readonly limit: string }
  | { readonly code: 'policy_failed'; readonly error: string };

/** The reason beside the grant that it refused. */
export type RefusedGrant = { readonly grant: Grant } & RefusalReason;

export interface PolicyDecision {
  readonly granted: readonly GrantedGrant[];
  readonly refused: readonly RefusedGrant[];
  /** The accountable team; absent where nothing was granted. */
  readonly owner?: string;
  /** Whether the policy allows all of what was granted without a user. */
  readonly unattended: boolean;
  /** The longest that the capability may live; 0 where nothing was granted. */
  readonly lifetimeSeconds: number;
  /** Whether the capability may only be minted bound to a key that the agent has proven. */
  readonly holderRequired: boolean;
  /**
   * How bad it can get: the highest of the granted tools by the catalogue, and of what the policy
   * states. 0 where nothing was granted.
   */
  readonly tier: ToolTier;
  /** What the workflow may do in all: of each bound the smallest that a granted grant has. */
  readonly budgets: Budgets;
  /** Whether a person must approve any of the granted grants before the capability is minted. */
  readonly approvalRequired: boolean;
}

/** Policy as code: facts in; permitted grants, or the reason of each refusal, out. */
export interface Policy {
  /** The identity issuers that its rules name. */
  readonly issuers: readonly string[];
  /** What to ask its authors. */
  readonly warnings: readonly PolicyWarning[];
  /** Every owner that it can state; undefined where it takes owners from requests. */
  readonly owners: readonly string[] | undefined;
  decide(input: PolicyInput): PolicyDecision;
  /** The same decision for a person: grant by grant, with the facts, and what came close. */
  explain(input: PolicyInput): readonly GrantExplanation[];
}

/** One condition of a rule: a fact that it reads, or a test of what those facts bind. */
export interface ConditionExplanation {
  readonly text: string;
  /**
   * `matched`: by itself. `unmatched`: no fact is like it. `apart`: it matches by itself, but not
   * together with the ones before it. `false`: a test that no match of the facts passes. `unknown`:
   * not tried, because something before it has no match; or it could not be evaluated.
   */
  readonly outcome: 'matched' | 'unmatched' | 'apart' | 'false' | 'unknown';
  /** The rules that could have stated it, where it is unmatched and some could. */
  readonly statedBy?: readonly NearRule[];
}

/** One alternative of a rule, with how far it matched. */
export interface NearRule {
  readonly rule: string;
  readonly at: RuleAt;
  readonly conditions: readonly ConditionExplanation[];
}

export interface GrantExplanation {
  readonly grant: Grant;
  readonly decided:
    | (Omit<GrantedGrant, 'requested'> & { readonly granted: true; readonly owner: string })
    | { readonly granted: false; readonly reason: RefusalReason };
  /** What the request stated, as Datalog. */
  readonly facts: readonly string[];
  /** Where no rule matched: each `allow if` that lacked the fewest conditions, nearest first. */
  readonly nearest: readonly NearRule[];
}
