import type { Budgets, Grant, NameError } from '../capability/index.ts';
import type { ToolTier } from '../catalogue/index.ts';
import type { Claims } from './claims.ts';

/** A policy file: its name, for messages, and its Datalog. */
export interface PolicyFile {
  readonly name: string;
  readonly source: string;
}

/** Why policy files were not loaded. */
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

/** A statement that is valid, and probably does not mean what its author intends. */
export interface PolicyWarning {
  readonly file: string;
  /** Where the statement starts, from 1. */
  readonly line: number;
  readonly why: string;
}

/** The part of a verified identity that becomes facts. `Identity` of src/identity is one. */
export interface Principal {
  readonly issuerName: string;
  readonly subject: string;
  /** The claims that the issuer's configuration makes visible to the policy. */
  readonly claims?: Claims;
}

/** What a mint is decided by. */
export interface PolicyInput {
  readonly workload: Principal;
  /** Absent if the workflow has no user. */
  readonly user?: Principal;
  readonly task: string;
  readonly audience: string;
  readonly now: Date;
  /** The agent asks for more than its workflow has, or renews what it got by stepping up. */
  readonly stepUp?: true;
  readonly requests: readonly Grant[];
}

/** Where a statement of a policy starts; `line` counts from 1. */
export interface RuleAt {
  readonly file: string;
  readonly line: number;
}

/** An argument that decides where data goes, and that the policy does not constrain. */
export interface OpenSink {
  /** As in the catalogue. Empty: all arguments of a tool that the catalogue lacks. */
  readonly pointer: string;
  /** Set if constraints of the request bound it. Absent: nothing bounds it. */
  readonly bound?: 'request';
  /** The policy's reason for leaving it open. Absent if a person has to approve instead. */
  readonly reason?: string;
}

/** A granted grant, as it will be minted, and the rule that allowed it. */
export interface GrantedGrant {
  /** The grant with the constraints of the request and those that the policy adds. */
  readonly grant: Grant;
  /** The grant as requested. */
  readonly requested: Grant;
  readonly openSinks: readonly OpenSink[];
  /** The `allow if` that decided, as the engine prints it. */
  readonly rule: string;
  readonly at: RuleAt;
  /** Whether a person must approve this grant first. */
  readonly approvalRequired: boolean;
}

/** Why a grant was refused. Each code has a row in docs/reference/codes.md. */
export type RefusalReason =
  | { readonly code: 'input_invalid'; readonly field: string }
  | { readonly code: 'requests_count'; readonly count: number }
  | { readonly code: 'grant_invalid'; readonly error: NameError }
  /** No `allow if` matched. Requests are refused unless a rule allows them. */
  | { readonly code: 'no_rule' }
  /** A `deny if` matched; `rule` is the first one. */
  | { readonly code: 'denied'; readonly rule: string; readonly at: RuleAt }
  /** A `check if` or `reject if` failed; `rule` is the first one. */
  | { readonly code: 'check_failed'; readonly rule: string; readonly at: RuleAt }
  | { readonly code: 'owner_missing' }
  /** Not exactly one string, for this grant or across all granted grants. */
  | { readonly code: 'owner_invalid' }
  /** The workflow has no user, and the policy does not derive `unattended(true)`. */
  | { readonly code: 'user_missing' }
  | { readonly code: 'lifetime_missing' }
  /** Not a positive number of seconds. */
  | { readonly code: 'lifetime_invalid' }
  /** The constraints are malformed, or name an argument that the tool does not take. */
  | { readonly code: 'constraints_invalid'; readonly pointer: string; readonly why: string }
  /** The constraints of the request and those that the policy requires contradict each other. */
  | { readonly code: 'constraints_unmet'; readonly pointer: string }
  /** Another grant of the same tool would have different constraints. */
  | { readonly code: 'constraints_conflict'; readonly tool: string }
  /** The grant leaves a sink open. `pointer` is the first one; empty: all arguments. */
  | { readonly code: 'sink_open'; readonly pointer: string }
  /**
   * A `require_constraint` that is not a pointer and a constraint, or a `require_user_claim` that
   * names a claim that the person does not have.
   */
  | { readonly code: 'requirement_invalid' }
  /** An `open_sink` that is not a pointer and a reason. */
  | { readonly code: 'open_sink_invalid' }
  /** A `tier` that is not an integer from 0 to 3. */
  | { readonly code: 'tier_invalid' }
  /** An `approval` that is neither true nor false. */
  | { readonly code: 'approval_invalid' }
  /** A budget that is not a whole number, names an unknown tool or argument, or is one too many. */
  | { readonly code: 'budget_invalid'; readonly fact: string }
  | { readonly code: 'over_limit'; readonly limit: string }
  | { readonly code: 'policy_failed'; readonly error: string };

/** A refused grant, with the reason. */
export type RefusedGrant = { readonly grant: Grant } & RefusalReason;

/** The decision about all requested grants together. */
export interface PolicyDecision {
  readonly granted: readonly GrantedGrant[];
  readonly refused: readonly RefusedGrant[];
  /** The accountable team. Absent if nothing was granted. */
  readonly owner?: string;
  /** Whether the policy allows everything that was granted without a user. */
  readonly unattended: boolean;
  /** The longest lifetime of the capability. 0 if nothing was granted. */
  readonly lifetimeSeconds: number;
  /** Whether the capability must be bound to a key that the agent has proven. */
  readonly holderRequired: boolean;
  /**
   * The highest tier among the granted tools, by the catalogue and by what the policy states. 0 if
   * nothing was granted.
   */
  readonly tier: ToolTier;
  /** The budgets of the workflow: for each bound, the smallest of all granted grants. */
  readonly budgets: Budgets;
  /** Whether a person must approve a granted grant before the capability is minted. */
  readonly approvalRequired: boolean;
}

/** A statement that decides requests by itself, and where it starts. */
export interface PolicyRule {
  /** `check`: a `check if` or `reject if`, which refuses what does not meet it. */
  readonly kind: 'allow' | 'deny' | 'check';
  /** As the engine prints it. */
  readonly rule: string;
  readonly at: RuleAt;
}

/** A loaded policy. */
export interface Policy {
  /** The statements that decide, in the order of the files. */
  readonly rules: readonly PolicyRule[];
  /** The identity issuers that the rules name. */
  readonly issuers: readonly string[];
  /** The datasets that the rules name. */
  readonly datasets: readonly string[];
  /** Statements that its authors should look at again. */
  readonly warnings: readonly PolicyWarning[];
  /** Every owner that the policy can state. Undefined if it takes owners from requests. */
  readonly owners: readonly string[] | undefined;
  /** Decides each requested grant. */
  decide(input: PolicyInput): PolicyDecision;
  /** Explains the same decision grant by grant, with the facts and the nearest rules. */
  explain(input: PolicyInput): readonly GrantExplanation[];
}

/** One condition of a rule: a fact that it reads, or a test of the variables those facts bind. */
export interface ConditionExplanation {
  readonly text: string;
  /**
   * `matched`: it matches together with the conditions before it. `unmatched`: no fact matches it.
   * `apart`: it matches alone, but not together with the conditions before it. `false`: it is a
   * test that fails for every match of the facts. `unknown`: it could not be evaluated, or a
   * condition before it has no match.
   */
  readonly outcome: 'matched' | 'unmatched' | 'apart' | 'false' | 'unknown';
  /** For an unmatched fact: the rules that could have stated it, if there are any. */
  readonly statedBy?: readonly NearRule[];
}

/** One alternative of a rule, with the outcome of each condition. */
export interface NearRule {
  readonly rule: string;
  readonly at: RuleAt;
  readonly conditions: readonly ConditionExplanation[];
}

/** Why one grant was granted or refused, for a person. */
export interface GrantExplanation {
  readonly grant: Grant;
  readonly decided:
    | (Omit<GrantedGrant, 'requested'> & { readonly granted: true; readonly owner: string })
    | { readonly granted: false; readonly reason: RefusalReason };
  /** The facts of the request, as Datalog. */
  readonly facts: readonly string[];
  /** If no rule matched: the `allow if` rules with the fewest missing conditions, nearest first. */
  readonly nearest: readonly NearRule[];
}
