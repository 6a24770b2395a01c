import type {
  Action,
  AuthorityError,
  CallError,
  Hop,
  HopError,
  TokenError,
} from '../capability/index.ts';
import type { UnixSeconds } from '../clock.ts';
import type { DenialEntry } from '../denials/index.ts';
import type { DpopError } from '../dpop/index.ts';
import type { FeedHit } from '../feed/index.ts';
import type { Provenance } from '../provenance/index.ts';
import type { Tier } from './tiers.ts';

/**
 * Why a call was denied, with the data for the log. The union is closed: a new code does not
 * compile until its row in `src/denials` exists. `toWire` says what the caller learns of it.
 */
export type Denial =
  | TokenError
  | AuthorityError
  | HopError
  | CallError
  | { readonly code: 'token_missing' }
  /** A body that was not read to its end. */
  | { readonly code: 'body_too_large'; readonly bytesMax: number }
  /** A body that is not JSON, or that two parsers would read differently. */
  | { readonly code: 'body_invalid'; readonly why: string }
  | { readonly code: 'body_type_unsupported'; readonly header: string }
  | { readonly code: 'issuer_mismatch'; readonly issuer: string }
  | { readonly code: 'audience_mismatch'; readonly audience: string }
  /** `seconds`: how far the token's time is ahead of the verifier's clock. */
  | { readonly code: 'issued_in_future'; readonly seconds: number }
  /** `source`: the check that failed, in the block of this number. */
  | { readonly code: 'expired'; readonly block: number; readonly source: string }
  | {
      readonly code: 'revoked';
      readonly by: Exclude<FeedHit['by'], 'suspension' | 'denial'>;
      /** The id of the workflow or block, or the scope and value of the watermark. */
      readonly id: string;
    }
  /** The workflow or an ancestor. It may be resumed, but never with this token. */
  | { readonly code: 'suspended'; readonly id: string }
  /** An operator denies this tool to every workflow. The token is valid for its other tools. */
  | { readonly code: 'tool_denied'; readonly tool: string }
  | { readonly code: 'head_missing' }
  /** The route has a tier that does not exist, so the required age of the head is unknown. */
  | { readonly code: 'tier_unknown' }
  | { readonly code: 'head_stale'; readonly ageSeconds: number; readonly boundSeconds: number }
  | { readonly code: 'holder_unproven' }
  /** The scheme announces a proof, and the request has none. */
  | { readonly code: 'proof_missing' }
  | { readonly code: 'proof_invalid'; readonly why: DpopError['code'] | 'bearer_scheme' }
  /** The proof has no nonce, or not one of this verifier's latest two. */
  | { readonly code: 'nonce_required' }
  | {
      readonly code: 'no_grant';
      readonly tool: string;
      readonly action: Action;
      readonly dataset: string;
    }
  | {
      readonly code: 'caveat_failed';
      /** The kind of fact that the check limits: `tool`, `dataset`, `args_sha256`, … */
      readonly fact: string;
      /** The holder's block that has the caveat; never 0. */
      readonly block: number;
      readonly check: number;
      readonly source: string;
      /** RFC 6901 pointer of the argument, if the caveat limits one. */
      readonly pointer?: string;
      /** The approval of a person for exactly this call is all that it lacks. */
      readonly approvable?: true;
    }
  /** Of a retrieval: a check bounds its datasets in a form that no filter can express. */
  | {
      readonly code: 'scope_inexpressible';
      readonly block: number;
      readonly check: number;
      readonly source: string;
    }
  /** A rule of the policy, which the issuer wrote into the authority block, forbids the call. */
  | {
      readonly code: 'constraint_failed';
      readonly tool: string;
      /** RFC 6901 pointer of the argument; empty for the arguments as a whole. */
      readonly pointer: string;
      readonly block: 0;
      readonly check: number;
      /** What the rule requires of the argument. */
      readonly source: string;
      /** The approval of a person for exactly this call is all that it lacks. */
      readonly approvable?: true;
    };

/**
 * What was known about the token and the call when the decision was made. For records: it has no
 * bytes of the token.
 */
export interface Evidence {
  /** Revocation ids of the token's blocks, authority block first. */
  readonly revocationIds: readonly string[];
  /** By which keys the token was handed on, in order; absent if its first holder has it. */
  readonly hops?: readonly Hop[];
  readonly workflow?: string;
  readonly agent?: string;
  readonly subject?: string;
  readonly owner?: string;
  readonly task?: string;
  readonly tool?: string;
  readonly action?: string;
  readonly datasets?: readonly string[];
  readonly tier?: Tier;
  /** The signed head that the decision was based on, and its age at that moment. */
  readonly head?: { readonly epoch: number; readonly seq: number; readonly ageSeconds: number };
  /** Hashes of tool catalogues, in lower-case hex. */
  readonly catalogue?: {
    /** The one that the policy was evaluated with when the token was minted. */
    readonly minted?: string;
    /** The one by which the server described the call, if it follows the issuer's catalogue. */
    readonly judged?: string;
  };
  /** The digest of the tool's definition that the catalogue pins, in lower-case hex. */
  readonly definition?: string;
  /** The labels of the source that the call reads, from the catalogue. */
  readonly labels?: readonly string[];
  /** Where the arguments come from. It is absent if no check of the token reads it. */
  readonly provenance?: Provenance;
  /** The approval of exactly this call that the token carries. */
  readonly approval?: UsedApproval;
  /** Of a call that leaves: what its workflow had read, as far as it was known. */
  readonly flow?: KnownLabels;
}

/** The approval of a call, as the decision about that call counted it. */
export interface UsedApproval {
  readonly id: string;
  /** The person who approved. */
  readonly by: string;
  /** The first 16 digits of the id of the version of policy and catalogue that was in force. */
  readonly version: string;
  /** No verifier accepts the approval from then on. */
  readonly until: UnixSeconds;
  /**
   * Whether a second call with it is denied. False where nothing counts the calls of a tier: there
   * the approval can be used again until `until`.
   */
  readonly once: boolean;
}

/** The labels of a workflow and its family, and how they are known. */
export interface KnownLabels {
  readonly labels: readonly string[];
  /**
   * `exact`: as of this call. `leased`: as of a lease of at most 20 calls or 30 s. `assumed`:
   * everything that the grants of the token could have read.
   */
  readonly label: 'exact' | 'leased' | 'assumed';
}

/**
 * A call that the verifier allows and the server around it does not make, such as one over a
 * budget. It brings its own row of the table of codes.
 */
export interface CallRefusal extends Pick<DenialEntry, 'status' | 'error' | 'message'> {
  readonly code: string;
}

/**
 * The result of `Verifier.verify`. `stale`: the call was allowed with a head older than its tier
 * asks for, which only tier 0 permits. `observed`: the call would have been denied, and its route
 * only observes.
 */
export type Decision =
  | {
      readonly allowed: true;
      readonly stale: boolean;
      readonly evidence: Evidence;
      readonly observed?: Denial | CallRefusal;
    }
  | { readonly allowed: false; readonly denial: Denial; readonly evidence: Evidence };
