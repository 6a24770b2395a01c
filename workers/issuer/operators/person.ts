import type { Json } from '../../../src/canonical-json.ts';
import { createIdentity, type Identity } from '../../../src/identity/index.ts';
import {
  ACCESS_PROVIDER,
  claimsRead,
  type Directory,
  type OperatorClaims,
  rolesOf,
} from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { IssuerConfig } from '../platform/config.ts';

/** A person whom a provider vouched for, with what the rules may read. */
export interface Person {
  readonly name: string;
  readonly provider: string;
  readonly claims: OperatorClaims;
}

/** `why` is a code, for the log. */
export type PersonRefused = { readonly code: 'person_refused'; readonly why: string };

/** Asymmetric only: with HMAC, anyone who knows the public key could forge a token. */
const ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
];

interface Source {
  readonly provider: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly audience: string;
  readonly subjectClaim?: string | undefined;
}

/** Loads the module on use: the fuzzing of order bodies loads the admin routes in Node. */
const background = (task: Promise<unknown>): void => {
  void import('cloudflare:workers').then(({ waitUntil }) => waitUntil(task));
};

type Verifier = ReturnType<typeof createIdentity>;

// One verifier for each source, so that the keys of a provider are fetched once.
const isolate = new WeakMap<IssuerConfig, Map<string, Verifier>>();

function verifierOf(config: IssuerConfig, directory: Directory, source: Source): Verifier {
  const known = isolate.get(config) ?? new Map<string, Verifier>();
  isolate.set(config, known);
  const key = JSON.stringify([source.provider, source.jwksUri]);
  const found = known.get(key);
  if (found) return found;
  const { provider: name, issuer, jwksUri, audience, subjectClaim } = source;
  const claims = [...claimsRead(directory, name), 'nonce', 'email_verified', 'iat', 'exp'];
  const entry = { name, issuer, jwksUri, audience, algorithms: ALGORITHMS, idTokens: true, claims };
  const verifier = createIdentity(
    [{ ...entry, ...(subjectClaim !== undefined && { subjectClaim }) }],
    { background },
  );
  known.set(key, verifier);
  return verifier;
}

/** Verifies an ID token of a provider, or an assertion of Access. Checks no role. */
export async function verifyPerson(
  config: IssuerConfig,
  directory: Directory,
  source: Source,
  jwt: string,
): Promise<Result<{ readonly person: Person; readonly identity: Identity }, PersonRefused>> {
  const verified = await verifierOf(config, directory, source).verify(jwt);
  if (!verified.ok) return refused(verified.error.code);
  const identity = verified.value;
  const { provider, subjectClaim } = source;
  // Anyone may state any address at a provider that does not verify it. Access has verified it.
  const isVerified = provider === ACCESS_PROVIDER || identity.claims.email_verified === true;
  if (subjectClaim === 'email' && !isVerified) return refused('email_unverified');
  const claims = Object.fromEntries(
    claimsRead(directory, provider)
      .filter((name) => name !== 'email' || isVerified)
      .map((name) => [name, textsOf(identity.claims[name])]),
  );
  const person = { name: `${provider}#${identity.subject}`, provider, claims };
  return ok({ person, identity });
}

const CLAIM_VALUES_MAX = 512;
const CLAIM_CHARACTERS_MAX = 512;

/** The texts of a claim. A list of groups is cut where no rule could need more of it. */
function textsOf(claim: Json | undefined): readonly string[] {
  const values = Array.isArray(claim) ? claim.slice(0, CLAIM_VALUES_MAX) : [claim];
  return values.flatMap((value) => {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
    const text = isPlain ? String(value) : '';
    return text !== '' && text.length <= CLAIM_CHARACTERS_MAX ? [text] : [];
  });
}

/** Refuses a person for whom no rule has a role: there is nothing that they may do. */
export const requireRole = (directory: Directory, person: Person): Result<null, PersonRefused> =>
  rolesOf(directory, person).length > 0 ? ok(null) : refused('no_role');

const refused = (why: string): Result<never, PersonRefused> =>
  refuse({ code: 'person_refused', why });
