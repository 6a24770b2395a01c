import { type JWTPayload, SignJWT } from 'jose';
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  customFetch,
  discoveryRequest,
  genericTokenEndpointRequest,
  modifyAssertion,
  PrivateKeyJwt,
  processDiscoveryResponse,
  processGenericTokenEndpointResponse,
} from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, GRANTS, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Who calls and for whom, from the outside, with a third-party OAuth client. */
let stage: Stage;
let server: AuthorizationServer;
const CLIENT: Client = { client_id: 'nightly-report' };
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type';

const http = () => ({
  [allowInsecureRequests]: true,
  [customFetch]: (url: string, options: object) => stage.fetch(url, options as RequestInit),
});

beforeAll(async () => {
  stage = await openStage();
  const issuer = new URL(stage.issuer);
  const found = await discoveryRequest(issuer, { algorithm: 'oauth2', ...http() });
  server = await processDiscoveryResponse(issuer, found);
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const [REPORTS] = GRANTS;
const details = JSON.stringify([{ type: 'hewn_task', task: TASK, grants: [REPORTS] }]);
const asked = () => ({ resource: stage.audience, authorization_details: details });
const authentication = (change: (claims: JWTPayload) => void = () => {}) =>
  PrivateKeyJwt(
    { key: stage.nightlyKey as CryptoKey, kid: 'nightly' },
    { [modifyAssertion]: (_header, payload) => change(payload as JWTPayload) },
  );

/** Returns what oauth4webapi reads from the answer. It must understand our errors. */
async function request(
  grantType: string,
  parameters: Record<string, string>,
  auth = authentication(),
) {
  const form = new URLSearchParams({ ...asked(), ...parameters });
  const response = await genericTokenEndpointRequest(
    ...[server, CLIENT, auth, grantType, form, http()],
  );
  return processGenericTokenEndpointResponse(server, CLIENT, response).then(
    (token) => token as { authorization_details?: unknown; error?: undefined },
    (error: { error?: string; cause?: unknown }) => ({ error: error.error ?? String(error) }),
  );
}

/** Sends a form unchanged, as no correct client would. */
async function post(form: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ ...asked(), ...form });
  const response = await stage.fetch(`${stage.issuer}/token`, { method: 'POST', headers, body });
  const answer = (await response.json()) as { error?: string; access_token?: string };
  const { error, access_token: token = '' } = answer;
  return { status: response.status, error, token, headers: response.headers };
}

const subject = async (claims: object = {}, who = 'alice') => ({
  subject_token: await stage.identity.jwt(who, { ...claims }),
  subject_token_type: TOKEN_TYPE,
});
const actor = async (who = 'report-agent') => ({
  actor_token: await stage.identity.jwt(who),
  actor_token_type: TOKEN_TYPE,
});

const svid = (claims: JWTPayload = {}, header = {}) =>
  new SignJWT({ sub: 'spiffe://acme.example/agents/analyst', aud: stage.issuer, ...claims })
    .setExpirationTime('2 minutes')
    .setProtectedHeader({ alg: 'ES256', kid: 'svid', ...header })
    .sign(stage.svidKey);

const lastRecord = async (event: string): Promise<Record<string, unknown> | undefined> => {
  const response = await stage.fetch(`${stage.issuer}/admin/v1/audit`, {
    headers: { authorization: `Bearer ${stage.operator}` },
  });
  const { records } = (await response.json()) as { records: { record: { event: string } }[] };
  return records.map(({ record }) => record).findLast((record) => record.event === event);
};

describe('a client of oauth4webapi with private_key_jwt', () => {
  test('finds everything it needs in the metadata', () => {
    expect(server).toMatchObject({
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt', 'spiffe_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
      grant_types_supported: [EXCHANGE, 'client_credentials'],
    });
  });

  test('gets a capability without a user if the policy allows it; its subject is the owner', async () => {
    const token = await request('client_credentials', {});
    expect(token).toMatchObject({ token_type: 'bearer', authorization_details: [{ task: TASK }] });
    expect(await lastRecord('mint')).toMatchObject({
      agent: `${stage.issuer}#nightly-report`,
      subject: 'team:growth',
      owner: 'team:growth',
    });
  });

  test('acts for a user whose token names it', async () => {
    const may_act = { iss: stage.issuer, sub: 'nightly-report' };
    const token = await request(EXCHANGE, await subject({ may_act }));
    expect(token.error).toBeUndefined();
    expect(await lastRecord('mint')).toMatchObject({
      agent: `${stage.issuer}#nightly-report`,
      subject: `${stage.identity.issuer}#alice`,
    });
  });

  test('cannot act for a user whose token names someone else, or no one', async () => {
    for (const claims of [{}, { may_act: { sub: 'nightly-report' } }]) {
      expect(await request(EXCHANGE, await subject(claims))).toEqual({ error: 'invalid_request' });
      expect(await lastRecord('refusal')).toMatchObject({ code: 'consent_missing:other_actor' });
    }
  });

  const bad: readonly (readonly [string, (claims: JWTPayload) => void])[] = [
    ['for the token endpoint', (claims) => Object.assign(claims, { aud: `${stage.issuer}/token` })],
    [
      'for two audiences',
      (claims) => Object.assign(claims, { aud: [stage.issuer, 'https://evil.example'] }),
    ],
    ['without a jti', (claims) => Object.assign(claims, { jti: undefined })],
    ['of another client', (claims) => Object.assign(claims, { sub: 'someone' })],
    [
      'that expires tomorrow',
      (claims) => Object.assign(claims, { exp: Number(claims.exp) + 86_400 }),
    ],
  ];
  test.each(bad)('is refused with an assertion %s', async (_, change) => {
    const refused = await request('client_credentials', {}, authentication(change));
    expect(refused).toEqual({ error: 'invalid_client' });
  });

  test('is refused with a used assertion', async () => {
    const same = authentication((claims) => Object.assign(claims, { jti: 'the-same' }));
    expect((await request('client_credentials', {}, same)).error).toBeUndefined();
    expect(await request('client_credentials', {}, same)).toEqual({ error: 'invalid_client' });
    // Anyone with a copy is a stranger, and strangers are counted.
    expect(await lastRecord('refusal')).not.toMatchObject({ code: 'client_replayed' });
  });

  test('cannot become another agent with its actor_token', async () => {
    const both = { ...(await subject()), ...(await actor()) };
    expect(await request(EXCHANGE, both)).toEqual({ error: 'invalid_request' });
    expect(await lastRecord('refusal')).toMatchObject({ code: 'actors_differ' });
  });
});

describe('a workload with a JWT-SVID', () => {
  const analyst = 'spiffe://acme.example/agents/analyst';

  /** As `by` says, for a user whose token names the agent. */
  const proven = async (by: string, jwt: string, named = analyst) => ({
    ...(await subject({ may_act: { sub: named } })),
    ...(by !== 'actor_token' && {
      client_assertion: jwt,
      client_assertion_type: `${ASSERTION_TYPE}:jwt-spiffe`,
    }),
    ...(by !== 'jwt-spiffe assertion' && { actor_token: jwt, actor_token_type: TOKEN_TYPE }),
    grant_type: EXCHANGE,
  });

  test.each(['jwt-spiffe assertion', 'actor_token', 'both'])(
    'authenticates as its SPIFFE ID by %s, and reads through the gateway with its capability',
    async (by) => {
      const { token, status } = await post(await proven(by, await svid()));
      expect(status).toBe(200);
      const minted = await lastRecord('mint');
      expect(minted).toMatchObject({ agent: analyst, owner: 'team:growth' });
      expect(await send(stage, token, read(stage.documents.reports[0] ?? ''))).toMatchObject({
        status: 200,
        body: { result: { content: [{ type: 'text' }] } },
      });
      const write = call('write_file', { path: 'summaries/churn.md', content: 'x' });
      expect((await send(stage, token, write)).code).toBe('no_grant');
    },
  );

  test.each([
    ['another workload of its domain', 'spiffe://acme.example/agents/intern', 'access_denied'],
    ['a workload of another domain', 'spiffe://evil.example/agents/analyst', 'invalid_request'],
  ])('that is %s gets nothing', async (_, id, error) => {
    const { token, ...refused } = await post(
      await proven('actor_token', await svid({ sub: id }), id),
    );
    expect([refused.error, token]).toEqual([error, '']);
  });

  test('is recorded with its request if it is refused, and a stranger is not', async () => {
    const id = 'spiffe://acme.example/agents/intern';
    await post(await proven('actor_token', await svid({ sub: id }), id));
    const refused = await lastRecord('refusal');
    expect(refused).toMatchObject({
      agent: id,
      code: 'policy_refused:no_rule',
      task: TASK,
      audience: stage.audience,
      grants: [REPORTS],
    });
    await post(await proven('actor_token', 'not.a.jwt'));
    expect(await lastRecord('refusal')).toEqual(refused);
  });

  test('is refused with an extra header, in either place', async () => {
    const jwt = await svid({}, { jku: 'https://evil.example' });
    const spiffe = { client_assertion: jwt, client_assertion_type: `${ASSERTION_TYPE}:jwt-spiffe` };
    expect(await post({ grant_type: 'client_credentials', ...spiffe })).toMatchObject({
      status: 400,
      error: 'invalid_client',
    });
    const acting = { actor_token: jwt, actor_token_type: TOKEN_TYPE };
    expect(await post({ grant_type: EXCHANGE, ...(await subject()), ...acting })).toMatchObject({
      status: 400,
      error: 'invalid_request',
    });
  });
});

describe('a request', () => {
  test('with a client secret is refused, in the form and in the header', async () => {
    const secret = { client_id: 'nightly-report', client_secret: 'hunter2' };
    const good = { grant_type: EXCHANGE, ...(await subject()), ...(await actor()) };
    expect(await post({ ...good, ...secret })).toMatchObject({
      status: 400,
      error: 'invalid_client',
    });
    const basic = await post(good, { authorization: `Basic ${btoa('nightly-report:hunter2')}` });
    expect(basic).toMatchObject({ status: 401, error: 'invalid_client' });
    expect(basic.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('with another assertion type, or half an assertion, is refused', async () => {
    const good = { grant_type: EXCHANGE, ...(await subject()), ...(await actor()) };
    const saml = { client_assertion: 'x', client_assertion_type: `${ASSERTION_TYPE}:saml2-bearer` };
    expect((await post({ ...good, ...saml })).error).toBe('invalid_client');
    expect((await post({ ...good, client_assertion: 'x' })).error).toBe('invalid_request');
    const half = { client_assertion_type: `${ASSERTION_TYPE}:jwt-bearer` };
    expect((await post({ ...good, ...half })).error).toBe('invalid_request');
  });

  test('with client_credentials authenticates only its client', async () => {
    expect((await post({ grant_type: 'client_credentials' })).error).toBe('invalid_client');
    const user = await request('client_credentials', await subject());
    expect(user).toEqual({ error: 'invalid_request' });
  });

  test('of an agent for itself is refused unless the policy lets it run unattended', async () => {
    const own = await subject({}, 'report-agent');
    expect((await post({ grant_type: EXCHANGE, ...own })).error).toBe('access_denied');
    const twice = { ...own, ...(await actor()) };
    expect((await post({ grant_type: EXCHANGE, ...twice })).error).toBe('access_denied');
  });

  test('of a user without an actor is not one of an agent', async () => {
    const refused = await post({ grant_type: EXCHANGE, ...(await subject()) });
    expect(refused.error).toBe('access_denied');
  });

  test('with an ID token as subject_token is refused', async () => {
    const good = { grant_type: EXCHANGE, ...(await actor()) };
    for (const claims of [{ nonce: 'n' }, { at_hash: 'x' }, { c_hash: 'x' }, { events: {} }]) {
      expect((await post({ ...good, ...(await subject(claims)) })).error).toBe('invalid_request');
      expect(await lastRecord('refusal')).toMatchObject({
        code: 'subject_refused:token_kind_refused',
      });
    }
  });

  test('of a user who delegated to a foreign agent of the same name is refused', async () => {
    const body = await subject({ may_act: { sub: 'report-agent', iss: 'https://b.example' } });
    const refused = await post({ grant_type: EXCHANGE, ...body, ...(await actor()) });
    expect(refused.error).toBe('invalid_request');
    expect(await lastRecord('refusal')).toMatchObject({ code: 'consent_missing:other_actor' });
  });

  test('with earlier actors records them, and the agent is the outermost one', async () => {
    const act = { sub: 'first-agent', act: { sub: 'zeroth-agent' } };
    const minted = await post({
      grant_type: EXCHANGE,
      ...(await subject({ act })),
      ...(await actor()),
    });
    expect(minted.status).toBe(200);
    expect(await lastRecord('mint')).toMatchObject({
      agent: `${stage.identity.issuer}#report-agent`,
      actors: ['first-agent', 'zeroth-agent'],
    });
  });
});
