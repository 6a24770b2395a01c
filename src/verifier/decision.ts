import type { Action, AuthorityError, CallError, TokenError } from '../capability/index.ts';
import type { DpopError } from '../dpop/index.ts';
import type { FeedHit } from '../feed/index.ts';
import type { Tier } from './tiers.ts';

/**
 * Why a call was denied, with the data for the log. Closed: a new reason must be mapped to the
 * wire.
 */
export type Denial =
  | TokenError
  | AuthorityError
  | CallError
  | { readonly code: 'token_missing' }
  | { readonly code: 'issuer_mismatch'; readonly issuer: string }
  | { readonly code: 'audience_mismatch'; readonly audience: string }
  | { readonly code: 'issued_in_future'; readonly seconds: number }
  | { readonly code: 'expired'; readonly block: number; readonly source: string }
  | {
      readonly code: 'revoked';
      readonly by: Exclude<FeedHit['by'], 'suspension' | 'denial'>;
      /** Of the workflow or block, or the watermark's scope and value. */
      readonly id: string;
    }
  /** By itself or by an ancestor. It may go on, but never with this token. */
  | { readonly code: 'suspended'; readonly id: string }
  /** An operator denies this tool to every workflow; the token is good for its other tools. */
  | { readonly code: 'tool_denied'; readonly tool: string }
  | { readonly code: 'head_missing' }
  /** The route names a tier that does not exist, so how fresh the head must be is unknown. */
  | { readonly code: 'tier_unknown' }
  | { readonly code: 'head_stale'; readonly ageSeconds: number; readonly boundSeconds: number }
  | { readonly code: 'holder_unproven' }
  /** The scheme says that a proof comes with the token, and none does. */
  | { readonly code: 'proof_missing' }
  | { readonly code: 'proof_invalid'; readonly why: DpopError['code'] | 'bearer_scheme' }
  /** No nonce, or not one of this verifier's newest. */
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
      /** The holder's block that the caveat stands in; never 0. */
      readonly block: number;
      readonly check: number;
      readonly source: string;
      /** Of the argument, where the caveat limits one. */
      readonly pointer?: string;
    }
  /** A rule of the policy, which the issuer wrote into the authority block, forbids the call. */
  | {
      readonly code: 'constraint_failed';
      readonly tool: string;
      /** RFC 6901 pointer of the argument; empty for the arguments as a whole. */
      readonly pointer: string;
      readonly block: 0;
      readonly check: number;
      /** What the rule asks of the argument. */
      readonly source: string;
    };

/**
 * What is known of the token and the call at the moment of the decision; never the token's bytes.
 */
export interface Evidence {
  readonly revocationIds: readonly string[];
  readonly workflow?: string;
  readonly agent?: string;
  readonly subject?: string;
  readonly owner?: string;
  readonly task?: string;
  readonly tool?: string;
  readonly action?: string;
  readonly datasets?: readonly string[];
  readonly tier?: Tier;
  readonly head?: { readonly epoch: number; readonly seq: number; readonly ageSeconds: number };
}

export type Decision =
  | { readonly allowed: true; readonly stale: boolean; readonly evidence: Evidence }
  | { readonly allowed: false; readonly denial: Denial; readonly evidence: Evidence };
