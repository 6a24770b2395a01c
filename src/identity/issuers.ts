import * as v from 'valibot';
import { ok, type Result, refuse } from '../result.ts';

/**
 * Signature algorithms a foreign issuer may use: RFC 7518 section 3.1 and RFC 8037, asymmetric
 * only. With `none` or HMAC on this list, whoever reads the public key could sign.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** One OpenID provider whose tokens prove a workload or a user. */
export interface IdentityIssuer {
  /** What the policy and the log call it: `github`, `local-idp`. */
  readonly name: string;
  /** Compared with `iss` byte for byte. */
  readonly issuer: string;
  /** The only URL that its keys are fetched from; never one that a token names. */
  readonly jwksUri: string;
  /** The one value that `aud` must have. */
  readonly audience: string;
  readonly algorithms: readonly Algorithm[];
  /** Accepted `typ` headers; absent: `JWT`, `at+jwt`, or none at all. */
  readonly tokenTypes?: readonly string[];
  /** Accepts ID tokens, which carry `nonce`, `at_hash` or `c_hash` and were meant for a client. */
  readonly idTokens?: boolean;
  /** The claims that the policy may see, by name; absent: none. */
  readonly claims?: readonly string[];
}

export interface IssuersError {
  readonly code: 'issuers_invalid';
  /** Where in the configuration, as in `0.jwksUri`. */
  readonly where: string;
  readonly why: string;
}

const exactText = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => !text.includes('*'), 'a wildcard: every match is exact'),
);

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** http is for a provider on this machine: elsewhere, whoever is on the path would hand us keys. */
const endpoint = v.pipe(
  exactText,
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password || text.includes('#')) return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  }, 'not an https URL (or http on loopback) without user info and fragment'),
);

const issuerSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'not a lower-case name')),
  issuer: endpoint,
  jwksUri: endpoint,
  audience: exactText,
  algorithms: v.pipe(v.array(v.picklist(ALGORITHMS)), v.minLength(1)),
  tokenTypes: v.exactOptional(v.pipe(v.array(exactText), v.minLength(1))),
  idTokens: v.exactOptional(v.boolean()),
  claims: v.exactOptional(v.array(exactText)),
});

/** Reads the configured issuers from parsed JSON: strict, so that a misspelt guard is an error. */
export function readIssuers(json: unknown): Result<readonly IdentityIssuer[], IssuersError> {
  const parsed = v.safeParse(v.pipe(v.array(issuerSchema), v.minLength(1)), json, {
    abortEarly: true,
  });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = issue.path?.map((item) => String(item.key)).join('.') ?? '';
    return refuse({ code: 'issuers_invalid', where, why: issue.message });
  }
  for (const member of ['name', 'issuer'] as const) {
    // Two entries for one `iss` would let the milder of them decide.
    const seen = new Set<string>();
    for (const [index, issuer] of parsed.output.entries()) {
      const where = `${index}.${member}`;
      if (seen.has(issuer[member])) return refuse({ code: 'issuers_invalid', where, why: 'twice' });
      seen.add(issuer[member]);
    }
  }
  return ok(parsed.output);
}
