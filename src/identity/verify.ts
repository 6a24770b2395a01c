import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JsonObject } from '../canonical-json.ts';
import { type Clock, readClock, type UnixMilliseconds } from '../clock.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { callable, type Members, optional, readOptions, text } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { readClaims } from './claims.ts';
import {
  type AssertionClient,
  assertionClients,
  type ClientAssertion,
  JWT_SPIFFE,
  type ProvenClient,
  verifyPrivateKeyJwt,
} from './client-assertion.ts';
import { entryFor } from './entry-choice.ts';
import type { Identity, IdentityError } from './identity.ts';
import type { IdentityIssuer, OidcIssuer, SpiffeIssuer } from './issuer.ts';
import { toIdentityError } from './jose-errors.ts';
import { type Fetch, type KeySource, remoteKeys } from './keys.ts';
import {
  fixedBundle,
  readBundle,
  readSpiffeId,
  remoteBundle,
  type TrustDomain,
  verifySvid,
} from './spiffe/index.ts';
import { mediaType, readUnverified, type UnverifiedJwt } from './unverified.ts';

export interface IdentityOptions {
  /** Fetches keys. Default: the global `fetch`. */
  readonly fetch?: Fetch;
  readonly now?: Clock;
  /** Our issuer identifier: the audience of client assertions. Without it, none is accepted. */
  readonly self?: string;
  /**
   * Keeps a key fetch alive when the request that started it goes away (`ctx.waitUntil`). Without
   * it, strangers can disconnect early and so prevent anyone from getting the keys.
   */
  readonly background?: (work: Promise<unknown>) => void;
}

const OPTIONS: Members<IdentityOptions> = {
  fetch: optional(callable),
  now: optional(callable),
  self: optional(text),
  background: optional(callable),
};

export interface IdentityVerifier {
  /** Verifies a JWT. Checks neither permissions nor whether the JWT was used before. */
  verify(jwt: string): Promise<Result<Identity, IdentityError>>;
  /** Verifies a client assertion. The caller must make sure that `once` is used only once. */
  verifyAssertion(assertion: ClientAssertion): Promise<Result<ProvenClient, IdentityError>>;
}

/**
 * `typ` may be absent, since many providers omit it. The default still rejects DPoP proofs, logout
 * tokens and ID-JAGs, which always have their own `typ`.
 */
const TOKEN_TYPES_DEFAULT = ['jwt', 'at+jwt'];

interface Known {
  readonly issuers: ReadonlyMap<string, { entries: readonly OidcIssuer[]; keys: JWTVerifyGetKey }>;
  readonly domains: ReadonlyMap<string, TrustDomain & { readonly audience: string }>;
  readonly clients: ReadonlyMap<string, AssertionClient>;
}

/** Creates a verifier for JWTs of the configured issuers. Reuse it, since it caches their keys. */
export function createIdentity(
  entries: readonly IdentityIssuer[],
  options: IdentityOptions = {},
): IdentityVerifier {
  readOptions(options, 'createIdentity', OPTIONS);
  const now = options.now ?? readClock;
  const source: KeySource = {
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    now,
    background: options.background,
  };
  const known: Known = {
    issuers: oidcIssuers(entries, source),
    domains: new Map(
      entries.flatMap((entry) =>
        entry.kind === 'spiffe' ? [[entry.trustDomain, trustDomain(entry, source)]] : [],
      ),
    ),
    clients: assertionClients(entries, source),
  };
  return {
    verify: (jwt) => verify(jwt, known, now()),
    verifyAssertion: (assertion) => verifyAssertion(assertion, options.self, known, now()),
  };
}

/** Groups entries by `iss`: entries of one issuer share its keys. */
function oidcIssuers(entries: readonly IdentityIssuer[], source: KeySource): Known['issuers'] {
  const all = entries.filter((entry) => 'issuer' in entry);
  const byIssuer = new Map<string, { entries: OidcIssuer[]; keys: JWTVerifyGetKey }>();
  for (const entry of all) {
    const known = byIssuer.get(entry.issuer);
    if (known) known.entries.push(entry);
    else {
      byIssuer.set(entry.issuer, { entries: [entry], keys: remoteKeys(entry.jwksUri, source) });
    }
  }
  return byIssuer;
}

function trustDomain(
  { name, trustDomain, audience, bundle, bundleUri }: SpiffeIssuer,
  source: KeySource,
): TrustDomain & { readonly audience: string } {
  const fixed = readBundle(bundle);
  if (bundleUri === undefined && !fixed.ok) throw new Error(`the entry ${name} has no bundle`);
  const keys = fixed.ok ? fixedBundle(fixed.value) : remoteBundle(bundleUri ?? '', source);
  return { name, trustDomain, audience, bundle: keys };
}

async function verify(
  jwt: string,
  known: Known,
  now: UnixMilliseconds,
): Promise<Result<Identity, IdentityError>> {
  const read = readUnverified(jwt);
  if (!read.ok) return read;
  const unverified = read.value;
  // The unverified `sub` and `iss` only choose the keys; both are compared again after
  // verification.
  const id = readSpiffeId(unverified.subject ?? '');
  const domain = id && known.domains.get(id.trustDomain);
  if (id && domain) {
    return verifySvid({ jwt, unverified, id, domain, audience: domain.audience, now });
  }
  const found = known.issuers.get(unverified.issuer ?? '');
  if (!found) return refuse({ code: 'issuer_unknown' });
  const { keys } = found;
  const issuer = entryFor(unverified, found.entries);
  if (!issuer) return refuse({ code: 'issuer_unknown' });
  const fits = checkHeader(unverified, issuer);
  if (!fits.ok) return fits;
  try {
    const { payload } = await jwtVerify(jwt, keys, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: issuer.audience,
      currentDate: new Date(now),
      clockTolerance: CLOCK_SKEW_SECONDS_MAX,
      requiredClaims: ['exp', issuer.subjectClaim ?? 'sub', 'aud'],
    });
    return readClaims(payload as JsonObject, issuer, now);
  } catch (error) {
    return refuse(toIdentityError(error, issuer.name));
  }
}

async function verifyAssertion(
  assertion: ClientAssertion,
  self: string | undefined,
  known: Known,
  now: UnixMilliseconds,
): Promise<Result<ProvenClient, IdentityError>> {
  const { jwt, type, clientId } = assertion;
  const read = readUnverified(jwt);
  if (!read.ok) return read;
  const unverified = read.value;
  const claimed = type === JWT_SPIFFE ? unverified.subject : unverified.issuer;
  if (self === undefined || claimed === undefined) return refuse({ code: 'issuer_unknown' });
  // RFC 7521 section 4.2: `client_id` is optional and must not name another client.
  if (clientId !== undefined && clientId !== claimed) return refuse({ code: 'issuer_unknown' });
  if (type !== JWT_SPIFFE) {
    const client = known.clients.get(claimed);
    if (!client) return refuse({ code: 'issuer_unknown' });
    return verifyPrivateKeyJwt({ jwt, unverified, client, self, now });
  }
  const id = readSpiffeId(claimed);
  const domain = id && known.domains.get(id.trustDomain);
  if (!id || !domain) return refuse({ code: 'issuer_unknown' });
  const svid = await verifySvid({ jwt, unverified, id, domain, audience: self, now });
  // A workload may present its SVID repeatedly until it expires, so no `jti` is required.
  return svid.ok ? ok({ identity: svid.value }) : svid;
}

function checkHeader(unverified: UnverifiedJwt, issuer: OidcIssuer): Result<null, IdentityError> {
  const algorithms: readonly string[] = issuer.algorithms;
  if (!algorithms.includes(unverified.algorithm)) return refuse({ code: 'algorithm_refused' });
  const accepted = issuer.tokenTypes?.map(mediaType) ?? TOKEN_TYPES_DEFAULT;
  const { type } = unverified;
  const fits = type === undefined ? !issuer.tokenTypes : accepted.includes(mediaType(type));
  return fits ? ok(null) : refuse({ code: 'token_type_refused', issuerName: issuer.name });
}
