import type { ApprovalRefusal } from '../approval/decide.ts';

/** A refusal as the caller sees it. */
export interface WireRefusal {
  readonly status: 400 | 401 | 413 | 415 | 429 | 503;
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'unsupported_grant_type'
    | 'invalid_target'
    | 'invalid_grant'
    | 'invalid_scope'
    | 'invalid_authorization_details'
    | 'access_denied'
    | 'authorization_pending'
    | 'slow_down'
    | 'expired_token'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'temporarily_unavailable';
  readonly description: string;
  /** `WWW-Authenticate`, for a 401. */
  readonly challenge?: string;
  /** `Retry-After`, for a 429. */
  readonly retryAfterSeconds?: number;
  /** What the body says beside the error. */
  readonly members?: Readonly<Record<string, string | number>>;
}

/** The names are those of CIBA Core section 7.3: what to poll with, until when, how often. */
export function approvalRefusal(refusal: ApprovalRefusal): WireRefusal {
  const refused = (error: WireRefusal['error'], description: string) =>
    ({ status: 400, error, description }) as const;
  switch (refusal.code) {
    case 'approval_pending':
    case 'approval_polled_too_fast': {
      const { id, expiresIn, interval } = refusal;
      const isTooFast = refusal.code === 'approval_polled_too_fast';
      const described = isTooFast
        ? refused('slow_down', 'Poll at the interval that is said here.')
        : refused('authorization_pending', 'A person must approve: ask the same with auth_req_id.');
      return { ...described, members: { auth_req_id: id, expires_in: expiresIn, interval } };
    }
    case 'approval_refused':
      return refused('access_denied', 'A person was asked and refused.');
    case 'approval_expired':
      return refused('expired_token', 'The approval was not given, or not used, in time.');
    case 'approval_foreign':
      // One line for all: whether somebody else's question was approved is not for this caller.
      return refused('invalid_grant', 'There is no such approval of this request; ask anew.');
    case 'approvals_exhausted':
      return {
        ...refused('temporarily_unavailable', 'Too much of this agent waits for a person.'),
        status: 503,
      };
  }
}

export type ClientRefusal =
  | 'client_secret_refused'
  | 'client_header_refused'
  | 'assertion_type_unsupported'
  | 'client_missing'
  | 'client_refused'
  | 'client_replayed';

const CLIENT_DESCRIPTIONS: Readonly<Record<ClientRefusal, string>> = {
  client_secret_refused: 'No client has a secret here: use a client assertion.',
  client_header_refused: 'No client has a secret here: use a client assertion.',
  assertion_type_unsupported: 'The client_assertion_type is not supported.',
  client_missing: 'A client assertion is required.',
  client_refused: 'The client assertion was not accepted.',
  client_replayed: 'The client assertion was not accepted.',
};

/** RFC 6749 section 5.2: 401 with the client's own scheme where it used the header, else 400. */
export function clientRefusal(code: ClientRefusal): WireRefusal {
  const refused = { error: 'invalid_client', description: CLIENT_DESCRIPTIONS[code] } as const;
  return code === 'client_header_refused'
    ? { ...refused, status: 401, challenge: 'Basic realm="hewn"' }
    : { ...refused, status: 400 };
}
