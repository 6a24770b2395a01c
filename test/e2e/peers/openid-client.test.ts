import * as client from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GRANTS } from '../agent.ts';
import { openStage, type Stage } from '../stage.ts';
import {
  bearer,
  CLIENT_ID,
  clientKey,
  exchanged,
  readReport,
  TOKEN_EXCHANGE,
  wanted,
} from './requests.ts';

/**
 * openid-client, unmodified: what an application that uses it sees. The library handles nonces
 * itself.
 */
describe.each([false, true])('openid-client, and Workers that require nonces: %j', (nonces) => {
  let stage: Stage;
  /** With a key of its own; with an actor_token; as the verifier of the gateway. */
  let nightly: client.Configuration;
  let agent: client.Configuration;
  let verifier: client.Configuration;

  const discover = (id: string, authentication: client.ClientAuth) =>
    client.discovery(new URL(stage.issuer), id, {}, authentication, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
      [client.customFetch]: (url, options) => stage.fetch(url, options as RequestInit),
    });

  beforeAll(async () => {
    stage = await openStage({ nonces });
    nightly = await discover(CLIENT_ID, client.PrivateKeyJwt(clientKey(stage)));
    agent = await discover('report-agent', client.None());
    verifier = await discover('gateway', bearer(stage.verifier));
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') stage.harness.debug();
  });
  afterAll(() => stage.close());

  const boundTo = async (configuration: client.Configuration) => ({
    DPoP: client.getDPoPHandle(configuration, await client.randomDPoPKeyPair('ES256')),
  });

  const exchange = async (options?: client.DPoPOptions, actor = 'report-agent') => {
    const [user, workload] = [await stage.identity.jwt('alice'), await stage.identity.jwt(actor)];
    const asked = { ...wanted(stage.audience, [...GRANTS]), ...exchanged(user, workload) };
    return client.genericGrantRequest(agent, TOKEN_EXCHANGE, asked, options);
  };

  const read = (
    configuration: client.Configuration,
    token: string,
    options?: client.DPoPOptions,
  ) => {
    const { url, headers, body } = readReport(stage.audience, stage.documents.reports[0] ?? '');
    return client.fetchProtectedResource(
      ...([configuration, token, url, 'POST', body, headers, options] as const),
    );
  };

  test('discovers the issuer by RFC 8414', () => {
    expect(nightly.serverMetadata()).toMatchObject({
      issuer: stage.issuer,
      token_endpoint: `${stage.issuer}/token`,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt', 'none']),
    });
  });

  test('exchanges two tokens for one that is bound to its key, and reads with it', async () => {
    const options = await boundTo(agent);
    const granted = await exchange(options);
    expect(granted.token_type).toBe('dpop');
    expect(granted.expiresIn()).toBeGreaterThan(250);
    expect(granted.authorization_details).toMatchObject([{ type: 'hewn_task', grants: GRANTS }]);
    const answer = await read(agent, granted.access_token, options);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ result: { content: [{ type: 'text' }] } });
  });

  test('exchanges them for a bearer token if it has no key', async () => {
    const granted = await exchange();
    expect(granted.token_type).toBe('bearer');
    expect((await read(agent, granted.access_token)).status).toBe(200);
  });

  test('gets its own token with private_key_jwt, bound and unbound', async () => {
    const options = await boundTo(nightly);
    for (const given of [options, undefined]) {
      const asked = wanted(stage.audience);
      const granted = await client.clientCredentialsGrant(nightly, asked, given);
      expect(granted.token_type).toBe(given ? 'dpop' : 'bearer');
      expect((await read(nightly, granted.access_token, given)).status).toBe(200);
    }
  });

  test('acts with private_key_jwt for a user whose token names it', async () => {
    const may_act = { iss: stage.issuer, sub: CLIENT_ID };
    const user = await stage.identity.jwt('alice', { may_act });
    const asked = { ...wanted(stage.audience), ...exchanged(user) };
    const granted = await client.genericGrantRequest(nightly, TOKEN_EXCHANGE, asked);
    expect(await client.tokenIntrospection(verifier, granted.access_token)).toMatchObject({
      active: true,
      sub: `${stage.identity.issuer}#alice`,
      act: { sub: `${stage.issuer}#${CLIENT_ID}` },
    });
  });

  test('introspects a token until its holder revokes it', async () => {
    const { access_token } = await exchange();
    expect(await client.tokenIntrospection(verifier, access_token)).toMatchObject({ active: true });
    await client.tokenRevocation(agent, access_token, { token_type_hint: 'access_token' });
    expect(await client.tokenIntrospection(verifier, access_token)).toEqual({ active: false });
  });

  test('is refused with the key of another client, with the name of the error', async () => {
    const { privateKey } = await client.randomDPoPKeyPair('ES256');
    const stranger = await discover(CLIENT_ID, client.PrivateKeyJwt(privateKey));
    const refused = client.clientCredentialsGrant(stranger, wanted(stage.audience));
    await expect(refused).rejects.toMatchObject({ error: 'invalid_client', status: 400 });
    await expect(exchange(undefined, 'someone')).rejects.toMatchObject({
      error: 'invalid_request',
    });
  });

  test('cannot read with a token that is bound to another key', async () => {
    const granted = await exchange(await boundTo(agent));
    for (const options of [undefined, await boundTo(agent)]) {
      await expect(read(agent, granted.access_token, options)).rejects.toMatchObject({
        cause: [{ scheme: 'dpop', parameters: { error: expect.stringMatching(/^invalid_/) } }],
      });
    }
  });
});
