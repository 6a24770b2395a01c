import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { narrow } from '../../src/agent/index.ts';
import { admin, call, exchange, GRANTS, obtain, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/** Introspection (RFC 7662), revocation by a holder (RFC 7009), scopes and metadata. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const post = (path: string, form: Record<string, string> | string, credential?: string) =>
  stage.fetch(`${stage.issuer}/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    },
    body: String(new URLSearchParams(form)),
  });

const introspect = async (token: string, credential = stage.verifier) =>
  (await (await post('introspect', { token }, credential)).json()) as Record<string, unknown>;

const narrowed = async (token: string, seconds = 30): Promise<string> => {
  const expires = new Date((Math.floor(Date.now() / 1000) + seconds) * 1000);
  const cut = await narrow(token, { tool: 'mcp/files/write_file', expires });
  if (!cut.ok) throw new Error(cut.error.code);
  return cut.value;
};
/** A call of a tier 3 tool, for which the gateway asks the log every time. */
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const INACTIVE = { active: false };

describe('introspection', () => {
  test('returns agent, subject and grants of a live token', async () => {
    const { token, workflow, expires } = await obtain(stage);
    const agent = `${stage.identity.issuer}#report-agent`;
    const answer = await introspect(token);
    expect(answer).toEqual({
      active: true,
      token_type: 'Bearer',
      client_id: agent,
      act: { sub: agent },
      sub: `${stage.identity.issuer}#alice`,
      aud: stage.audience,
      iss: stage.issuer,
      scope: GRANTS.map(({ tool, action, dataset }) => `${tool}:${action}:${dataset}`).join(' '),
      authorization_details: [{ type: 'hewn_task', workflow, task: TASK, grants: GRANTS }],
      jti: expect.stringMatching(/^[0-9a-f]{128}$/),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(Math.abs(Number(answer.exp) - expires.getTime() / 1000)).toBeLessThan(3);
    expect(await introspect(token, stage.operator)).toEqual(answer);
  });

  test('returns the narrowed expiry of a narrowed token, and no scope', async () => {
    const { token } = await obtain(stage);
    const answer = await introspect(await narrowed(token));
    expect(answer).toMatchObject({ active: true, jti: (await introspect(token)).jti });
    expect(Number(answer.exp)).toBeLessThanOrEqual(Date.now() / 1000 + 30);
    expect(answer).not.toHaveProperty('scope');
    expect(answer).not.toHaveProperty('authorization_details');
  });

  test.each([undefined, '', 'wrong', 'Bearer'])(
    'refuses a caller with the credential %j',
    async (credential) => {
      const { token } = await obtain(stage);
      const response = await post('introspect', { token }, credential);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    },
  );

  test('refuses the holder of the token', async () => {
    const { token } = await obtain(stage);
    expect((await post('introspect', { token }, token)).status).toBe(401);
  });

  test('reports tokens for another audience as inactive', async () => {
    const { token } = await obtain(stage);
    expect(await introspect(token, stage.otherVerifier)).toEqual(INACTIVE);
  });

  test('returns only active: false for an expired, revoked, altered or malformed token', async () => {
    const { token, workflow } = await obtain(stage);
    const ended = await narrowed(token, -1);
    const altered = token.slice(0, 40) + (token[40] === 'A' ? 'B' : 'A') + token.slice(41);
    const jwt = await stage.identity.jwt('alice');
    for (const dead of [ended, altered, 'AAAA', '%%%', jwt, 'A'.repeat(9_000)]) {
      expect(await introspect(dead)).toEqual(INACTIVE);
    }
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    expect(await introspect(token)).toEqual(INACTIVE);
    expect(await introspect(await narrowed(token))).toEqual(INACTIVE);
  });

  test('requires exactly one token, in a form', async () => {
    const twice = await post('introspect', 'token=a&token=b', stage.verifier);
    expect([twice.status, await twice.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    expect((await post('introspect', {}, stage.verifier)).status).toBe(400);
    const response = await post('introspect', { token: 'x' }, stage.verifier);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

describe('revocation by a holder', () => {
  test('stops a narrowed token and everything narrowed from it, but not its parent', async () => {
    const { token, workflow } = await obtain(stage);
    const [step, other] = [await narrowed(token), await narrowed(token)];
    const below = await narrowed(step);
    expect((await post('revoke', { token: step })).status).toBe(200);
    for (const dead of [step, below]) {
      expect(await introspect(dead)).toEqual(INACTIVE);
      expect(await send(stage, dead, write())).toMatchObject({ status: 401, code: 'revoked' });
    }
    for (const alive of [token, other]) {
      expect(await introspect(alive)).toMatchObject({ active: true });
      expect((await send(stage, alive, write())).status).toBe(200);
    }
    const trail = await trailOf(stage, workflow);
    const revocation = trail.find(({ event }) => event === 'revocation');
    expect(revocation).toMatchObject({ actor: 'holder', kind: 'block', workflow });
  });

  test('gives the same answer for an unknown, expired or altered token', async () => {
    const { token } = await obtain(stage);
    for (const unknown of ['AAAA', await narrowed(token, -1), `${token.slice(0, -8)}AAAAAAAA`]) {
      const response = await post('revoke', { token: unknown });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(await introspect(token)).toMatchObject({ active: true });
    for (let again = 0; again < 2; again++) {
      expect((await post('revoke', { token })).status).toBe(200);
    }
  });

  test('ignores a wrong hint', async () => {
    const { token } = await obtain(stage);
    const revoked = await post('revoke', { token, token_type_hint: 'refresh_token' });
    expect(revoked.status).toBe(200);
    expect(await introspect(token)).toEqual(INACTIVE);
  });

  test('returns an error for a refresh token of another server', async () => {
    const response = await post('revoke', { token: 'xyz', token_type_hint: 'refresh_token' });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: 'unsupported_token_type' },
    ]);
  });

  test('is limited to 64 tokens of a workflow', async () => {
    const { token } = await obtain(stage);
    const statuses = [];
    for (let i = 0; i < 66; i++) {
      statuses.push((await post('revoke', { token: await narrowed(token) })).status);
    }
    expect(statuses.indexOf(503)).toBe(64);
    expect(await introspect(token)).toMatchObject({ active: true });
  });
});

describe('a scope', () => {
  const [grant] = GRANTS;
  const scope = `${grant?.tool}:read:${grant?.dataset}`;
  const exchangeScope = (changes: Record<string, string | undefined>) =>
    exchange(stage, { authorization_details: undefined, ...changes });

  test('requests grants in a short form', async () => {
    const { status, body } = await exchangeScope({ scope, hewn_task: TASK });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('scope');
    expect(body.authorization_details).toMatchObject([{ task: TASK, grants: [grant] }]);
  });

  test('is returned if only a part was granted', async () => {
    const { body } = await exchangeScope({ scope: `${scope} ${grant?.tool}:read:files/private` });
    expect(body).toMatchObject({ scope, authorization_details: [{ task: 'unstated' }] });
  });

  test('is refused together with authorization_details', async () => {
    expect(await exchange(stage, { scope })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  test.each(['x', 'a:b:c', 'a:read:../b', ' ', 'a:read:b%2fc'])(
    'is refused if it is %j',
    async (bad) => {
      expect(await exchangeScope({ scope: bad })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
    },
  );
});

describe('metadata', () => {
  test('of the issuer names the endpoints (RFC 8414)', async () => {
    const url = `${stage.issuer}/.well-known/oauth-authorization-server`;
    expect(await (await stage.fetch(url)).json()).toMatchObject({
      issuer: stage.issuer,
      introspection_endpoint: `${stage.issuer}/introspect`,
      revocation_endpoint: `${stage.issuer}/revoke`,
    });
  });

  test('of the gateway is at the URL that its 401 names (RFC 9728)', async () => {
    const url = `${stage.audience}/mcp/files`;
    const headers = { 'content-type': 'application/json' };
    const denied = await stage.fetch(url, { method: 'POST', headers, body: '{}' });
    expect(denied.status).toBe(401);
    const challenge = denied.headers.get('www-authenticate') ?? '';
    const [, found = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    const described = await (await stage.fetch(found)).json();
    expect(described).toMatchObject({
      resource: stage.audience,
      authorization_servers: [stage.issuer],
      bearer_methods_supported: ['header'],
    });
    for (const server of ['files', 'nowhere']) {
      const path = `/.well-known/oauth-protected-resource/mcp/${server}`;
      expect(await (await stage.fetch(`${stage.audience}${path}`)).json()).toEqual(described);
    }
  });
});
