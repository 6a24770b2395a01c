import type { JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { read, send } from '../agent.ts';
import { openStage, type Stage } from '../stage.ts';
import { exchange, granted, introspect, refused } from './endpoints.ts';
import { athOf, type ProofKey, proof, proofKey, seconds } from './proofs.ts';

/**
 * DPoP (RFC 9449) at the token endpoint and at the gateway. Nonces and third-party clients are
 * tested in ../dpop.test.ts and ../peers.
 */
let stage: Stage;
let key: ProofKey;
beforeAll(async () => {
  stage = await openStage();
  key = await proofKey();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

/**
 * What every server must check by RFC 9449 section 4.3: claims and headers that make a proof
 * invalid.
 */
const CLAIMS: readonly (readonly [string, () => JWTPayload])[] = [
  ['without a jti', () => ({ jti: undefined }) as never],
  ['without an htm', () => ({ htm: undefined })],
  ['for another method', () => ({ htm: 'GET' })],
  ['for the method in other letter case', () => ({ htm: 'post' })],
  ['without an htu', () => ({ htu: undefined })],
  ['for another host', () => ({ htu: 'https://evil.example/token' })],
  ['for another path', () => ({ htu: `${stage.issuer}/introspect` })],
  ['without an iat', () => ({ iat: undefined }) as never],
  ['from six minutes ago', () => ({ iat: seconds() - 360 })],
  ['from six minutes ahead', () => ({ iat: seconds() + 360 })],
];
const HEADERS: readonly (readonly [string, () => object])[] = [
  ['without a typ', () => ({ typ: undefined })],
  ['of the typ JWT', () => ({ typ: 'JWT' })],
  ['without a key', () => ({ jwk: undefined })],
  ['with its private key inside', () => ({ jwk: key.privateJwk })],
  ['with a symmetric key', () => ({ jwk: { kty: 'oct', k: 'AAAA' } })],
  ['with an extension that must be understood', () => ({ crit: ['exp'], exp: 1 })],
];
/**
 * A header without a valid proof. An empty header is tested in ../peers/oidc-provider.test.ts,
 * because this stage's harness drops it.
 */
const NO_PROOFS = ['garbage', 'null', 'a.b.c', 'e30.e30.', 'e30.e30.AAAA'];

describe('RFC 9449 sections 4 and 5: the token endpoint', () => {
  const target = () => ({ htm: 'POST', htu: `${stage.issuer}/token` });
  const ask = (dpop: string) => exchange(stage, {}, { dpop });

  test('binds the token to the proven key, and says so', async () => {
    const { body } = await granted(ask(await proof(key, target())));
    expect(body.token_type).toBe('DPoP');
    expect((await introspect(stage, body.access_token)).body).toMatchObject({
      token_type: 'DPoP',
      cnf: { jkt: key.thumbprint },
    });
  });

  test.each(CLAIMS)('a proof %s mints nothing', async (_, claims) => {
    await refused(ask(await proof(key, target(), claims())), 'invalid_dpop_proof');
  });

  test.each(HEADERS)('a proof %s mints nothing either', async (_, header) => {
    const text = await proof(key, target(), {}, header()).catch(() => 'e30.e30.AAAA');
    await refused(ask(text), 'invalid_dpop_proof');
  });

  test('a proof without a signature, or with an HMAC, mints nothing', async () => {
    const [, payload] = (await proof(key, target())).split('.');
    const unsigned = { alg: 'none', typ: 'dpop+jwt', jwk: key.publicJwk };
    const header = Buffer.from(JSON.stringify(unsigned)).toString('base64url');
    await refused(ask(`${header}.${payload}.`), 'invalid_dpop_proof');
    const secret = new TextEncoder().encode('x'.repeat(32));
    const hmac = await proof(key, target(), {}, { alg: 'HS256' }, secret);
    await refused(ask(hmac), 'invalid_dpop_proof');
  });

  test('the signature of another key mints nothing', async () => {
    const { privateKey } = await proofKey();
    const forged = await proof(key, target(), {}, {}, privateKey);
    await refused(ask(forged), 'invalid_dpop_proof');
  });

  test('two proofs in one request mint nothing', async () => {
    const two = `${await proof(key, target())}, ${await proof(key, target())}`;
    await refused(ask(two), 'invalid_dpop_proof');
  });

  test.each(NO_PROOFS)('a malformed proof, %j, does not count as absent', async (dpop) => {
    await refused(ask(dpop), 'invalid_dpop_proof');
  });

  test('a query or a fragment in htu does not matter', async () => {
    const { htm, htu } = target();
    await granted(ask(await proof(key, { htm, htu: `${htu}?a=b#c` })));
  });

  test('of many concurrent requests with one proof, one is granted', async () => {
    const dpop = await proof(key, target());
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(dpop)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)]);
  });
});

describe('RFC 9449 section 7: the gateway', () => {
  const target = (token?: string) => ({
    htm: 'POST',
    htu: `${stage.audience}/mcp/files`,
    ...(token !== undefined && { token }),
  });
  const bound = async () => {
    const dpop = await proof(key, { htm: 'POST', htu: `${stage.issuer}/token` });
    return String((await granted(exchange(stage, {}, { dpop }))).body.access_token);
  };
  /** Denied, challenged with the scheme of RFC 9449, and without a request to the server. */
  const denied = async (token: string, headers: Record<string, string>, error: RegExp) => {
    const before = stage.bridge.requests();
    const response = await stage.fetch(`${stage.audience}/mcp/files`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(read(stage.documents.reports[0] ?? '')),
    });
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect([response.status, challenge]).toEqual([401, expect.stringMatching(error)]);
    expect(await response.text()).not.toContain(token.slice(0, 32));
    expect(stage.bridge.requests()).toBe(before);
    return challenge;
  };
  const with_ = (token: string, dpop: string) => ({ authorization: `DPoP ${token}`, dpop });

  test('accepts a bound token with a fresh proof, and the scheme in any letter case', async () => {
    const token = await bound();
    for (const scheme of ['DPoP', 'dpop']) {
      const dpop = await proof(key, target(token));
      const headers = { authorization: `${scheme} ${token}`, dpop };
      const answer = await send(stage, '', read(stage.documents.reports[0] ?? ''), headers);
      expect(answer.status).toBe(200);
    }
  });

  test('a bound token sent as Bearer is refused, with a proof and without one', async () => {
    const token = await bound();
    const bearer = { authorization: `Bearer ${token}` };
    const challenge = await denied(token, bearer, /^DPoP .*error="invalid_token"/);
    expect(challenge).toContain('algs="ES256 EdDSA"');
    const dpop = await proof(key, target(token));
    await denied(token, { ...bearer, dpop }, /^DPoP .*error="invalid_dpop_proof"/);
  });

  test('a bound token without a proof is refused', async () => {
    const token = await bound();
    const headers = { authorization: `DPoP ${token}` };
    await denied(token, headers, /^DPoP .*error="invalid_dpop_proof"/);
  });

  test('a proof for one token is not valid for another', async () => {
    const [token, other] = [await bound(), await bound()];
    const texts = [
      await proof(key, target(other)),
      await proof(key, target()),
      await proof(key, target(), { ath: `${athOf(token)}=` }),
      await proof(key, target(), { ath: athOf(token).slice(1) }),
    ];
    for (const dpop of texts) {
      await denied(token, with_(token, dpop), /^DPoP .*error="invalid_dpop_proof"/);
    }
  });

  test('a proof by another key does not unlock the token', async () => {
    const token = await bound();
    const dpop = await proof(await proofKey(), target(token));
    await denied(token, with_(token, dpop), /^DPoP .*error="invalid_token"/);
  });

  test('a proof for the token endpoint, another path or another method is refused', async () => {
    const token = await bound();
    for (const change of [
      { htu: `${stage.issuer}/token` },
      { htu: `${stage.audience}/mcp/other` },
      { htm: 'GET' },
      { iat: seconds() - 360 },
      { jti: '' },
    ]) {
      const dpop = await proof(key, target(token), change);
      await denied(token, with_(token, dpop), /^DPoP .*error="invalid_dpop_proof"/);
    }
  });

  test('a used proof is refused', async () => {
    const token = await bound();
    const dpop = await proof(key, target(token));
    const message = read(stage.documents.reports[0] ?? '');
    expect((await send(stage, '', message, with_(token, dpop))).status).toBe(200);
    await denied(token, with_(token, dpop), /^DPoP .*error="invalid_dpop_proof"/);
  });

  test.each(NO_PROOFS)('a malformed proof, %j, is refused, and not ignored', async (dpop) => {
    const token = await bound();
    await denied(token, with_(token, dpop), /^DPoP .*error="invalid_dpop_proof"/);
  });
});
