import type { Grant } from '../capability/index.ts';
import type { DpopKey } from '../dpop/index.ts';

/** A capability as an agent holds it: the token, and what the issuer says is in it. */
export interface Capability {
  readonly token: string;
  readonly workflow: string;
  readonly task: string;
  readonly audience: string;
  /** What was granted, which may be less than what was requested. */
  readonly grants: readonly Grant[];
  readonly expires: Date;
  /** The key that it is bound to. Without one, anyone who has the token can use it. */
  readonly holder?: DpopKey;
  /** The id of the approval that it was minted with. Each approval mints one capability. */
  readonly approval?: string;
  /** What the policy did not grant, and by which rule, for the author of the agent to read. */
  readonly refused?: string;
}

/** Nothing is minted yet: a person has to decide first. */
export interface ApprovalPending {
  readonly code: 'approval_pending';
  /** Pass it as `approval.id` to ask for the decision later. */
  readonly id: string;
  readonly expires: Date;
  /** The least time between two requests. */
  readonly intervalSeconds: number;
}

/** Why there is no capability. */
export type ObtainError =
  /** Nothing was sent: an option is wrong. `why` names it and says what to write. */
  | { readonly code: 'options_invalid'; readonly why: string }
  /** The issuer refused, with an OAuth error (RFC 6749 section 5.2). */
  | {
      readonly code: 'refused';
      readonly status: number;
      readonly error: string;
      readonly description: string;
      /** Which option is probably wrong, if that can be recognised. */
      readonly hint?: string;
    }
  | ApprovalPending
  /** The approval of this id is not valid: it was used, or the question has changed. */
  | { readonly code: 'approval_void' }
  | { readonly code: 'unreachable'; readonly url: string; readonly why: string }
  /** The token is bound to a key although none was proven, or is unbound although one was. */
  | { readonly code: 'not_bound'; readonly url: string }
  | { readonly code: 'malformed_answer'; readonly url: string; readonly why: string };
