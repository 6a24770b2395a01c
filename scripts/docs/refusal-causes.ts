import type { CauseOf } from '../../workers/issuer/token/refusals/index.ts';
import { markdownTable } from './table.ts';

/** What each cause means. A cause without an entry does not compile. */
export const IDENTITY_CAUSES: Readonly<Record<CauseOf<'subject_refused'>, string>> = {
  jwt_too_large: 'The JWT is over 16 KiB.',
  jwt_malformed: 'Not a signed JWT in compact form, or one with `crit`.',
  algorithm_refused:
    "`none`, HMAC, or an algorithm that is not in the issuer's `algorithms`; for a JWT-SVID also EdDSA.",
  issuer_unknown:
    '`iss`, the client or the trust domain is not in `IDENTITY_ISSUERS`, or `client_id` names another one.',
  token_type_refused: '`typ` is not in `tokenTypes`.',
  header_refused: 'A JWT-SVID has a header other than `alg`, `kid` and `typ`.',
  domain_revoked: "The trust domain's bundle has no key left: the domain has revoked itself.",
  subject_unlisted:
    "The subject is not in the entry's `subjects`. The log line has the verified subject as `unlisted`.",
  claim_unlisted: 'A claim of `requiredClaims` is missing or has another value.',
  token_kind_refused:
    'Not an access token: it has `nonce`, `at_hash`, `c_hash` or `s_hash` (an ID token) or `events` (a logout token or a security event), or its `typ`, `token_use`, `token_type`, `tokenName` or `purpose` names another kind (Keycloak `ID` and `Refresh`, Cognito `id`).',
  keys_unavailable: 'Becomes `identity_unavailable` above.',
  key_unknown: 'The provider has no matching key.',
  signature_invalid: 'The signature is not valid for that key.',
  audience_mismatch: '`aud` is not the configured audience, or is one of several.',
  expired: '`exp` has passed.',
  not_yet_valid: '`nbf` or `iat` is in the future.',
  claims_invalid:
    '`sub`, `exp`, `iat` or `may_act` is missing or invalid; for a client assertion also `jti`, or an `exp` over five minutes away.',
};

export const CONSENT_CAUSES: Readonly<Record<CauseOf<'consent_missing'>, string>> = {
  no_actor: 'The token has no `may_act`, and its issuer has no `allowedActors`.',
  other_actor: '`may_act` or `allowedActors` names other agents.',
};

export const PROOF_CAUSES: Readonly<Record<CauseOf<'proof_refused'>, string>> = {
  proof_too_large: 'The proof is over 4 KiB.',
  proof_malformed: 'Not one signed JWT in compact form, more than one, or one with `crit`.',
  type_refused: '`typ` is not `dpop+jwt`.',
  algorithm_refused: 'The algorithm is not `ES256` or `EdDSA`.',
  key_refused:
    '`jwk` is missing, does not match the algorithm, or contains a private or symmetric key.',
  signature_invalid: 'Not signed by the key in `jwk`.',
  method_mismatch: '`htm` is not the method of the request.',
  target_mismatch:
    '`htu` is not the URL of the request. Check `AUDIENCE` at the gateway and `ISSUER` at the issuer.',
  time_refused: '`iat` is missing or over 300 s from now: a wrong clock, or a proof that was kept.',
  jti_invalid: '`jti` is missing or over 128 bytes.',
  token_mismatch: '`ath` is not the hash of the presented token.',
  nonce_missing: 'Becomes `nonce_required` above.',
  nonce_refused: 'Becomes `nonce_required` above.',
  replayed: 'The proof was used before: sign a new one for each retry.',
};

export const POLICY_CAUSES: Readonly<Record<CauseOf<'policy_refused'>, string>> = {
  no_rule: 'No `allow if` matches, which is the default.',
  denied: 'A `deny if` matches.',
  check_failed: 'A `check if` or `reject if` of the policy does not hold.',
  owner_missing: 'No `owner` fact: the policy must state who is accountable.',
  owner_invalid: 'Not exactly one owner, for a grant or across the granted ones.',
  no_owner: 'The granted grants have no owner.',
  user_missing: 'There is no user, and the policy does not derive `unattended(true)`.',
  lifetime_missing: 'No `max_lifetime` fact.',
  lifetime_invalid: 'Not a positive number of seconds.',
  sink_open:
    'An argument that decides where something goes is not constrained, or only by the request itself. Constrain it in the policy (`require_constraint`), open it (`open_sink`) or ask a person (`approval`). The record names the argument; an empty pointer is a whole tool that the catalogue does not list.',
  constraints_invalid:
    "The grant's constraints cannot be parsed, or list an argument that the tool does not have.",
  constraint_invalid: 'A constraint of the grant is not valid.',
  constraints_unmet: "The grant's constraints contradict the policy's `require_constraint`.",
  constraints_conflict: 'Two grants of one tool would have different constraints.',
  requirement_invalid:
    'A `require_constraint` is not a pointer and a constraint, or the person lacks the claim that a `require_user_claim` names.',
  open_sink_invalid: 'An `open_sink` is not a pointer and a reason of up to 256 bytes.',
  tier_invalid: 'A `tier` is not 0 to 3.',
  approval_invalid: 'An `approval` is neither `true` nor `false`.',
  budget_invalid:
    'A budget is not a whole number, names an unknown tool or argument, or there are too many. The record names the fact.',
  over_limit: 'The policy exceeds the limits of evaluation.',
  policy_failed: 'A rule failed to evaluate.',
  grant_invalid: 'A name of the grant is outside the character set.',
  name_invalid: 'A name of the identity or the grants is not valid in a token.',
  input_invalid: 'An identity, the task or the audience is empty, too long or not well-formed.',
  requests_count: 'Over 32 grants in one request.',
  grants_count: 'Over 32 grants in one capability.',
  authority_invalid: 'A fact, usually a name in an identity, is not valid in a token.',
  authority_over_limit: 'The grants need a larger block or more checks than verifiers evaluate.',
};

/** Returns the renderer of one table of causes. */
export const renderCauses = (causes: Readonly<Record<string, string>>) => (): string =>
  markdownTable(
    ['cause', 'what it means'],
    Object.entries(causes).map(([cause, meaning]) => [`\`${cause}\``, meaning]),
  );
