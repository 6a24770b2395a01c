import type { Grant } from '../capability/index.ts';
import type { DpopKey } from '../dpop/index.ts';

/** A capability as an agent holds it: the token, and what the issuer said is in it. */
export interface Capability {
  readonly token: string;
  readonly workflow: string;
  readonly task: string;
  readonly audience: string;
  /** What was granted, which may be less than was asked for. */
  readonly grants: readonly Grant[];
  readonly expires: Date;
  /** The key that it is bound to; absent for a capability that whoever has it can use. */
  readonly holder?: DpopKey;
  /** The approval that it was minted by. It is used up: another capability takes another one. */
  readonly approval?: string;
}

/** Nothing is minted yet: a person was asked. */
export interface ApprovalPending {
  readonly code: 'approval_pending';
  readonly id: string;
  readonly expires: Date;
  /** To be left between two requests. */
  readonly intervalSeconds: number;
}

export type ObtainError =
  /** Nothing was sent: the options cannot be meant. `why` says which one, and what to write. */
  | { readonly code: 'options_invalid'; readonly why: string }
  /** The issuer said no, with its OAuth error (RFC 6749 section 5.2). */
  | {
      readonly code: 'refused';
      readonly status: number;
      readonly error: string;
      readonly description: string;
      /** What the options may have got wrong, where that can be told. */
      readonly hint?: string;
    }
  | ApprovalPending
  /** The approval that was asked after does not count: it was used, or the question has changed. */
  | { readonly code: 'approval_void' }
  | { readonly code: 'unreachable'; readonly url: string; readonly why: string }
  /** The answer is bound to a key where none was proven, or to none where one was: not used. */
  | { readonly code: 'not_bound'; readonly url: string }
  | { readonly code: 'malformed_answer'; readonly url: string; readonly why: string };
