import * as oauth from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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
 * oauth4webapi, unmodified, with every check that it makes of an answer. Its token exchange with
 * DPoP and nonces is in ../dpop.test.ts, its private_key_jwt with bad assertions in ../who.test.ts.
 */
let stage: Stage;
let server: oauth.AuthorizationServer;
const CLIENT: oauth.Client = { client_id: CLIENT_ID };

const http = () => ({
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (url: string, options: object) => stage.fetch(url, options as RequestInit),
});
const discover = async (expected: URL) =>
  oauth.processDiscoveryResponse(
    expected,
    await oauth.discoveryRequest(new URL(stage.issuer), { algorithm: 'oauth2', ...http() }),
  );

beforeAll(async () => {
  stage = await openStage({ nonces: true });
  server = await discover(new URL(stage.issuer));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const dpop = async () => oauth.DPoP(CLIENT, await oauth.generateKeyPair('ES256'));

/** Repeats the request with the nonce, which the library has kept from the first answer. */
async function withNonce<T>(attempt: () => Promise<T>): Promise<T> {
  return attempt().catch((error: unknown) => {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return attempt();
  });
}

/** client_credentials with private_key_jwt. */
const token = (DPoP?: oauth.DPoPHandle, asked = wanted(stage.audience)) =>
  withNonce(async () =>
    oauth.processClientCredentialsResponse(
      ...([server, CLIENT] as const),
      await oauth.clientCredentialsGrantRequest(
        ...([server, CLIENT, oauth.PrivateKeyJwt(clientKey(stage)), asked] as const),
        { ...http(), ...(DPoP && { DPoP }) },
      ),
    ),
  );

const exchange = async (parameters: Record<string, string>) =>
  oauth.processGenericTokenEndpointResponse(
    ...([server, CLIENT] as const),
    await oauth.genericTokenEndpointRequest(
      ...([server, CLIENT, oauth.None(), TOKEN_EXCHANGE, parameters, http()] as const),
    ),
  );

const introspect = async (text: string, credential = stage.verifier) =>
  oauth.processIntrospectionResponse(
    ...([server, CLIENT] as const),
    await oauth.introspectionRequest(server, CLIENT, bearer(credential), text, http()),
  );

const revoke = async (text: string, hint?: string) =>
  oauth.processRevocationResponse(
    await oauth.revocationRequest(server, CLIENT, oauth.None(), text, {
      ...http(),
      ...(hint !== undefined && { additionalParameters: { token_type_hint: hint } }),
    }),
  );

const read = (text: string, DPoP?: oauth.DPoPHandle) =>
  withNonce(() => {
    const { url, headers, body } = readReport(stage.audience, stage.documents.reports[0] ?? '');
    const options = { ...http(), ...(DPoP && { DPoP }) };
    return oauth.protectedResourceRequest(text, 'POST', url, headers, body, options);
  });

/** Returns the challenges of a 401 as the library reads them. */
const challenges = async (attempt: Promise<unknown>) => {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
  return error.cause.map(({ scheme, parameters }) => ({ scheme, ...parameters }));
};

describe('oauth4webapi', () => {
  test('discovers the issuer, and accepts its metadata for no other issuer (RFC 8414)', async () => {
    expect(server).toMatchObject({
      issuer: stage.issuer,
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
      authorization_details_types_supported: ['hewn_task'],
    });
    await expect(discover(new URL('http://other.test'))).rejects.toMatchObject({
      code: oauth.JSON_ATTRIBUTE_COMPARISON,
    });
  });

  test('gets a bound token with private_key_jwt, and uses it behind nonces (RFC 7523, 9449)', async () => {
    const key = await dpop();
    const granted = await token(key);
    expect(granted).toMatchObject({ token_type: 'dpop', expires_in: expect.any(Number) });
    const answer = await read(granted.access_token, key);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ result: { content: [{ type: 'text' }] } });
  });

  test('reads in the challenge why a bound token is refused as Bearer (RFC 9449 section 7.2)', async () => {
    const { access_token } = await token(await dpop());
    expect(await challenges(read(access_token))).toMatchObject([
      { scheme: 'dpop', error: expect.stringMatching(/^invalid_/), algs: 'ES256 EdDSA' },
    ]);
  });

  test('reads in the challenge where the metadata of the resource is (RFC 9728)', async () => {
    const [challenge] = await challenges(read('AAAA'));
    expect(challenge).toMatchObject({ scheme: 'bearer', error: 'invalid_token' });
    expect(challenge).toHaveProperty(
      'resource_metadata',
      `${stage.audience}/.well-known/oauth-protected-resource`,
    );
  });

  test('finds the issuer by the metadata of the resource (RFC 9728)', async () => {
    const resource = new URL(stage.audience);
    const response = await oauth.resourceDiscoveryRequest(resource, http());
    const found = await oauth.processResourceDiscoveryResponse(resource, response);
    expect(found.authorization_servers).toEqual([stage.issuer]);
  });

  test('does not accept the metadata of the gateway for that of one server behind it', async () => {
    const resource = new URL(`${stage.audience}/mcp/files`);
    const response = await oauth.resourceDiscoveryRequest(resource, http());
    await expect(oauth.processResourceDiscoveryResponse(resource, response)).rejects.toMatchObject({
      code: oauth.JSON_ATTRIBUTE_COMPARISON,
    });
  });

  test('introspects a token of its audience, until it is revoked (RFC 7662, 7009)', async () => {
    const { access_token } = await token();
    expect(await introspect(access_token)).toMatchObject({
      active: true,
      aud: stage.audience,
      client_id: `${stage.issuer}#${CLIENT_ID}`,
    });
    expect(await revoke(access_token, 'access_token')).toBeUndefined();
    expect(await introspect(access_token)).toEqual({ active: false });
    expect(await revoke(access_token)).toBeUndefined();
  });

  test('sees the key of a bound token in its introspection (RFC 9449 section 6.2)', async () => {
    const key = await dpop();
    const { access_token } = await token(key);
    expect(await introspect(access_token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await key.calculateThumbprint() },
    });
  });

  test('is challenged if it introspects without a credential', async () => {
    expect(await challenges(introspect('AAAA', 'wrong'))).toMatchObject([{ scheme: 'bearer' }]);
  });

  test('reads our errors as the errors of the standards', async () => {
    const [user, agent] = [
      await stage.identity.jwt('alice'),
      await stage.identity.jwt('report-agent'),
    ];
    const good = { ...wanted(stage.audience), ...exchanged(user, agent) };
    const errors: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => exchange({ ...good, subject_token: 'x.y.z' }), 'invalid_request'],
      [() => exchange({ ...good, resource: 'https://elsewhere.example' }), 'invalid_target'],
      [() => exchange({ ...good, authorization_details: '[' }), 'invalid_authorization_details'],
      [() => revoke('xyz', 'refresh_token'), 'unsupported_token_type'],
    ];
    for (const [attempt, error] of errors) {
      await expect(attempt()).rejects.toMatchObject({ error, status: 400 });
    }
  });
});
