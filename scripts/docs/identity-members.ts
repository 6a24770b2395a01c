import type { ClientIssuer, OidcIssuer, SpiffeIssuer } from '../../src/identity/index.ts';
import { markdownTable } from './table.ts';

/** Form and purpose of one member of an entry of IDENTITY_ISSUERS. */
type Member = readonly [form: string, purpose: string];
/** A member that is missing here, or that the entry does not have, does not compile. */
type Members<T> = Readonly<Record<keyof T, Member>>;

const HTTPS = 'https URL (http on loopback)';
const ALGORITHMS = 'list: RS, PS, ES 256 to 512, `EdDSA`, `Ed25519`';
const NAME = 'lower-case letters, digits, `-`';

const OIDC: Members<OidcIssuer> = {
  kind: ['`oidc`, optional', 'The kind of the entry.'],
  name: [NAME, 'The name in policies and logs: `workload("github", $subject)`.'],
  issuer: [HTTPS, 'Compared with `iss` byte for byte.'],
  jwksUri: [HTTPS, 'The only URL that its keys are fetched from. Redirects are refused.'],
  audience: ['text', 'The one value that `aud` must have.'],
  algorithms: [ALGORITHMS, 'The accepted signature algorithms.'],
  tokenTypes: [
    'list, optional',
    'The accepted `typ` headers. Default: `JWT`, `at+jwt`, or no `typ`.',
  ],
  idTokens: [
    'boolean, optional',
    'Accepts ID tokens, which are made for a client to read. Set it only if the provider issues nothing else. Refresh, logout and other tokens are refused in any case.',
  ],
  subjectClaim: ['name, optional', 'The claim that holds the subject. Default: `sub`.'],
  subjects: [
    'list, optional',
    'The accepted subjects, matched whole. Default: every subject of the issuer, so that only the policy decides.',
  ],
  requiredClaims: [
    'object from names to text or boolean, optional',
    'Claims that a token must have, with exactly these values.',
  ],
  allowedActors: [
    'list of agents, optional',
    'The agents that may act for users of this issuer whose token has no `may_act`: `issuer#subject`, or a SPIFFE ID.',
  ],
  claims: [
    'list of names, optional',
    'The claims that the [policy](policy.md#claims-of-an-identity) may read. Default: none.',
  ],
};

const SPIFFE: Members<SpiffeIssuer> = {
  kind: ['`spiffe`', 'The kind of the entry.'],
  name: [NAME, 'As above: `workload("acme", "spiffe://acme.example/agents/analyst")`.'],
  trustDomain: [
    'name of a trust domain',
    'The SPIFFE IDs that this bundle speaks for, and no others.',
  ],
  audience: [
    'text',
    'The one value that `aud` of an `actor_token` must have. A `jwt-spiffe` assertion has `ISSUER`.',
  ],
  bundleUri: [
    HTTPS,
    'Where the bundle is fetched from (profile `https_web`). Either this or `bundle`.',
  ],
  bundle: ['a SPIFFE bundle, as JSON', 'The bundle itself. A change is a deployment.'],
};

const CLIENT: Members<ClientIssuer> = {
  kind: ['`client`', 'The kind of the entry.'],
  name: [NAME, 'As above: `workload("nightly-report", "nightly-report")`.'],
  clientId: [
    'visible ASCII, up to 255',
    '`iss` and `sub` of its assertions. The agent is `ISSUER#clientId`.',
  ],
  algorithms: [ALGORITHMS, 'The accepted signature algorithms.'],
  jwksUri: [HTTPS, 'Where its public keys are fetched from. Either this or `jwks`.'],
  jwks: ['JWKS, public keys with `kid`', 'Its public keys.'],
};

const table = (members: Readonly<Record<string, Member>>): string =>
  markdownTable(
    ['member', 'form', 'purpose'],
    Object.entries(members).map(([name, [form, purpose]]) => [`\`${name}\``, form, purpose]),
  );

/** Renders the members of an entry of kind `oidc`. */
export const renderOidcMembers = (): string => table(OIDC);
/** Renders the members of an entry of kind `spiffe`. */
export const renderSpiffeMembers = (): string => table(SPIFFE);
/** Renders the members of an entry of kind `client`. */
export const renderClientMembers = (): string => table(CLIENT);
