/** The OAuth errors that the token, introspection and revocation endpoints answer with. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
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

/** How a refusal is answered, explained and recorded. */
export interface RefusalEntry<Refusal> {
  readonly status: 400 | 401 | 413 | 415 | 429 | 503;
  /** `error` of the response body. */
  readonly error: OAuthError;
  /** `error_description`: printable ASCII without `"` and `\` (RFC 6749 section 5.2). */
  readonly message: string | ((refusal: Refusal) => string);
  /** For the documentation: when this happens, and what the caller or the operator should do. */
  readonly advice: string;
  /** Whether the audit log gets a record of it. */
  readonly audited: boolean;
  /** Whether the issuer's log gets a `token.refused` line for it. */
  readonly logged: boolean;
  /** Response headers of this refusal. */
  readonly headers?: (refusal: Refusal) => Readonly<Record<string, string>>;
  /** Members of the response body besides the error. */
  readonly members?: (refusal: Refusal) => Readonly<Record<string, string | number>>;
}

/** One entry for every code of a union of refusals: a forgotten code does not compile. */
export type RefusalTable<Refusal extends { readonly code: string }> = {
  readonly [Code in Refusal['code']]: RefusalEntry<WithCode<Refusal, Code>>;
};

/** The members of a union of refusals that have this code. */
export type WithCode<Refusal, Code> = Refusal extends { readonly code: infer Codes }
  ? Code extends Codes
    ? Refusal
    : never
  : never;

/** A refusal as the caller receives it. */
export interface WireRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string | number>> & {
    readonly error: OAuthError;
    readonly error_description: string;
  };
}

/** Returns the response that a refusal's entry describes. */
export function writeRefusal<Refusal>(
  { status, error, message, headers, members }: RefusalEntry<Refusal>,
  refusal: Refusal,
): WireRefusal {
  const description = typeof message === 'string' ? message : message(refusal);
  return {
    status,
    headers: headers?.(refusal) ?? {},
    body: { error, error_description: description, ...members?.(refusal) },
  };
}
