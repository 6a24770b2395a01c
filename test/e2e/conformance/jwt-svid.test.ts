import {
  exportJWK,
  FlattenedSign,
  generateKeyPair,
  type CryptoKey as JoseKey,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin } from '../agent.ts';
import { openStage, type Stage } from '../stage.ts';
import { ACCESS_TOKEN, exchange, JWT_SPIFFE, post, refused } from './endpoints.ts';

/** JWT-SVIDs as actor tokens, by the rules of the SPIFFE standard. */
const ANALYST = 'spiffe://acme.example/agents/analyst';
let stage: Stage;
/** A key of the trust domain other.example, and an Ed25519 key that is in its bundle. */
let otherKey: JoseKey;
let edKey: JoseKey;

beforeAll(async () => {
  const other = await generateKeyPair('ES256');
  const ed = await generateKeyPair('EdDSA');
  [otherKey, edKey] = [other.privateKey, ed.privateKey];
  const listed = async (key: JoseKey, kid: string) => ({
    ...(await exportJWK(key)),
    kid,
    use: 'jwt-svid',
  });
  const domain = (name: string, keys: readonly object[]) => ({
    kind: 'spiffe',
    name,
    trustDomain: `${name}.example`,
    audience: 'http://issuer.test',
    bundle: { keys, spiffe_sequence: 1 },
  });
  stage = await openStage({
    identityIssuers: [
      domain('other', [await listed(other.publicKey, 'other'), await listed(ed.publicKey, 'ed')]),
      domain('revoked', []),
    ],
  });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const now = () => Math.floor(Date.now() / 1000);
const svid = (claims: JWTPayload = {}, header: object = {}, key: unknown = stage.svidKey) =>
  new SignJWT({ sub: ANALYST, aud: stage.issuer, exp: now() + 120, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'svid', ...header })
    .sign(key as CryptoKey);

const act = async (jwt: string) =>
  exchange(stage, {
    subject_token: await stage.identity.jwt('alice', { may_act: { sub: ANALYST } }),
    actor_token: jwt,
    actor_token_type: ACCESS_TOKEN,
  });

/** Returns the agent in the newest audit record, which is proven whatever the policy decided. */
const recorded = async () => {
  const { records } = (await (await admin(stage, 'audit')).json()) as {
    records: { record: { event: string; agent?: string } }[];
  };
  return records.findLast(({ record }) => ['mint', 'refusal'].includes(record.event))?.record.agent;
};

const CLAIMS: readonly (readonly [string, () => JWTPayload])[] = [
  ['without an audience', () => ({ aud: undefined }) as never],
  ['for another audience', () => ({ aud: 'https://elsewhere.example' })],
  ['for two audiences', () => ({ aud: [stage.issuer, 'https://elsewhere.example'] })],
  ['without an expiry', () => ({ exp: undefined }) as never],
  ['that has expired', () => ({ exp: now() - 120 })],
  ['that is not valid yet', () => ({ nbf: now() + 300 })],
  ['without a subject', () => ({ sub: undefined }) as never],
  ['of the trust domain itself', () => ({ sub: 'spiffe://acme.example' })],
  ['of a path that ends in a slash', () => ({ sub: `${ANALYST}/` })],
  ['of a path that climbs', () => ({ sub: 'spiffe://acme.example/agents/../admin' })],
  ['of a trust domain in capitals', () => ({ sub: 'spiffe://ACME.example/agents/analyst' })],
  ['of a trust domain with a port', () => ({ sub: 'spiffe://acme.example:443/agents/analyst' })],
  ['of an unknown trust domain', () => ({ sub: 'spiffe://unknown.example/agents/analyst' })],
];
const HEADERS: readonly (readonly [string, object])[] = [
  ['of the type at+jwt', { typ: 'at+jwt' }],
  ['with a jku', { jku: 'https://evil.example' }],
  ['with a key in it', { jwk: { kty: 'EC', crv: 'P-256' } }],
  ['with a content type', { cty: 'JWT' }],
  ['with the id of an unknown key', { kid: 'unknown' }],
];

describe('JWT-SVID', () => {
  test('sections 2 and 4: a valid one authenticates its SPIFFE ID', async () => {
    await act(await svid({}, { typ: 'JWT' }));
    expect(await recorded()).toBe(ANALYST);
    await act(await svid({ aud: [stage.issuer] }, { kid: undefined }));
    expect(await recorded()).toBe(ANALYST);
  });

  test.each(CLAIMS)('section 3: one %s is refused', async (_, claims) => {
    await refused(act(await svid(claims())), 'invalid_request');
  });

  test.each(HEADERS)('section 2: one %s is refused as well', async (_, header) => {
    await refused(act(await svid({}, header)), 'invalid_request');
  });

  test('section 2.1: EdDSA is refused, though its key is in the bundle', async () => {
    const sub = 'spiffe://other.example/agents/analyst';
    const signed = await svid({ sub }, { alg: 'EdDSA', kid: 'ed' }, edKey);
    await refused(act(signed), 'invalid_request');
  });

  test('section 2.1: no signature, or an HMAC, is refused', async () => {
    const [, payload] = (await svid()).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    await refused(act(`${header}.${payload}.`), 'invalid_request');
    const secret = new TextEncoder().encode('x'.repeat(32));
    await refused(act(await svid({}, { alg: 'HS256' }, secret)), 'invalid_request');
  });

  test('section 2: a JWS in JSON is refused', async () => {
    const claims = JSON.stringify({ sub: ANALYST, aud: stage.issuer, exp: now() + 120 });
    const jws = await new FlattenedSign(new TextEncoder().encode(claims))
      .setProtectedHeader({ alg: 'ES256', kid: 'svid' })
      .sign(stage.svidKey);
    await refused(act(JSON.stringify(jws)), 'invalid_request');
  });

  test('section 4: the key of one trust domain cannot sign for another', async () => {
    for (const kid of ['other', 'svid', undefined]) {
      await refused(act(await svid({}, { kid }, otherKey)), 'invalid_request');
    }
    await act(await svid({ sub: 'spiffe://other.example/a' }, { kid: 'other' }, otherKey));
    expect(await recorded()).toBe('spiffe://other.example/a');
  });

  test('trust bundle section 4: an empty bundle revokes its trust domain', async () => {
    const sub = 'spiffe://revoked.example/agents/analyst';
    await refused(act(await svid({ sub })), 'invalid_request');
  });
});

describe('draft-ietf-oauth-spiffe-client-auth', () => {
  const assertion = async (jwt: string, more: Record<string, string> = {}) =>
    post(stage, '/token', {
      grant_type: 'client_credentials',
      resource: stage.audience,
      client_assertion_type: JWT_SPIFFE,
      client_assertion: jwt,
      scope: 'mcp/files/read_text_file:read:files/reports',
      ...more,
    });

  test('a JWT-SVID is a client assertion, whose client_id is the SPIFFE ID or absent', async () => {
    await assertion(await svid());
    expect(await recorded()).toBe(ANALYST);
    await assertion(await svid(), { client_id: ANALYST });
    expect(await recorded()).toBe(ANALYST);
    await refused(assertion(await svid(), { client_id: `${ANALYST}2` }), 'invalid_client');
  });

  test('one for the token endpoint, or signed for another domain, is invalid_client', async () => {
    await refused(assertion(await svid({ aud: `${stage.issuer}/token` })), 'invalid_client');
    await refused(assertion(await svid({}, { kid: 'other' }, otherKey)), 'invalid_client');
  });
});
