import type { JsonObject } from '../canonical-json.ts';

/**
 * Determines the kind of a token from its claims. The `typ` header is not enough: Entra, Okta,
 * Google, Cognito and Keycloak write `JWT` there for every kind.
 */

/**
 * Claims that only an ID token has (OpenID Connect Core sections 2 and 3.3.2.11, FAPI 1.0 section
 * 5.2.2.1). An ID token is issued for a client to read, so any client that received one could
 * present it here.
 */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'] as const;

/**
 * Marks a logout token or a security event. The same issuer signs them, but they identify no one.
 */
const EVENT_CLAIM = 'events';

/**
 * Claims in which providers state the kind of a token, with the lower-case values that denote an
 * access token. Any other value denotes another kind, even a value that no provider uses today:
 * Keycloak alone has `ID`, `Refresh`, `Offline`, `Logout`, `Initial-Access` and more.
 */
const ACCESS_KINDS: Readonly<Record<string, readonly string[]>> = {
  /** Keycloak. */
  typ: ['bearer', 'dpop', 'jwt', 'at+jwt', 'application/at+jwt', 'access', 'access_token'],
  /** Amazon Cognito, and OAuth drafts for tokens without `typ`. */
  token_use: ['access', 'access_token'],
  /** ForgeRock and PingAM (`Bearer`), SimpleJWT (`access`). */
  token_type: ['bearer', 'dpop', 'jwt', 'access', 'access_token'],
  /** ForgeRock and PingAM. */
  tokenName: ['access_token'],
};

/**
 * Curity states the kind in `purpose`. Others use that claim freely, so only these values count.
 */
const FOREIGN_PURPOSES = ['id', 'id_token', 'refresh', 'refresh_token', 'nonce'];

/** Values that denote an ID token, for an entry that accepts ID tokens. */
const ID_KINDS = ['id', 'id_token'];

/** Returns the claim that shows that a token is not an access token, or undefined. */
export function foreignKind(
  payload: JsonObject,
  { idTokens }: { readonly idTokens: boolean },
): string | undefined {
  const markers = idTokens ? [EVENT_CLAIM] : [...ID_TOKEN_CLAIMS, EVENT_CLAIM];
  const marked = markers.find((claim) => Object.hasOwn(payload, claim));
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
