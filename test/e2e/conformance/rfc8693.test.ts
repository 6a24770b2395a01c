import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../stage.ts';
import {
  ACCESS_TOKEN,
  exchange,
  granted,
  introspect,
  JWT_TYPE,
  post,
  refused,
} from './endpoints.ts';

/** Token exchange (RFC 8693), and what it takes from RFC 6749 and RFC 8707. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const TYPE = 'urn:ietf:params:oauth:token-type:';
const OTHER_TYPES = [
  ...['refresh_token', 'id_token', 'saml1', 'saml2', 'txn_token'].map((name) => TYPE + name),
  ...['', 'access_token', `${ACCESS_TOKEN} `, ACCESS_TOKEN.toUpperCase()],
];
const OTHER_TARGETS = ['#x', '/', '/mcp/files', '.evil.example', ':80', '?x'];
const METHODS = ['GET', 'PUT', 'DELETE', 'PATCH'];

describe('RFC 8693 section 2.1: the request', () => {
  test('an access token and a JWT are accepted as the types that they claim', async () => {
    await granted(exchange(stage));
    await granted(exchange(stage, { subject_token_type: JWT_TYPE, actor_token_type: JWT_TYPE }));
  });

  test.each(OTHER_TYPES)('a subject_token is not accepted as a %j', async (subject_token_type) => {
    await refused(exchange(stage, { subject_token_type }), 'invalid_request');
  });

  test.each(OTHER_TYPES)('an actor_token is not accepted as a %j', async (actor_token_type) => {
    await refused(exchange(stage, { actor_token_type }), 'invalid_request');
  });

  test('a token needs its type', async () => {
    await refused(exchange(stage, { subject_token_type: undefined }), 'invalid_request');
    await refused(exchange(stage, { actor_token_type: undefined }), 'invalid_request');
  });

  test('an actor_token_type without an actor_token is refused', async () => {
    await refused(exchange(stage, { actor_token: undefined }), 'invalid_request');
  });

  test('a target is named by resource, by audience, or by both with the same value', async () => {
    await granted(exchange(stage, { resource: undefined, audience: stage.audience }));
    await granted(exchange(stage, { audience: stage.audience }));
    await granted(exchange(stage, { resource: [stage.audience, stage.audience] }));
  });

  test('two targets are refused, even if one of them is ours', async () => {
    const other = 'https://elsewhere.example';
    await refused(exchange(stage, { audience: other }), 'invalid_target');
    await refused(exchange(stage, { resource: [stage.audience, other] }), 'invalid_target');
  });

  test.each(OTHER_TARGETS)(
    'a target that differs from ours by %j is another target',
    async (more) => {
      await refused(exchange(stage, { resource: `${stage.audience}${more}` }), 'invalid_target');
    },
  );

  test('a request may name the token type', async () => {
    await granted(exchange(stage, { requested_token_type: ACCESS_TOKEN }));
    await refused(exchange(stage, { requested_token_type: JWT_TYPE }), 'invalid_request');
  });
});

describe('RFC 8693 section 2.2: the response', () => {
  test('has the members that the section requires, and must not be stored', async () => {
    const { headers, body } = await granted(exchange(stage));
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^[\w-]+$/),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: expect.any(Number),
    });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
  });

  test('contains no refresh token: a workflow is continued only while it lives', async () => {
    expect((await granted(exchange(stage))).body).not.toHaveProperty('refresh_token');
  });

  test('a capability expires no later than each of the tokens it was exchanged for', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    for (const token of ['subject_token', 'actor_token']) {
      const who = token === 'subject_token' ? 'alice' : 'report-agent';
      const short = { [token]: await stage.identity.jwt(who, { exp }) };
      const { body } = await granted(exchange(stage, short));
      expect(body.expires_in).toBeLessThanOrEqual(60);
      expect((await introspect(stage, body.access_token)).body.exp).toBeLessThanOrEqual(exp);
    }
  });

  test('a capability is neither a subject_token nor an actor_token', async () => {
    const { body } = await granted(exchange(stage));
    const token = String(body.access_token);
    await refused(exchange(stage, { subject_token: token }), 'invalid_request');
    await refused(exchange(stage, { actor_token: token }), 'invalid_request');
  });
});

describe('RFC 6749 section 3.2: the token endpoint', () => {
  test.each(METHODS)('mints nothing for %s', async (method) => {
    const response = await stage.fetch(`${stage.issuer}/token`, { method });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('access_token');
  });

  test('a repeated parameter is refused, whatever its value', async () => {
    const user = await stage.identity.jwt('alice');
    for (const twice of [
      { subject_token: [user, user] },
      { grant_type: ['client_credentials', 'password'] },
      { client_id: ['a', 'b'] },
      { unknown: ['a', 'b'] },
    ]) {
      await refused(exchange(stage, twice), 'invalid_request');
    }
  });

  test('an unknown parameter is ignored', async () => {
    await granted(exchange(stage, { unknown: 'x', client_secrets: 'x' }));
  });

  test('a parameter without a value counts as absent', async () => {
    const empty = { requested_token_type: '', audience: '', scope: '', client_id: '' };
    await granted(exchange(stage, empty));
    await refused(exchange(stage, { resource: '' }), 'invalid_request');
  });

  test('a credential without a value does not count as absent', async () => {
    const user = await stage.identity.jwt('report-agent');
    const own = { subject_token: user, actor_token: '', actor_token_type: ACCESS_TOKEN };
    await refused(exchange(stage, own), 'invalid_request');
    await refused(exchange(stage, { client_assertion: '' }), 'invalid_request');
  });

  test('the names of parameters are case-sensitive', async () => {
    const { subject_token } = { subject_token: await stage.identity.jwt('alice') };
    const other = { subject_token: undefined, Subject_token: subject_token };
    await refused(exchange(stage, other), 'invalid_request');
  });

  test('a token in the query is ignored', async () => {
    const query = new URLSearchParams({ subject_token: await stage.identity.jwt('alice') });
    await refused(post(stage, `/token?${query}`, {}), 'invalid_request');
  });
});
