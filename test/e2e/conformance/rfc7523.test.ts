import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../stage.ts';
import { details, granted, introspect, JWT_BEARER, post, refused } from './endpoints.ts';

/** Client assertions (RFC 7523 section 2.2), with the audience of rfc7523bis. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const CLIENT = 'nightly-report';
const now = () => Math.floor(Date.now() / 1000);

const assertion = (claims: JWTPayload = {}, header: object = {}, key: unknown = stage.nightlyKey) =>
  new SignJWT({
    iss: CLIENT,
    sub: CLIENT,
    aud: stage.issuer,
    jti: randomUUID(),
    iat: now(),
    exp: now() + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'nightly', ...header })
    .sign(key as CryptoKey);

const ask = (jwt: string, more: Record<string, string> = {}) =>
  post(stage, '/token', {
    grant_type: 'client_credentials',
    resource: stage.audience,
    authorization_details: details(),
    client_assertion_type: JWT_BEARER,
    client_assertion: jwt,
    ...more,
  });

const AUDIENCES: readonly (readonly [string, (issuer: string) => unknown])[] = [
  ['the token endpoint', (issuer) => `${issuer}/token`],
  ['the issuer and another audience', (issuer) => [issuer, 'https://evil.example']],
  ['the issuer and its token endpoint', (issuer) => [issuer, `${issuer}/token`]],
  ['the issuer with a trailing slash', (issuer) => `${issuer}/`],
  ['the issuer in other letter case', (issuer) => issuer.toUpperCase()],
  ['the resource server', () => stage.audience],
  ['no one', () => undefined],
];
const CLAIMS: readonly (readonly [string, () => JWTPayload])[] = [
  ['without an issuer', () => ({ iss: undefined }) as never],
  ['without a subject', () => ({ sub: undefined }) as never],
  ['without an expiry', () => ({ exp: undefined }) as never],
  ['without a jti', () => ({ jti: undefined }) as never],
  ['of an unknown client', () => ({ iss: 'unknown', sub: 'unknown' })],
  ['that one client issued for another', () => ({ sub: 'other' })],
  ['that has expired', () => ({ exp: now() - 120 })],
  ['that is not valid yet', () => ({ nbf: now() + 300 })],
  ['from the future', () => ({ iat: now() + 300 })],
];
const TYPES = ['at+jwt', 'dpop+jwt', 'secevent+jwt', 'logout+jwt'];

describe('rfc7523bis: the audience', () => {
  test('is the identifier of the issuer, as a text or as the only member of a list', async () => {
    await granted(ask(await assertion()));
    await granted(ask(await assertion({ aud: [stage.issuer] })));
  });

  test.each(AUDIENCES)('an assertion for %s is refused', async (_, aud) => {
    await refused(ask(await assertion({ aud: aud(stage.issuer) as string })), 'invalid_client');
  });
});

describe('RFC 7523 section 3: the assertion', () => {
  test.each(CLAIMS)('%s is refused', async (_, claims) => {
    await refused(ask(await assertion(claims())), 'invalid_client');
  });

  test('is for one resource: without one, nothing is minted', async () => {
    await refused(ask(await assertion(), { resource: '' }), 'invalid_request');
  });

  test('authenticates its client, which is the agent', async () => {
    const { body } = await granted(ask(await assertion(), { client_id: CLIENT }));
    expect((await introspect(stage, body.access_token)).body).toMatchObject({
      client_id: `${stage.issuer}#${CLIENT}`,
      act: { sub: `${stage.issuer}#${CLIENT}` },
    });
  });

  test('with a client_id of another client is refused', async () => {
    await refused(ask(await assertion(), { client_id: 'other' }), 'invalid_client');
  });

  test('signed by a stranger is refused, even if it contains the key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    await refused(ask(await assertion({}, {}, privateKey)), 'invalid_client');
    await refused(ask(await assertion({}, { jwk }, privateKey)), 'invalid_client');
  });

  test('without a signature, or with an HMAC, is refused', async () => {
    const [, payload] = (await assertion()).split('.');
    const part = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url');
    await refused(ask(`${part({ alg: 'none' })}.${payload}.`), 'invalid_client');
    const secret = new TextEncoder().encode('x'.repeat(32));
    await refused(ask(await assertion({}, { alg: 'HS256' }, secret)), 'invalid_client');
  });

  test.each(TYPES)('a signed token of the type %s is refused', async (typ) => {
    await refused(ask(await assertion({}, { typ })), 'invalid_client');
  });

  test('of many concurrent requests with one assertion, one is granted', async () => {
    const jwt = await assertion();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(jwt)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)]);
  });

  test('a request for an unknown target does not use up its assertion', async () => {
    const jwt = await assertion();
    await refused(ask(jwt, { resource: 'https://elsewhere.example' }), 'invalid_target');
    await granted(ask(jwt));
  });
});

describe('RFC 7523 section 2.1: the grant', () => {
  test('jwt-bearer is not supported, and is refused by name', async () => {
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const jwt = await assertion();
    await refused(ask(jwt, { grant_type, assertion: jwt }), 'unsupported_grant_type');
  });
});
