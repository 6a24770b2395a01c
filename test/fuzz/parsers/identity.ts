/** Verifies tokens of an OpenID provider, JWT-SVIDs and client assertions. */
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import {
  createIdentity,
  type Identity,
  type IdentityError,
  JWT_BEARER,
  JWT_SPIFFE,
} from '../../../src/identity/index.ts';
import type { Result } from '../../../src/result.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften } from './json.ts';
import {
  decodeJws,
  ED25519,
  encodePart,
  P256,
  respelt,
  STRANGER,
  signJws,
  signWithPublicKey,
} from './jws.ts';
import { CANARY, claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const SECONDS = NOW / 1000;
const SELF = 'https://issuer.example';
const IDP = 'https://idp.example';
const CLIENT = 'nightly';
const SPIFFE_ID = 'spiffe://acme.example/agents/analyst';

const keyOf = (key: typeof P256, more: object) => ({ ...key.jwk, kid: 'k1', ...more });
const JWKS = JSON.stringify({
  keys: [keyOf(P256, { alg: 'ES256' }), { ...ED25519.jwk, kid: 'k2', alg: 'EdDSA' }],
});
const identity = createIdentity(
  [
    {
      name: 'idp',
      issuer: IDP,
      jwksUri: `${IDP}/jwks`,
      audience: SELF,
      claims: ['groups'],
      algorithms: ['ES256', 'EdDSA'],
    },
    {
      kind: 'spiffe',
      name: 'acme',
      trustDomain: 'acme.example',
      audience: SELF,
      bundle: { keys: [keyOf(P256, { use: 'jwt-svid' })] },
    },
    {
      kind: 'client',
      name: CLIENT,
      clientId: CLIENT,
      algorithms: ['ES256'],
      jwks: { keys: [keyOf(P256, {})] },
    },
  ],
  { fetch: async () => new Response(JWKS), now: () => NOW, self: SELF },
);

const KINDS = ['oidc', 'svid', 'client', 'svid client'] as const;
type Kind = (typeof KINDS)[number];

const times = { iat: SECONDS - 10, nbf: SECONDS - 10, exp: SECONDS + 200, aud: SELF };
const CLAIMS: Readonly<Record<Kind, JsonObject>> = {
  oidc: { iss: IDP, sub: 'report-agent', ...times, groups: [CANARY], may_act: { sub: 'a' } },
  svid: { sub: SPIFFE_ID, ...times },
  client: { iss: CLIENT, sub: CLIENT, ...times, jti: CANARY },
  'svid client': { sub: SPIFFE_ID, ...times },
};

/** Values that other verifiers have accepted by mistake. */
const SLIPS: readonly [JsonObject, ...JsonObject[]] = [
  { aud: [SELF, 'https://other.example'] },
  { aud: [SELF] },
  { nonce: 'n' },
  { at_hash: 'h' },
  { events: {} },
  { jti: '' },
  { jti: 'j'.repeat(300) },
  { exp: SECONDS + 3_600 },
  { exp: SECONDS - 61 },
  { iat: SECONDS + 61 },
  { nbf: SECONDS + 61 },
  { sub: 'spiffe://acme.example' },
  { sub: 'spiffe://acme.example/../a' },
];

interface Made {
  readonly text: string;
  readonly signed: string;
  readonly unmodified: boolean;
  /** Signed with a trusted key, under the algorithm of the key. */
  readonly trusted: boolean;
}

function make(random: Random, kind: Kind): Made {
  const key = kind === 'oidc' && random.chance(0.3) ? ED25519 : P256;
  const header = { alg: key.algorithm, kid: key === P256 ? 'k1' : 'k2', typ: 'JWT' };
  const payload = CLAIMS[kind];
  switch (random.below(10)) {
    case 0: {
      const text = signJws(header, payload, key);
      return { text, signed: text, unmodified: true, trusted: true };
    }
    case 1: {
      const signed = signJws(header, payload, key);
      const text = random.chance(0.5) ? mutateText(random, signed) : respelt(random, signed);
      return { text, signed, unmodified: false, trusted: true };
    }
    case 2: {
      const text = signJws({ ...header, jwk: STRANGER.jwk, jku: IDP }, payload, STRANGER);
      return { text, signed: text, unmodified: false, trusted: false };
    }
    case 3: {
      const alg = random.pick(['HS256', 'ES256', 'none', 'None', 'RS256']);
      const text = signWithPublicKey({ ...header, alg }, payload, key);
      return { text, signed: text, unmodified: false, trusted: false };
    }
    case 4: {
      const text = `${encodePart({ ...header, alg: 'none' })}.${encodePart({ ...payload })}.`;
      return { text, signed: text, unmodified: false, trusted: false };
    }
    case 5: {
      const text = signJws(mutateJsonOften(random, header), payload, key);
      return { text, signed: text, unmodified: false, trusted: true };
    }
    case 6: {
      const text = signJws(header, { ...payload, ...random.pick(SLIPS) }, key);
      return { text, signed: text, unmodified: false, trusted: true };
    }
    default: {
      const text = signJws(header, mutateJsonOften(random, payload), key);
      return { text, signed: text, unmodified: false, trusted: true };
    }
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isSoon = (value: Json | undefined): boolean =>
  value === undefined || (typeof value === 'number' && value <= SECONDS + 60);

/** What must be true of every accepted token, of any kind. */
function naivelyFits(kind: Kind, header: JsonObject, payload: JsonObject): boolean {
  const { iss, sub, aud, exp, iat, nbf, jti } = payload;
  const single = aud === SELF || (Array.isArray(aud) && aud.length === 1 && aud[0] === SELF);
  if (!single || typeof exp !== 'number' || exp <= SECONDS - 60) return false;
  if (!isSoon(iat) || !isSoon(nbf) || 'crit' in header) return false;
  if (kind === 'oidc') {
    const isForeign = ['nonce', 'at_hash', 'c_hash', 'events'].some((name) => name in payload);
    return iss === IDP && isText(sub) && !isForeign;
  }
  if (kind === 'client') {
    const isShort = isText(jti) && jti.length <= 256;
    return iss === CLIENT && sub === CLIENT && isShort && exp <= SECONDS + 360;
  }
  const headers = Object.keys(header).every((name) => ['alg', 'kid', 'typ'].includes(name));
  return headers && isText(sub) && /^spiffe:\/\/acme\.example(\/[A-Za-z0-9._-]+)+$/.test(sub);
}

function qualifiedOf(kind: Kind, { sub }: JsonObject): string {
  if (kind === 'oidc') return `${IDP}#${String(sub)}`;
  return kind === 'client' ? `${SELF}#${CLIENT}` : String(sub);
}

async function verify(kind: Kind, jwt: string): Promise<Result<Identity, IdentityError>> {
  if (kind === 'oidc' || kind === 'svid') return identity.verify(jwt);
  const type = kind === 'client' ? JWT_BEARER : JWT_SPIFFE;
  const proven = await identity.verifyAssertion({ type, jwt });
  return proven.ok ? { ok: true, value: proven.value.identity } : proven;
}

const outcomes: Record<'ok' | IdentityError['code'], Reached> = {
  ok: 'seen',
  jwt_too_large: 'rare',
  jwt_malformed: 'seen',
  algorithm_refused: 'seen',
  issuer_unknown: 'seen',
  token_type_refused: 'seen',
  keys_unavailable: 'rare',
  key_unknown: 'seen',
  signature_invalid: 'seen',
  audience_mismatch: 'seen',
  expired: 'seen',
  not_yet_valid: 'seen',
  claims_invalid: 'seen',
  token_kind_refused: 'rare',
  header_refused: 'seen',
  domain_revoked: 'rare',
  subject_unlisted: 'rare',
  claim_unlisted: 'rare',
};

export const identities: ParserCampaign = {
  name: 'identity',
  outcomes,
  cases: 3_000,
  attempt: async (random) => {
    const kind = random.pick(KINDS);
    const { text, signed, unmodified, trusted } = make(random, kind);
    const verified = await verify(kind, text);
    if (!verified.ok) {
      claim(!unmodified, 'an unmodified token is refused', { kind, error: verified.error });
      claimSilent(verified.error, text);
      return verified.error.code;
    }
    claim(trusted, 'a token with an untrusted signature is accepted', text);
    claim(text === signed, 'a token with changed text is accepted', { text, signed });
    const [header, payload] = decodeJws(text) ?? [];
    claim(
      isJsonObject(header) && isJsonObject(payload),
      'text that is not a JWT is accepted',
      text,
    );
    // The subject of an OpenID token may be a SPIFFE ID. Then the keys of the domain signed it.
    const actual = kind === 'oidc' && verified.value.issuerName === 'acme' ? 'svid' : kind;
    claim(naivelyFits(actual, header, payload), 'a token with wrong claims is accepted', text);
    const { qualified } = verified.value;
    claim(qualified === qualifiedOf(actual, payload), 'the token is accepted for another subject', {
      text,
      qualified,
    });
    return 'ok';
  },
};
