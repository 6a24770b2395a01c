import {
  type DevParty,
  type DevSettings,
  defaultProvider,
  type Environment,
} from '../../deployment/index.ts';
import { type IdentityIssuer, readIssuers } from '../../identity/index.ts';

/** A user or an agent whom the development identity provider vouches for. */
export interface Party {
  readonly name: string;
  readonly entry: IdentityIssuer;
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface Parties {
  readonly users: ReadonlyMap<string, Party>;
  readonly agents: ReadonlyMap<string, Party>;
}

/** Reads the parties of `[dev]`, each with the provider that it belongs to. */
export function partiesOf(environment: Environment, dev: DevSettings): Parties {
  const read = readIssuers(environment.providers);
  const entries = read.ok ? read.value : [];
  const named = (kind: 'user' | 'agent', parties: Readonly<Record<string, DevParty>> = {}) =>
    new Map(
      Object.entries(parties).flatMap(([name, party]) => {
        const provider = party.provider ?? defaultProvider(environment, kind);
        const entry = entries.find((each) => each.name === provider);
        return entry === undefined ? [] : [[name, toParty(name, party, entry)] as const];
      }),
    );
  return { users: named('user', dev.users), agents: named('agent', dev.agents) };
}

function toParty(name: string, { subject, claims = {} }: DevParty, entry: IdentityIssuer): Party {
  if (entry.kind === 'client') return { name, entry, subject: entry.clientId, claims: {} };
  if (entry.kind === 'spiffe') {
    const id = subject ?? `spiffe://${entry.trustDomain}/${name}`;
    return { name, entry, subject: id, claims: {} };
  }
  // A provider with a list of subjects accepts no other, and a template requires claims.
  const [first] = entry.subjects ?? [];
  const stated = { ...entry.requiredClaims, ...claims };
  return { name, entry, subject: subject ?? first ?? name, claims: stated };
}

/** The URL by which the development identity provider speaks for a provider of the deployment. */
export const issuerUrlOf = (base: string, { name }: IdentityIssuer): string => `${base}/${name}`;

/** The name by which tokens of this party are known to the issuer. */
export function qualifiedName(base: string, audience: string, { entry, subject }: Party): string {
  if (entry.kind === 'spiffe') return subject;
  return `${entry.kind === 'client' ? audience : issuerUrlOf(base, entry)}#${subject}`;
}

type Jwk = Readonly<Record<string, unknown>>;

/**
 * Returns the providers of an environment as the development identity provider plays them. Names,
 * subjects and required claims stay, so a policy decides as it does in the deployment.
 */
export function devProviders(
  environment: Environment,
  scene: { readonly base: string; readonly audience: string; readonly publicJwk: Jwk },
): readonly Readonly<Record<string, unknown>>[] {
  const { base, audience, publicJwk } = scene;
  const read = readIssuers(environment.providers);
  return (read.ok ? read.value : []).map((entry) => {
    const { name } = entry;
    if (entry.kind === 'client') {
      const { clientId } = entry;
      return { kind: 'client', name, clientId, algorithms: ['ES256'], jwks: { keys: [publicJwk] } };
    }
    if (entry.kind === 'spiffe') {
      const { trustDomain } = entry;
      const bundle = { keys: [{ ...publicJwk, use: 'jwt-svid' }], spiffe_sequence: 1 };
      return { kind: 'spiffe', name, trustDomain, audience, bundle };
    }
    const { subjectClaim, subjects, requiredClaims, claims } = entry;
    return {
      name,
      issuer: issuerUrlOf(base, entry),
      jwksUri: `${base}/jwks`,
      audience,
      algorithms: ['ES256'],
      tokenTypes: ['at+jwt'],
      ...(subjectClaim !== undefined && { subjectClaim }),
      ...(subjects !== undefined && { subjects }),
      ...(requiredClaims !== undefined && { requiredClaims }),
      ...(claims !== undefined && { claims }),
    };
  });
}
