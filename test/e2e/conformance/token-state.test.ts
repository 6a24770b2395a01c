import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../stage.ts';
import { exchange, granted, introspect, post, refused } from './endpoints.ts';

/** Introspection (RFC 7662) and revocation (RFC 7009). ../token-state.test.ts has the rest. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const mint = async () => String((await granted(exchange(stage))).body.access_token);
const authorization = () => ({ authorization: `Bearer ${stage.verifier}` });
const METHODS = ['GET', 'PUT', 'DELETE'];
const HINTS = ['access_token', 'refresh_token', 'pop', ''];

describe('RFC 7662', () => {
  test.each(METHODS)(
    'section 2.1: %s with the token in the query is not introspection',
    async (method) => {
      const url = `${stage.issuer}/introspect?${new URLSearchParams({ token: await mint() })}`;
      const response = await stage.fetch(url, { method, headers: authorization() });
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('active');
    },
  );

  test.each(HINTS)('section 2.1: the hint %j is ignored', async (token_type_hint) => {
    const form = { token: await mint(), token_type_hint };
    const { body } = await post(stage, '/introspect', form, authorization());
    expect(body.active).toBe(true);
  });

  test('section 2.1: the token itself is not a credential for introspection', async () => {
    const token = await mint();
    const answer = await refused(introspect(stage, token, token), 'invalid_client', 401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });

  test('section 2.2: the response is JSON with no-store, without the token', async () => {
    const token = await mint();
    const { headers, body } = await introspect(stage, token);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(body)).not.toContain(token.slice(0, 32));
  });

  test('section 2.2: active is a boolean, and times are whole seconds', async () => {
    const { body } = await introspect(stage, await mint());
    expect(body.active).toBe(true);
    expect(Number(body.exp) - Number(body.iat)).toBe(300);
    expect([body.exp, body.iat].every(Number.isSafeInteger)).toBe(true);
  });

  test('section 2.2: a token is inactive at once after its holder revoked it', async () => {
    const token = await mint();
    await post(stage, '/revoke', { token });
    expect((await introspect(stage, token)).body).toEqual({ active: false });
  });
});

describe('RFC 7009', () => {
  test.each(METHODS)('section 2.1: %s revokes nothing', async (method) => {
    const token = await mint();
    const url = `${stage.issuer}/revoke?${new URLSearchParams({ token })}`;
    expect((await stage.fetch(url, { method })).status).toBe(404);
    expect((await introspect(stage, token)).body.active).toBe(true);
  });

  test('section 2.1: a request without a token, with two tokens, or without a form is refused', async () => {
    await refused(post(stage, '/revoke', {}), 'invalid_request');
    await refused(post(stage, '/revoke', { token: ['a', 'b'] }), 'invalid_request');
    const json = { 'content-type': 'application/json' };
    await refused(post(stage, '/revoke', { token: 'a' }, json), 'invalid_request', 415);
  });

  test('section 2.2: the response to repeated revocations is 200 and empty', async () => {
    const token = await mint();
    for (let again = 0; again < 3; again++) {
      const { status, body } = await post(stage, '/revoke', { token });
      expect([status, body]).toEqual([200, {}]);
    }
  });

  test('section 2: a holder revokes its token, and no other token of the same agent', async () => {
    const [token, other] = [await mint(), await mint()];
    await post(stage, '/revoke', { token });
    expect((await introspect(stage, token)).body).toEqual({ active: false });
    expect((await introspect(stage, other)).body.active).toBe(true);
  });
});
