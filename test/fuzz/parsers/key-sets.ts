/** Untrusted key documents: JWKS and SPIFFE trust bundles, fetched whole or broken. */
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import { createIdentity, type IdentityIssuer } from '../../../src/identity/index.ts';
import { readBundle } from '../../../src/identity/spiffe/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { P256, STRANGER, signJws } from './jws.ts';
import { claimSilent } from './secret.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const SELF = 'https://issuer.example';
const IDP = 'https://idp.example';
const header = { alg: 'ES256', kid: 'k1', typ: 'JWT' };
const times = { iat: NOW / 1000, exp: NOW / 1000 + 200, aud: SELF };

const ENTRIES: Readonly<Record<'jwks' | 'bundle', IdentityIssuer>> = {
  jwks: {
    name: 'idp',
    issuer: IDP,
    jwksUri: `${IDP}/keys`,
    audience: SELF,
    algorithms: ['ES256'],
  },
  bundle: {
    kind: 'spiffe',
    name: 'acme',
    trustDomain: 'acme.example',
    audience: SELF,
    bundleUri: `${IDP}/bundle`,
  },
};
const TOKENS = {
  jwks: signJws(header, { iss: IDP, sub: 'report-agent', ...times }, P256),
  bundle: signJws(header, { sub: 'spiffe://acme.example/a', ...times }, P256),
} as const;

function answer(random: Random, text: string): Response {
  switch (random.below(14)) {
    case 0:
      return new Response(text, {
        status: random.pick([204, 301, 302, 304, 404, 500].slice(1) as [number]),
      });
    case 1:
      return new Response(' '.repeat(256 * 1024) + text);
    case 2:
      return new Response(Uint8Array.of(0xff, 0xfe, ...Buffer.from(text)));
    case 3:
      throw new TypeError('the network is down');
    default:
      return new Response(text);
  }
}

const plain = (text: unknown): string =>
  Buffer.from(String(text), 'base64url').toString('base64url');

/** Whether the document lists our key in a spelling that Node accepts: it skips odd characters. */
function hasOurKey(text: string): boolean {
  const value: unknown = JSON.parse(text);
  const listed = isJsonObject(value) && Array.isArray(value.keys) ? (value.keys as Json[]) : [];
  return listed.some((key) => isJsonObject(key) && plain(key.x) === P256.jwk.x);
}

const outcomes: Record<string, Reached> = {
  ok: 'seen',
  keys_unavailable: 'seen',
  key_unknown: 'seen',
  signature_invalid: 'seen',
  domain_revoked: 'seen',
};

export const keySets: ParserCampaign = {
  name: 'key-sets',
  outcomes,
  cases: 2_500,
  attempt: async (random) => {
    const kind = random.pick(['jwks', 'bundle'] as const);
    const use = kind === 'bundle' ? 'jwt-svid' : 'sig';
    const ours = { ...P256.jwk, kid: 'k1', use };
    const swapped = { ...STRANGER.jwk, kid: 'k1', use };
    const listed = random.pick<readonly Json[]>([
      [ours],
      [{ ...STRANGER.jwk, kid: 'k2', use }, ours],
      [swapped],
      [],
    ]);
    const document = { keys: listed, spiffe_sequence: 3, spiffe_refresh_hint: 60 };
    const changed = random.chance(0.7) ? mutateJsonOften(random, document) : document;
    const text = writeJson(random, changed);
    const fetch = async () => answer(random, text);
    const identity = createIdentity([ENTRIES[kind]], { fetch, now: () => NOW, self: SELF });
    const verified = await identity.verify(TOKENS[kind]);
    if (verified.ok) {
      claim(hasOurKey(text), 'a token is accepted under a key that was not served', text);
      return 'ok';
    }
    claimSilent(verified.error, TOKENS[kind]);
    return verified.error.code;
  },
};

/** The reader of bundles alone: public members only, each id once, and numbers that are counts. */
export const bundles: ParserCampaign = {
  name: 'bundles',
  outcomes: { ok: 'seen', bundle_invalid: 'seen' },
  cases: 6_000,
  attempt: (random) => {
    const use = 'jwt-svid';
    const keys = random.list(0, 3, (i) => ({
      ...(random.chance(0.2) ? P256.privateJwk : P256.jwk),
      kid: random.chance(0.9) ? `k${i}` : 'k0',
      use,
    }));
    const rsa = { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'r', use, d: 'c2VjcmV0' };
    const document = { keys: [...keys, rsa], spiffe_sequence: 3, spiffe_refresh_hint: 60 };
    const changed = mutateJsonOften(random, document as unknown as Json);
    const read = readBundle(changed);
    if (!read.ok) return read.error.code;
    const { keys: kept, sequence, refreshHint } = read.value;
    claim(!JSON.stringify(kept).includes('"d":'), 'a private member is kept', changed);
    claim(
      new Set(kept.map(({ kid }) => kid)).size === kept.length,
      'two keys have the same id',
      changed,
    );
    claim(kept.length <= 64, 'there are too many keys', kept.length);
    for (const count of [sequence, refreshHint]) {
      claim(
        count === undefined || (Number.isSafeInteger(count) && count >= 0),
        'a number is not a count',
        changed,
      );
    }
    const listed = isJsonObject(changed) && Array.isArray(changed.keys) ? changed.keys : [];
    claim(kept.length <= listed.length, 'a key was not in the document', changed);
    const again = readBundle({
      keys: kept.map((key) => ({ ...key, use })),
      ...(sequence !== undefined && { spiffe_sequence: sequence }),
      ...(refreshHint !== undefined && { spiffe_refresh_hint: refreshHint }),
    });
    claim(
      again.ok && JSON.stringify(again.value) === JSON.stringify(read.value),
      'the parsed document is parsed differently',
      changed,
    );
    return 'ok';
  },
};
