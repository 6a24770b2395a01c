import { exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '../../../src/encoding.ts';
import { createIdentity, type OidcIssuer } from '../../../src/identity/index.ts';
import { JWT_BYTES_MAX } from '../../../src/limits.ts';
import { claimsFor, NOW, type Provider, startProvider } from './provider.ts';

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

const verify = (jwt: string, config: Partial<OidcIssuer> = {}) =>
  createIdentity([{ ...provider.issuer, ...config }], { now: () => NOW }).verify(jwt);

const errorOf = async (jwt: string, config: Partial<OidcIssuer> = {}) => {
  const result = await verify(jwt, config);
  return result.ok ? 'accepted' : result.error;
};

const withClaims = (claims: JWTPayload, header: Record<string, unknown> = {}) =>
  provider.sign({ ...claimsFor(provider.issuer), ...claims }, header);

const without = (claim: string): Promise<string> => {
  const claims = claimsFor(provider.issuer);
  delete claims[claim];
  return provider.sign(claims);
};

const part = (value: unknown): string =>
  toBase64Url(utf8(typeof value === 'string' ? value : JSON.stringify(value)));

const seconds = NOW / 1000;
const named = { issuerName: 'local-idp' };

test('a token of a configured issuer proves its subject, qualified by the issuer', async () => {
  const { issuer } = provider.issuer;
  expect(await verify(await withClaims({}))).toEqual({
    ok: true,
    value: {
      issuerName: 'local-idp',
      issuer,
      subject: 'report-agent',
      qualified: `${issuer}#report-agent`,
      expires: new Date(NOW + 300_000),
      claims: {},
    },
  });
});

test('the policy sees only the configured claims, and cannot change them', async () => {
  const jwt = await withClaims({
    groups: ['a', { b: 1 }],
    email: 'x@example',
    __proto__: { z: 1 },
  });
  const result = await verify(jwt, { claims: ['groups', 'absent', 'toString'] });
  const claims = result.ok ? result.value.claims : {};
  expect(claims).toEqual({ groups: ['a', { b: 1 }] });
  expect(Object.isFrozen(claims)).toBe(true);
  expect(Object.isFrozen(claims.groups)).toBe(true);
  expect(() => Object.assign((claims.groups as object[])[1] as object, { b: 2 })).toThrow(
    TypeError,
  );
});

test.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])(
  'the type %s is accepted',
  async (typ) => {
    expect(await errorOf(await withClaims({}, { typ }))).toBe('accepted');
  },
);

test('a single audience may be written as a list', async () => {
  expect(await errorOf(await withClaims({ aud: [provider.issuer.audience] }))).toBe('accepted');
});

test('clocks that differ by less than a minute do not refuse a token', async () => {
  expect(await errorOf(await withClaims({ exp: seconds - 59 }))).toBe('accepted');
  expect(await errorOf(await withClaims({ nbf: seconds + 59, iat: seconds + 59 }))).toBe(
    'accepted',
  );
});

test('a token without a signature is refused: alg none', async () => {
  const payload = part(claimsFor(provider.issuer));
  for (const alg of ['none', 'None', 'NONE']) {
    const jwt = `${part({ alg, kid: 'k1' })}.${payload}.`;
    expect(await errorOf(jwt)).toEqual({ code: 'algorithm_refused' });
  }
});

test('rejects HS256 signed with the public key as a shared secret', async () => {
  const [jwk] = provider.keys;
  const spki = await exportSPKI((await importJWK(jwk ?? {}, 'ES256')) as CryptoKey);
  for (const secret of [spki, JSON.stringify(jwk), jwk?.x ?? '']) {
    const jwt = await new SignJWT(claimsFor(provider.issuer))
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(utf8(secret.padEnd(32)));
    expect(await errorOf(jwt)).toEqual({ code: 'algorithm_refused' });
  }
});

test('no configuration makes a shared secret acceptable', async () => {
  const algorithms = ['HS256', 'none'] as unknown as OidcIssuer['algorithms'];
  for (const alg of ['HS256', 'HS512', 'none']) {
    const jwt = `${part({ alg })}.${part(claimsFor(provider.issuer))}.AAAA`;
    expect(await errorOf(jwt, { algorithms })).toEqual({ code: 'algorithm_refused' });
  }
});

test('rejects a strong algorithm that the issuer is not configured for', async () => {
  expect(await errorOf(await withClaims({}), { algorithms: ['RS256', 'EdDSA'] })).toEqual({
    code: 'algorithm_refused',
  });
});

test('a token signed with another key is refused', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const jwt = await provider.sign(claimsFor(provider.issuer), {}, privateKey);
  expect(await errorOf(jwt)).toEqual({ code: 'signature_invalid', ...named });
});

test('a key that the token brings along is not used: jwk, jku, x5u', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const before = provider.requests;
  const brought = [
    { jwk },
    { jku: `${provider.issuer.issuer}/evil` },
    { x5u: 'http://evil.example' },
  ];
  for (const header of brought) {
    const jwt = await provider.sign(claimsFor(provider.issuer), header, privateKey);
    expect(await errorOf(jwt)).toEqual({ code: 'signature_invalid', ...named });
  }
  expect(provider.requests - before).toBe(3); // One fetch of the configured URL each.
});

test('a changed payload is refused', async () => {
  const [header, , signature] = (await withClaims({})).split('.');
  const payload = part({ ...claimsFor(provider.issuer), sub: 'admin' });
  expect(await errorOf(`${header}.${payload}.${signature}`)).toEqual({
    code: 'signature_invalid',
    ...named,
  });
});

test('an unknown key id is refused', async () => {
  const jwt = await withClaims({}, { kid: 'k2' });
  expect(await errorOf(jwt)).toEqual({ code: 'key_unknown', ...named });
});

test.each([
  ['another host', 'https://evil.example'],
  ['a trailing slash', '/'],
  ['upper case', 'HTTP'],
  ['a path below', '/tenant'],
])('an issuer that is not the configured one to the byte is refused: %s', async (_, change) => {
  const { issuer } = provider.issuer;
  const iss = { '/': `${issuer}/`, '/tenant': `${issuer}/tenant`, HTTP: issuer.toUpperCase() };
  const jwt = await withClaims({ iss: iss[change as keyof typeof iss] ?? change });
  expect(await errorOf(jwt)).toEqual({ code: 'issuer_unknown' });
});

test.each([[[]], [{}], [1], [null], [['a']]])(
  'rejects an issuer that is not a string: %j',
  async (iss) => {
    const jwt = await withClaims({ iss: iss as unknown as string });
    expect(await errorOf(jwt)).toEqual({ code: 'issuer_unknown' });
  },
);

test("one issuer's keys cannot sign for another", async () => {
  const other = await startProvider('other-idp');
  try {
    const identity = createIdentity([provider.issuer, other.issuer], { now: () => NOW });
    const jwt = await other.sign(claimsFor(provider.issuer));
    expect(await identity.verify(jwt)).toEqual({
      ok: false,
      error: { code: 'signature_invalid', ...named },
    });
  } finally {
    await other.close();
  }
});

test.each([
  ['another', 'https://crm.example'],
  ['another, as a list', ['https://crm.example']],
  ['a prefix', 'https://issuer.example/'],
  ['several, of which the first is right', ['https://issuer.example', 'https://crm.example']],
  ['the right one twice', ['https://issuer.example', 'https://issuer.example']],
  ['none', []],
  ['no text', 7],
])('a token for another audience is refused: %s', async (_, aud) => {
  const jwt = await withClaims({ aud: aud as string });
  expect(await errorOf(jwt)).toEqual({ code: 'audience_mismatch', ...named });
});

test('a token without an audience is refused', async () => {
  expect(await errorOf(await without('aud'))).toEqual({ code: 'audience_mismatch', ...named });
});

test('an expired token is refused, to the second', async () => {
  for (const exp of [seconds - 60, seconds - 3600, 0, -1]) {
    expect(await errorOf(await withClaims({ exp }))).toEqual({ code: 'expired', ...named });
  }
});

test('rejects a token whose nbf or iat is in the future', async () => {
  const code = { code: 'not_yet_valid', ...named };
  expect(await errorOf(await withClaims({ nbf: seconds + 61 }))).toEqual(code);
  expect(await errorOf(await withClaims({ iat: seconds + 61 }))).toEqual(code);
});

test('a token that never expires is refused', async () => {
  const missing = { code: 'claims_invalid', claim: 'exp', why: 'missing', ...named };
  expect(await errorOf(await without('exp'))).toEqual(missing);
  const text = await provider.sign(claimsFor(provider.issuer));
  const [header] = text.split('.');
  for (const [exp, why] of [
    ['"2027"', 'not of its type'],
    ['null', 'not of its type'],
    ['1e300', 'not a date'],
    ['1e999', 'not a date'],
  ]) {
    // Written by hand: no library would sign these.
    const claims = JSON.stringify({ ...claimsFor(provider.issuer), exp: 0 });
    const payload = part(claims.replace('"exp":0', `"exp":${exp}`));
    const signature = await signRaw(`${header}.${payload}`);
    expect(await errorOf(`${header}.${payload}.${signature}`)).toEqual({
      code: 'claims_invalid',
      claim: 'exp',
      why,
      ...named,
    });
  }
});

async function signRaw(input: string): Promise<string> {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, provider.privateKey, utf8(input));
  return toBase64Url(new Uint8Array(signature));
}

test('rejects times that are not numbers', async () => {
  for (const claim of ['nbf', 'iat']) {
    const payload = part({ ...claimsFor(provider.issuer), [claim]: 'yesterday' });
    const input = `${part({ alg: 'ES256', kid: 'k1' })}.${payload}`;
    expect(await errorOf(`${input}.${await signRaw(input)}`)).toMatchObject({
      code: 'claims_invalid',
      claim,
    });
  }
});

test('rejects a token without a subject', async () => {
  const missing = { code: 'claims_invalid', claim: 'sub', why: 'missing', ...named };
  expect(await errorOf(await without('sub'))).toEqual(missing);
  for (const sub of ['', 'a\nb', 'a\u202eb', '\ud800', 'a'.repeat(2_048), 7, null, ['a']]) {
    expect(await errorOf(await withClaims({ sub: sub as string }))).toMatchObject({
      code: 'claims_invalid',
      claim: 'sub',
    });
  }
});

test('no subject of one issuer reads as a subject of another', async () => {
  const jwt = await withClaims({ sub: 'https://other.example#admin' });
  const result = await verify(jwt);
  const qualified = `${provider.issuer.issuer}#https://other.example#admin`;
  expect(result.ok && result.value.qualified).toBe(qualified);
});

test.each(['nonce', 'at_hash', 'c_hash', 's_hash'])(
  'rejects an ID token instead of an access token: %s',
  async (claim) => {
    const jwt = await withClaims({ [claim]: 'x' });
    expect(await errorOf(jwt)).toEqual({ code: 'token_kind_refused', claim, ...named });
    expect(await errorOf(jwt, { idTokens: true })).toBe('accepted');
  },
);

test.each([
  ['Cognito', { token_use: 'id' }],
  ['Keycloak', { typ: 'ID' }],
  ['ForgeRock', { tokenName: 'id_token' }],
  ['Curity', { purpose: 'id' }],
])('an ID token that says so in a claim alone is refused: %s', async (_, claims: JWTPayload) => {
  const jwt = await withClaims(claims);
  const [claim] = Object.keys(claims);
  expect(await errorOf(jwt)).toEqual({ code: 'token_kind_refused', claim, ...named });
  expect(await errorOf(jwt, { idTokens: true })).toBe('accepted');
});

test.each([
  { typ: 'Refresh' },
  { typ: 'Offline' },
  { typ: 'Logout' },
  { typ: 'something new' },
  { typ: 7 },
  { typ: null },
  { token_use: 'refresh' },
  { token_use: ['access', 'id'] },
  { token_type: 'refresh' },
  { tokenName: 'refresh_token' },
  { purpose: 'refresh_token' },
])(
  'rejects a token of another kind, even if ID tokens are accepted: %j',
  async (claims: JWTPayload) => {
    const jwt = await withClaims(claims);
    const [claim] = Object.keys(claims);
    const refused = { code: 'token_kind_refused', claim, ...named };
    expect(await errorOf(jwt)).toEqual(refused);
    expect(await errorOf(jwt, { idTokens: true })).toEqual(refused);
  },
);

test.each([
  { typ: 'Bearer' },
  { typ: 'DPoP' },
  { token_use: 'access' },
  { token_type: 'Bearer' },
  { tokenName: 'access_token' },
  { purpose: 'nightly report' },
])('an access token that names its kind is accepted: %j', async (claims) => {
  expect(await errorOf(await withClaims(claims))).toBe('accepted');
});

describe('two entries of one issuer', () => {
  const organisation = (name: string, id: string, subject: string) => ({
    ...provider.issuer,
    name,
    subjects: [subject],
    requiredClaims: { repository_owner_id: id },
  });
  const entries = () => [
    organisation('acme', '65', 'repo:acme/a'),
    organisation('umbrella', '77', 'repo:umbrella/b'),
  ];
  const both = async (claims: JWTPayload) => {
    const jwt = await withClaims(claims);
    const result = await createIdentity(entries(), { now: () => NOW }).verify(jwt);
    return result.ok ? result.value.issuerName : result.error.code;
  };

  test('verifies each token by the rules of the only entry that it can match', async () => {
    expect(await both({ repository_owner_id: '65', sub: 'repo:acme/a' })).toBe('acme');
    expect(await both({ repository_owner_id: '77', sub: 'repo:umbrella/b' })).toBe('umbrella');
  });

  test('rejects a token that matches each entry only in part', async () => {
    expect(await both({ repository_owner_id: '65', sub: 'repo:umbrella/b' })).toBe(
      'subject_unlisted',
    );
    expect(await both({ repository_owner_id: '99', sub: 'repo:acme/a' })).toBe('claim_unlisted');
  });

  test('an unlisted subject is refused by the entry that it matches otherwise', async () => {
    const jwt = await withClaims({ repository_owner_id: '77', sub: 'repo:umbrella/c' });
    expect(await createIdentity(entries(), { now: () => NOW }).verify(jwt)).toEqual({
      ok: false,
      error: { code: 'subject_unlisted', subject: 'repo:umbrella/c', issuerName: 'umbrella' },
    });
  });

  test('they share one fetch of their keys', async () => {
    const before = provider.requests;
    const verifier = createIdentity(entries(), { now: () => NOW });
    for (const [id, sub] of [
      ['65', 'repo:acme/a'],
      ['77', 'repo:umbrella/b'],
    ] as const) {
      const verified = await verifier.verify(await withClaims({ repository_owner_id: id, sub }));
      expect(verified.ok).toBe(true);
    }
    expect(provider.requests).toBe(before + 1);
  });
});

test('a verified subject that is not listed is named, so that the operator can list it', async () => {
  const jwt = await withClaims({ sub: 'repo:org@65/repo@4711:ref:refs/heads/main' });
  expect(await errorOf(jwt, { subjects: ['repo:org/repo:ref:refs/heads/main'] })).toEqual({
    code: 'subject_unlisted',
    subject: 'repo:org@65/repo@4711:ref:refs/heads/main',
    ...named,
  });
});

test('rejects a logout token, even if ID tokens are accepted', async () => {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const jwt = await withClaims({ events });
  const refused = { code: 'token_kind_refused', claim: 'events', ...named };
  expect(await errorOf(jwt)).toEqual(refused);
  expect(await errorOf(jwt, { idTokens: true })).toEqual(refused);
});

test.each(['dpop+jwt', 'logout+jwt', 'oauth-id-jag+jwt', 'secevent+jwt', ''])(
  'rejects a token with another typ: %j',
  async (typ) => {
    const jwt = await withClaims({}, { typ });
    expect(await errorOf(jwt)).toEqual({ code: 'token_type_refused', ...named });
  },
);

test('requires one of the configured types, if there are any', async () => {
  const tokenTypes = ['at+jwt'];
  const refused = { code: 'token_type_refused', ...named };
  expect(await errorOf(await withClaims({}, { typ: 'at+JWT' }), { tokenTypes })).toBe('accepted');
  expect(await errorOf(await withClaims({}, { typ: 'JWT' }), { tokenTypes })).toEqual(refused);
  expect(await errorOf(await withClaims({}), { tokenTypes })).toEqual(refused);
});

test('an oversized token is refused before a byte of it is decoded', async () => {
  const before = provider.requests;
  const jwt = await withClaims({ padding: 'x'.repeat(JWT_BYTES_MAX) });
  expect(await errorOf(jwt)).toEqual({ code: 'jwt_too_large' });
  expect(await errorOf('é'.repeat(JWT_BYTES_MAX + 1))).toEqual({ code: 'jwt_too_large' });
  expect(provider.requests).toBe(before);
});

test('rejects input that is not a JWT', async () => {
  const [header = '', payload = '', signature = ''] = (await withClaims({})).split('.');
  const good = { alg: 'ES256', kid: 'k1' };
  const malformed = [
    ...['', '.', '..', 'a.b', `${header}.${payload}`, `${header}.${payload}.${signature}.x`],
    ...[` ${header}.${payload}.${signature}`, `${header}.${payload}.${signature}\n`],
    ...[`${header}=.${payload}.${signature}`, `${part('{')}.${payload}.${signature}`],
    ...[`${part('null')}.${payload}.x`, `${part('[]')}.${payload}.x`, `${part({})}.${payload}.x`],
    ...[`${part({ ...good, crit: ['b64'], b64: false })}.${payload}.${signature}`],
    ...[`${part({ ...good, crit: [] })}.${payload}.${signature}`],
    ...[`${part({ ...good, typ: 1 })}.${payload}.${signature}`],
    ...[`${part({ ...good, alg: 1 })}.${payload}.${signature}`],
    ...[`${header}.${part('7')}.${signature}`, `${header}.${part('"a"')}.${signature}`],
    ...[`${header}.${toBase64Url(new Uint8Array([0xff, 0xfe]))}.${signature}`],
    // The last digit of 64 bytes has four bits that say nothing: set, it is another spelling.
    `${header}.${payload}.${signature.slice(0, -1)}${nextSign(signature.at(-1))}`,
  ];
  for (const jwt of malformed) expect([jwt, await errorOf(jwt)]).toEqual([jwt, MALFORMED]);
});

const MALFORMED = { code: 'jwt_malformed' };

function nextSign(sign = 'A'): string {
  return String.fromCharCode(sign.charCodeAt(0) + 1);
}

test('no refusal contains any byte of the token', async () => {
  const secret = 'S3CRET';
  const tokens = await Promise.all([
    withClaims({ sub: `${secret}\n` }),
    withClaims({ aud: secret }),
    withClaims({ iss: secret }),
    withClaims({ nonce: secret }),
    withClaims({}, { typ: secret }),
    withClaims({}, { kid: secret }),
    `${part({ alg: secret })}.${part(claimsFor(provider.issuer))}.`,
  ]);
  for (const jwt of tokens) expect(JSON.stringify(await errorOf(jwt))).not.toContain(secret);
});
