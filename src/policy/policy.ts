import type { Grant, NameError } from '../capability/index.ts';

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

/** A verified identity, as far as the policy's facts go. `Identity` of src/identity is one. */
export interface Principal {
  readonly issuerName: string;
  readonly subject: string;
}

export interface PolicyInput {
  readonly workload: Principal;
  /** Absent where no person is behind the workflow. */
  readonly user?: Principal;
  readonly task: string;
  readonly audience: string;
  readonly now: Date;
  readonly requests: readonly Grant[];
}

export interface GrantedGrant {
  readonly grant: Grant;
  /** The `allow if` that decided, as the engine prints it. */
  readonly rule: string;
}

export type RefusalReason =
  | { readonly code: 'input_invalid'; readonly field: string }
  | { readonly code: 'requests_count'; readonly count: number }
  | { readonly code: 'grant_invalid'; readonly error: NameError }
  /** No `allow if` matched: the default. */
  | { readonly code: 'no_rule' }
  /** A `deny if` matched before any `allow if`. */
  | { readonly code: 'denied'; readonly rule: string }
  /** A `check if` or `reject if` of the policy did not hold; `rule` is the first of them. */
  | { readonly code: 'check_failed'; readonly rule: string }
  | { readonly code: 'owner_missing' }
  /** Not exactly one text, for this grant or across the granted ones. */
  | { readonly code: 'owner_invalid' }
  /** Nobody is behind the workflow, and the policy does not derive `unattended(true)`. */
  | { readonly code: 'user_missing' }
  | { readonly code: 'lifetime_missing' }
  /** Not a positive number of seconds. */
  | { readonly code: 'lifetime_invalid' }
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
}

/** Policy as code: facts in; permitted grants, or the reason of each refusal, out. */
export interface Policy {
  decide(input: PolicyInput): PolicyDecision;
}
