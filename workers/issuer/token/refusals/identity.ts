import type { DpopError } from '../../../../src/dpop/index.ts';
import type { ConsentError, IdentityError } from '../../../../src/identity/index.ts';
import type { RefusalTable } from './entry.ts';

/** Why the caller, or the user it acts for, is not proven. */
export type IdentityRefusal =
  | {
      readonly code: 'subject_refused' | 'actor_refused' | 'client_refused';
      readonly cause: IdentityError['code'];
      /** A verified subject that the configuration does not list: only for the issuer's log. */
      readonly unlisted?: string;
    }
  | { readonly code: 'client_replayed' }
  | { readonly code: 'client_missing' }
  | { readonly code: 'actors_differ' }
  | ConsentError
  | { readonly code: 'identity_unavailable' }
  | { readonly code: 'proof_refused'; readonly cause: DpopError['code'] }
  | { readonly code: 'nonce_required' }
  /** Too many requests of one agent, or for one workflow. */
  | {
      readonly code: 'rate_limited';
      readonly of: 'agent' | 'workflow';
      readonly retryAfterSeconds: number;
    };

/** RFC 8693 section 2.2.2 (a bad token is `invalid_request`), RFC 9449 sections 5 and 8. */
export const IDENTITY_REFUSALS: Omit<RefusalTable<IdentityRefusal>, 'client_missing'> = {
  subject_refused: {
    status: 400,
    error: 'invalid_request',
    message: 'The subject_token was not accepted.',
    advice: "The user's JWT was rejected. Look up the cause in the table of identity causes.",
    audited: true,
    logged: true,
  },
  actor_refused: {
    status: 400,
    error: 'invalid_request',
    message: 'The actor_token was not accepted.',
    advice: "The workload's JWT was rejected. Look up the cause in the table of identity causes.",
    audited: true,
    logged: true,
  },
  client_refused: {
    status: 400,
    error: 'invalid_client',
    message: 'The client assertion was not accepted.',
    advice: 'The client assertion was rejected. Look up the cause in the table of identity causes.',
    audited: true,
    logged: true,
  },
  client_replayed: {
    status: 400,
    error: 'invalid_client',
    // The same text as for any other bad assertion: a replay must not learn that it was valid.
    message: 'The client assertion was not accepted.',
    advice:
      'The assertion was used before. Sign a new one for each request; if the client already does, someone copied it.',
    audited: true,
    logged: true,
  },
  actors_differ: {
    status: 400,
    error: 'invalid_request',
    message: 'The actor_token and the client assertion name different agents.',
    advice: 'Send only one of the two, or two that name the same agent.',
    audited: true,
    logged: true,
  },
  consent_missing: {
    status: 400,
    error: 'invalid_request',
    message: 'The subject_token does not let this agent act for its subject.',
    advice:
      'Name the agent in `may_act` of the user token or in `allowedActors`. Look up the cause below.',
    audited: true,
    logged: true,
  },
  identity_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The keys of an identity provider could not be fetched.',
    advice:
      'Retry. If it persists, check the identity provider, its URL in `IDENTITY_ISSUERS` and the network path to it.',
    audited: true,
    logged: true,
  },
  proof_refused: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: 'The DPoP proof is not valid for this request.',
    advice: 'Sign a new proof for this request. Look up the cause in the table of proof causes.',
    audited: true,
    logged: true,
  },
  nonce_required: {
    status: 400,
    error: 'use_dpop_nonce',
    message: 'The DPoP proof lacks the nonce of the DPoP-Nonce header.',
    advice:
      "Repeat the request with the nonce in the proof. Normal for an agent's first request if `DPOP_NONCE_SECRET` is set.",
    audited: true,
    logged: true,
  },
  rate_limited: {
    status: 429,
    error: 'temporarily_unavailable',
    message: ({ retryAfterSeconds }) => `Too many requests; retry after ${retryAfterSeconds} s.`,
    advice: 'Wait as long as `Retry-After` says.',
    // A flood is counted by `rate.limited` and not stored, or it would fill the log.
    audited: false,
    logged: false,
    headers: ({ retryAfterSeconds }) => ({ 'retry-after': String(retryAfterSeconds) }),
  },
};
