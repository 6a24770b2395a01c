import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JsonObject } from '../canonical-json.ts';
import { type Clock, readClock } from '../clock.ts';
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
  /** How keys are fetched; the platform's `fetch` by default. */
  readonly fetch?: Fetch;
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
  /** Our own issuer identifier, for which client assertions are made; absent: none is accepted. */
  readonly self?: string;
  /**
   * Keeps a fetch of keys alive when the request that began it goes away (`ctx.waitUntil`): without
   * it, strangers who hang up keep the keys from everyone else.
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
  /** Who the JWT speaks for. Says nothing of what they may do, nor whether it was used before. */
  verify(jwt: string): Promise<Result<Identity, IdentityError>>;
  /** The client behind an assertion; whoever asks sees to it that `once` is used once. */
  verifyAssertion(assertion: ClientAssertion): Promise<Result<ProvenClient, IdentityError>>;
}

/**
 * `typ` is checked for what it says, not for being there: many providers leave it out. The default
 * still shuts out DPoP proofs, logout tokens and id-jags, which name themselves.
 */
const TOKEN_TYPES_DEFAULT = ['jwt', 'at+jwt'];

interface Known {
  readonly issuers: ReadonlyMap<string, { entries: readonly OidcIssuer[]; keys: JWTVerifyGetKey }>;
  readonly domains: ReadonlyMap<string, TrustDomain & { readonly audience: string }>;
  readonly clients: ReadonlyMap<string, AssertionClient>;
}

/** Verifies the JWTs of the configured issuers. Make one and keep it: it holds their keys. */
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

/** The entries of each `iss`, which share its keys. */
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
  now: number,
): Promise<Result<Identity, IdentityError>> {
  const read = readUnverified(jwt);
  if (!read.ok) return read;
  const unverified = read.value;
  // The unproven `sub` and `iss` only choose whose keys must have signed; both are compared again.
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
  now: number,
): Promise<Result<ProvenClient, IdentityError>> {
  const { jwt, type, clientId } = assertion;
  const read = readUnverified(jwt);
  if (!read.ok) return read;
  const unverified = read.value;
  const claimed = type === JWT_SPIFFE ? unverified.subject : unverified.issuer;
  if (self === undefined || claimed === undefined) return refuse({ code: 'issuer_unknown' });
  // RFC 7521 section 4.2: the parameter is not needed, and must not name another.
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
  // A workload presents its SVID as often as it likes until it expires: no `jti` is asked for.
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
