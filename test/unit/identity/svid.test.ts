import { FlattenedSign, generateKeyPair, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import { createIdentity, type IdentityIssuer } from '../../../src/identity/index.ts';
import { NOW } from './provider.ts';
import { AUDIENCE, startTrustDomain, svidKey, type TestTrustDomain } from './trust-domain.ts';

/** JWT-SVID and Trust Domain and Bundle, rule by rule, against a real bundle endpoint. */
let acme: TestTrustDomain;
let other: TestTrustDomain;
beforeAll(async () => {
  [acme, other] = [await startTrustDomain(), await startTrustDomain('other.example')];
});
afterAll(async () => {
  await acme.close();
  await other.close();
});

const entry = (domain: TestTrustDomain): IdentityIssuer => ({
  kind: 'spiffe',
  name: domain.name.replace('.', '-'),
  trustDomain: domain.name,
  audience: AUDIENCE,
  bundleUri: domain.bundleUri,
});
const verify = (jwt: string, ...entries: IdentityIssuer[]) =>
  createIdentity(entries.length > 0 ? entries : [entry(acme), entry(other)], {
    now: () => NOW,
  }).verify(jwt);
const codeOf = async (jwt: string, ...entries: IdentityIssuer[]) => {
  const result = await verify(jwt, ...entries);
  return result.ok ? 'accepted' : result.error.code;
};

const withBundle = (bundle: Record<string, unknown>): IdentityIssuer => ({
  kind: 'spiffe',
  name: 'inline',
  trustDomain: acme.name,
  audience: AUDIENCE,
  bundle: bundle as never,
});

test('a JWT-SVID proves its SPIFFE ID, which is the agent', async () => {
  expect(await verify(await acme.svid())).toEqual({
    ok: true,
    value: {
      issuerName: 'acme-example',
      issuer: 'spiffe://acme.example',
      subject: 'spiffe://acme.example/agents/analyst',
      qualified: 'spiffe://acme.example/agents/analyst',
      expires: new Date(NOW + 300_000),
      claims: {},
    },
  });
});

describe('algorithms', () => {
  test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'])(
    '%s is one of the nine',
    async (alg) => {
      const key = await svidKey('any', alg);
      const jwt = await acme.svid({}, { alg, kid: 'any' }, key.privateKey);
      expect(await codeOf(jwt, withBundle({ keys: [key.jwk] }))).toBe('accepted');
    },
  );

  test.each(['EdDSA', 'Ed25519'])('%s is refused, even with a valid signature', async (alg) => {
    const key = await svidKey('any', alg);
    const jwt = await acme.svid({}, { alg, kid: 'any' }, key.privateKey);
    expect(await codeOf(jwt, withBundle({ keys: [key.jwk, acme.key.jwk] }))).toBe(
      'algorithm_refused',
    );
  });

  test.each(['none', 'HS256', 'HS384', 'HS512'])('%s is refused', async (alg) => {
    const [, payload] = (await acme.svid()).split('.');
    const header = toBase64Url(utf8(JSON.stringify({ alg })));
    expect(await codeOf(`${header}.${payload}.AAAA`)).toBe('algorithm_refused');
  });
});

describe('headers', () => {
  test.each([{ typ: 'JWT' }, { typ: 'JOSE' }, { typ: undefined }, { kid: undefined }])(
    '%j is a JWT-SVID',
    async (header) => expect(await codeOf(await acme.svid({}, header))).toBe('accepted'),
  );

  test.each(['jwt', 'at+jwt', 'wit+jwt', 'dpop+jwt', 'application/jwt', ''])(
    'rejects a JWT-SVID with typ %j',
    async (typ) => expect(await codeOf(await acme.svid({}, { typ }))).toBe('token_type_refused'),
  );

  test.each([
    { jku: 'https://evil.example/keys' },
    { jwk: { kty: 'EC' } },
    { x5c: ['AAAA'] },
    { x5u: 'https://evil.example' },
    { cty: 'JWT' },
    { iss: 'spiffe://acme.example' },
  ])('an extra JOSE header is refused: %j', async (header) => {
    expect(await codeOf(await acme.svid({}, header))).toBe('header_refused');
  });

  test('a JWS in JSON serialisation is refused', async () => {
    const payload = utf8(JSON.stringify({ sub: 'spiffe://acme.example/a', aud: AUDIENCE }));
    const jws = await new FlattenedSign(payload)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(acme.key.privateKey);
    expect(await codeOf(JSON.stringify(jws))).toBe('jwt_malformed');
  });
});

describe('claims', () => {
  const bad: readonly (readonly [string, JWTPayload, string])[] = [
    ['for another audience', { aud: 'https://elsewhere.example' }, 'audience_mismatch'],
    ['for an audience with a slash more', { aud: `${AUDIENCE}/` }, 'audience_mismatch'],
    ['for several audiences', { aud: [AUDIENCE, 'https://b.example'] }, 'audience_mismatch'],
    ['for no audience', { aud: undefined } as never, 'audience_mismatch'],
    ['without an end', { exp: undefined } as never, 'claims_invalid'],
    ['that has ended', { exp: NOW / 1000 - 61 }, 'expired'],
    ['that has not begun', { nbf: NOW / 1000 + 61 }, 'not_yet_valid'],
    ['issued in the future', { iat: NOW / 1000 + 61 }, 'not_yet_valid'],
    ['of the trust domain itself', { sub: 'spiffe://acme.example' }, 'claims_invalid'],
    ['of an unknown trust domain', { sub: 'spiffe://unknown.example/a' }, 'issuer_unknown'],
    ['of no SPIFFE ID', { sub: 'spiffe://acme.example/a/' }, 'issuer_unknown'],
    ['of no subject', { sub: undefined } as never, 'issuer_unknown'],
  ];
  test.each(bad)('a JWT-SVID %s is refused', async (_, claims, code) => {
    expect(await codeOf(await acme.svid(claims))).toBe(code);
  });
});

describe('bundles', () => {
  test('the key of another trust domain is refused: bundles are never merged', async () => {
    const forged = await other.svid({ sub: 'spiffe://acme.example/agents/analyst' });
    expect(await codeOf(forged)).toBe('signature_invalid');
    const named = await svidKey('only-other');
    const [a, b] = [
      { ...withBundle({ keys: [acme.key.jwk] }), name: 'a' },
      { ...withBundle({ keys: [named.jwk] }), name: 'b', trustDomain: 'other.example' },
    ] as const;
    const jwt = await acme.svid({}, { kid: 'only-other' }, named.privateKey);
    expect(await codeOf(jwt, a, b)).toBe('key_unknown');
  });

  test('an empty bundle revokes its trust domain, and no other', async () => {
    const empty = withBundle({ keys: [] });
    expect(await codeOf(await acme.svid(), empty, entry(other))).toBe('domain_revoked');
    expect(await codeOf(await other.svid(), empty, entry(other))).toBe('accepted');
  });

  test.each([
    ['for X.509', { use: 'x509-svid' }],
    ['of an unknown use', { use: 'wit-svid' }],
    ['without a use', { use: undefined }],
    ['without an id', { kid: undefined }],
    ['of an unknown type', { kty: 'AKP' }],
    ['that is symmetric', { kty: 'oct', k: 'AAAA' }],
    ['that is private', { d: 'AAAA' }],
  ])('a key %s is ignored, and the good one next to it is not', async (_, change) => {
    const [bad, good] = [await svidKey('bad'), acme.key.jwk];
    const listed = { ...bad.jwk, ...change };
    const bundle = withBundle({ keys: [listed, good] });
    const jwt = await acme.svid({}, { kid: 'bad' }, bad.privateKey);
    expect(await codeOf(jwt, bundle)).toBe('key_unknown');
    expect(await codeOf(await acme.svid(), bundle)).toBe('accepted');
    expect(await codeOf(await acme.svid(), withBundle({ keys: [listed] }))).toBe('domain_revoked');
  });

  test('a JWT-SVID without a key id is tried against each key of its domain', async () => {
    const keys = [(await svidKey('k0')).jwk, acme.key.jwk];
    const jwt = await acme.svid({}, { kid: undefined });
    expect(await codeOf(jwt, withBundle({ keys }))).toBe('accepted');
    const { privateKey } = await generateKeyPair('ES256');
    const forged = await acme.svid({}, { kid: undefined }, privateKey);
    expect(await codeOf(forged, withBundle({ keys }))).toBe('signature_invalid');
  });

  test('a kid of the right name with a forged signature is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    expect(await codeOf(await acme.svid({}, {}, privateKey))).toBe('signature_invalid');
  });
});
