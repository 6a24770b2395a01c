import type { JsonObject } from '../canonical-json.ts';

/**
 * What a token is for, by its claims. The `typ` header alone does not tell: Entra, Okta, Google,
 * Cognito and Keycloak write a bare `JWT` there for every kind.
 */

/**
 * Claims that only an ID token carries (OpenID Connect Core sections 2 and 3.3.2.11, FAPI 1.0
 * section 5.2.2.1). An ID token was made for a client to read, so any client that got one could
 * spend it here.
 */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'] as const;

/**
 * A logout token or a security event: signed by the same issuer, and proof of nobody's presence.
 */
const EVENT_CLAIM = 'events';

/**
 * Claims by which providers name a token's kind, each with the values of an access token, in lower
 * case. Any other value is another kind, also one that no provider writes today: Keycloak alone
 * writes `ID`, `Refresh`, `Offline`, `Logout`, `Initial-Access` and more.
 */
const ACCESS_KINDS: Readonly<Record<string, readonly string[]>> = {
  /** Keycloak. */
  typ: ['bearer', 'dpop', 'jwt', 'at+jwt', 'application/at+jwt', 'access', 'access_token'],
  /** Amazon Cognito, and drafts of OAuth for tokens without `typ`. */
  token_use: ['access', 'access_token'],
  /** ForgeRock and PingAM (`Bearer`), SimpleJWT (`access`). */
  token_type: ['bearer', 'dpop', 'jwt', 'access', 'access_token'],
  /** ForgeRock and PingAM. */
  tokenName: ['access_token'],
};

/** `purpose` (Curity) is a word that other providers use for other things: these values tell. */
const FOREIGN_PURPOSES = ['id', 'id_token', 'refresh', 'refresh_token', 'nonce'];

/** Values by which those claims name an ID token, for an entry that accepts ID tokens. */
const ID_KINDS = ['id', 'id_token'];

/**
 * The claim that shows a token to be of another kind than an access token; undefined for none.
 */
export function foreignKind(
  payload: JsonObject,
  { idTokens }: { readonly idTokens: boolean },
): string | undefined {
  const telling = idTokens ? [EVENT_CLAIM] : [...ID_TOKEN_CLAIMS, EVENT_CLAIM];
  const marked = telling.find((claim) => Object.hasOwn(payload, claim));
  if (marked !== undefined) return marked;
  const extra = idTokens ? ID_KINDS : [];
  const misnamed = Object.entries(ACCESS_KINDS).find(([claim, kinds]) => {
    if (!Object.hasOwn(payload, claim)) return false;
    const value = payload[claim];
    return typeof value !== 'string' || ![...kinds, ...extra].includes(value.toLowerCase());
  });
  if (misnamed) return misnamed[0];
  const purpose = Object.hasOwn(payload, 'purpose') ? payload.purpose : undefined;
  const isForeign =
    typeof purpose === 'string' &&
    FOREIGN_PURPOSES.includes(purpose.toLowerCase()) &&
    !extra.includes(purpose.toLowerCase());
  return isForeign ? 'purpose' : undefined;
}
