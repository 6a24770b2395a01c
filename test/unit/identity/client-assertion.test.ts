import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import {
  createIdentity,
  type IdentityIssuer,
  JWT_BEARER,
  JWT_SPIFFE,
} from '../../../src/identity/index.ts';
import { NOW, startProvider } from './provider.ts';

/** RFC 7523 with the audience of rfc7523bis, and draft-ietf-oauth-spiffe-client-auth. */
const SELF = 'https://issuer.example';
const SECONDS = NOW / 1000;
const CLIENT = 'nightly-report';

let key: CryptoKey;
let entries: readonly IdentityIssuer[];
beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  key = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' } as never as { kty: string };
  const other = await generateKeyPair('ES256');
  const otherJwk = { ...(await exportJWK(other.publicKey)), kid: 'k1' } as never as typeof jwk;
  entries = [
    {
      kind: 'client',
      name: 'nightly',
      clientId: CLIENT,
      algorithms: ['ES256'],
      jwks: { keys: [jwk] },
    },
    {
      kind: 'client',
      name: 'other',
      clientId: 'other',
      algorithms: ['ES256'],
      jwks: { keys: [otherJwk] },
    },
    {
      kind: 'spiffe',
      name: 'acme',
      trustDomain: 'acme.example',
      audience: 'https://x.example',
      bundle: { keys: [{ ...jwk, use: 'jwt-svid' }] },
    },
  ];
});

const assertion = (claims: JWTPayload = {}, header = {}) =>
  new SignJWT({
    iss: CLIENT,
    sub: CLIENT,
    aud: SELF,
    jti: 'j1',
    iat: SECONDS,
    exp: SECONDS + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(key);

const svid = (claims: JWTPayload = {}, header = {}) =>
  new SignJWT({ sub: 'spiffe://acme.example/a', aud: SELF, exp: SECONDS + 60, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(key);

const verify = (
  jwt: string,
  more: { type?: typeof JWT_BEARER | typeof JWT_SPIFFE; clientId?: string } = {},
  self: string | undefined = SELF,
) => {
  const options = { now: () => NOW, ...(self !== undefined && { self }) };
  return createIdentity(entries, options).verifyAssertion({ type: JWT_BEARER, jwt, ...more });
};
const codeOf = async (...args: Parameters<typeof verify>) => {
  const result = await verify(...args);
  if (result.ok) return 'accepted';
  return 'claim' in result.error ? `${result.error.code} ${result.error.claim}` : result.error.code;
};

describe('private_key_jwt', () => {
  test('proves the client, qualified by our own issuer, exactly once', async () => {
    expect(await verify(await assertion(), { clientId: CLIENT })).toEqual({
      ok: true,
      value: {
        identity: {
          issuerName: 'nightly',
          issuer: SELF,
          subject: CLIENT,
          qualified: `${SELF}#${CLIENT}`,
          claims: {},
        },
        once: { id: JSON.stringify([CLIENT, 'j1']), expires: SECONDS + 120 },
      },
    });
  });

  test.each(['JWT', 'client-authentication+jwt', undefined])(
    'may have the type %s',
    async (typ) => {
      expect(await codeOf(await assertion({}, { typ }))).toBe('accepted');
    },
  );

  const bad: readonly (readonly [string, JWTPayload, string])[] = [
    ['for the token endpoint', { aud: `${SELF}/token` }, 'audience_mismatch'],
    ['for the issuer with a slash more', { aud: `${SELF}/` }, 'audience_mismatch'],
    ['for us and another server', { aud: [SELF, 'https://evil.example'] }, 'audience_mismatch'],
    ['for the issuer and its endpoint', { aud: [SELF, `${SELF}/token`] }, 'audience_mismatch'],
    ['without an audience', { aud: undefined } as never, 'audience_mismatch'],
    ['whose subject is another client', { sub: 'other' }, 'claims_invalid sub'],
    ['without a subject', { sub: undefined } as never, 'claims_invalid sub'],
    ['of an unknown client', { iss: 'unknown', sub: 'unknown' }, 'issuer_unknown'],
    ['of another client, with this key', { iss: 'other', sub: 'other' }, 'signature_invalid'],
    ['without an issuer', { iss: undefined } as never, 'issuer_unknown'],
    ['without an end', { exp: undefined } as never, 'claims_invalid exp'],
    ['that ends in an hour', { exp: SECONDS + 3_600 }, 'claims_invalid exp'],
    ['that has ended', { exp: SECONDS - 61 }, 'expired'],
    ['without a jti', { jti: undefined } as never, 'claims_invalid jti'],
    ['with an empty jti', { jti: '' }, 'claims_invalid jti'],
    ['with a jti of a kilobyte', { jti: 'x'.repeat(1_024) }, 'claims_invalid jti'],
    ['with a jti that is a number', { jti: 7 as never }, 'claims_invalid jti'],
    ['from the future', { iat: SECONDS + 61 }, 'not_yet_valid'],
  ];
  test.each(bad)('an assertion %s is refused', async (_, claims, code) => {
    expect(await codeOf(await assertion(claims))).toBe(code);
  });

  test('a client_id that names another client is refused', async () => {
    expect(await codeOf(await assertion(), { clientId: 'other' })).toBe('issuer_unknown');
  });

  test('ignores a key that the assertion itself carries', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwt = await new SignJWT({ iss: CLIENT, sub: CLIENT, aud: SELF, jti: 'j' })
      .setExpirationTime(SECONDS + 60)
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', jwk: await exportJWK(publicKey) })
      .sign(privateKey);
    expect(await codeOf(jwt)).toBe('signature_invalid');
  });

  test.each(['none', 'HS256', 'RS256', 'ES384'])('the algorithm %s is refused', async (alg) => {
    const [, payload] = (await assertion()).split('.');
    const header = toBase64Url(utf8(JSON.stringify({ alg, kid: 'k1' })));
    expect(await codeOf(`${header}.${payload}.AAAA`)).toBe('algorithm_refused');
  });

  test.each(['at+jwt', 'dpop+jwt'])('rejects an assertion with typ %s', async (typ) => {
    expect(await codeOf(await assertion({}, { typ }))).toBe('token_type_refused');
  });

  test('a jti cannot collide with the jti of another client', async () => {
    const result = await verify(await assertion({ jti: '","j' }));
    expect(result.ok && result.value.once?.id).toBe(JSON.stringify([CLIENT, '","j']));
  });

  test('rejects an assertion as actor_token, and a token as assertion', async () => {
    const verifier = createIdentity(entries, { now: () => NOW, self: SELF });
    expect((await verifier.verify(await assertion())).ok).toBe(false);
    const provider = await startProvider();
    expect((await verify(await provider.sign({ iss: provider.issuer.issuer }))).ok).toBe(false);
    await provider.close();
  });

  test('rejects every assertion if the issuer has no identifier of its own', async () => {
    const verifier = createIdentity(entries, { now: () => NOW });
    const result = await verifier.verifyAssertion({ type: JWT_BEARER, jwt: await assertion() });
    expect(result.ok).toBe(false);
  });
});

describe('jwt-spiffe', () => {
  const type = JWT_SPIFFE;

  test('accepts the SVID of a workload more than once', async () => {
    const result = await verify(await svid(), { type, clientId: 'spiffe://acme.example/a' });
    expect(result).toMatchObject({
      value: { identity: { qualified: 'spiffe://acme.example/a', issuerName: 'acme' } },
    });
    expect(result.ok && result.value.once).toBe(undefined);
  });

  const bad: readonly (readonly [string, JWTPayload, object, string])[] = [
    ['for the token endpoint', { aud: `${SELF}/token` }, {}, 'audience_mismatch'],
    ['for another use of the same domain', { aud: 'https://x.example' }, {}, 'audience_mismatch'],
    ['of an unknown trust domain', { sub: 'spiffe://b.example/a' }, {}, 'issuer_unknown'],
    ['of a client', { sub: CLIENT, iss: CLIENT }, {}, 'issuer_unknown'],
    ['with an extra header', {}, { jku: 'https://evil.example' }, 'header_refused'],
  ];
  test.each(bad)('an assertion %s is refused', async (_, claims, header, code) => {
    expect(await codeOf(await svid(claims, header), { type })).toBe(code);
  });

  test('a client_id that is another SPIFFE ID is refused', async () => {
    const clientId = 'spiffe://acme.example/b';
    expect(await codeOf(await svid(), { type, clientId })).toBe('issuer_unknown');
  });

  test('a JWT-SVID under the type of private_key_jwt is refused, and the other way round', async () => {
    expect(await codeOf(await svid())).toBe('issuer_unknown');
    expect(await codeOf(await assertion(), { type })).toBe('issuer_unknown');
  });
});
