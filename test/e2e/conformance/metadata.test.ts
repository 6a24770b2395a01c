import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../stage.ts';

/** The documents of RFC 8414 and RFC 9728, compared with what the endpoints do. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

type Document = Readonly<Record<string, unknown>>;
const AUTHORIZATION_SERVER = '/.well-known/oauth-authorization-server';
const PROTECTED_RESOURCE = '/.well-known/oauth-protected-resource';

const get = (url: string, method = 'GET') => stage.fetch(url, { method });
const read = async (url: string) => (await (await get(url)).json()) as Document;

/** Members that a reader would have to guess about: RFC 8414 and RFC 9728, section 3.2. */
const emptyMembers = (document: Document) =>
  Object.entries(document).flatMap(([name, value]) =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0) ? [name] : [],
  );

describe('RFC 8414', () => {
  const url = () => `${stage.issuer}${AUTHORIZATION_SERVER}`;

  test('section 3: the document is JSON, and only GET returns it', async () => {
    const found = await get(url());
    expect(found.status).toBe(200);
    expect(found.headers.get('content-type')).toMatch(/^application\/json/);
    expect((await get(url(), 'POST')).status).toBe(404);
  });

  test('section 2: every required member is present', async () => {
    const document = await read(url());
    expect(document).toMatchObject({
      issuer: stage.issuer,
      token_endpoint: `${stage.issuer}/token`,
      response_types_supported: [],
      jwks_uri: `${stage.issuer}/.well-known/jwks.json`,
      token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['ES256']),
    });
  });

  test('section 3.2: no member is empty except the required one', async () => {
    expect(emptyMembers(await read(url()))).toEqual(['response_types_supported']);
  });

  test('section 2: every endpoint in it answers', async () => {
    const document = await read(url());
    const named = Object.entries(document).filter(([name]) => name.endsWith('_endpoint'));
    expect(named.length).toBeGreaterThanOrEqual(4);
    for (const [name, endpoint] of named) {
      const method = name.startsWith('hewn_feed') ? 'GET' : 'POST';
      expect([name, (await get(String(endpoint), method)).status]).not.toEqual([name, 404]);
    }
  });

  test('section 2: lists the authentication that works, without secrets', async () => {
    const text = JSON.stringify(await read(url()));
    expect(text).not.toMatch(/client_secret|"HS\d/);
  });

  test('section 2: the keys are public halves, each with its own id', async () => {
    const { keys } = await read(`${stage.issuer}/.well-known/jwks.json`);
    const listed = keys as readonly Document[];
    expect(listed.length).toBeGreaterThanOrEqual(2);
    expect(new Set(listed.map(({ kid }) => kid)).size).toBe(listed.length);
    for (const key of listed) expect(key).not.toHaveProperty('d');
  });
});

describe('RFC 9728', () => {
  const url = () => `${stage.audience}${PROTECTED_RESOURCE}`;

  test('section 3: the document is JSON, only GET returns it, and its resource is identical', async () => {
    const found = await get(url());
    expect(found.headers.get('content-type')).toMatch(/^application\/json/);
    expect(((await found.json()) as Document).resource).toBe(stage.audience);
    expect((await get(url(), 'POST')).status).toBe(404);
  });

  test('section 3.2: no member is empty', async () => {
    expect(emptyMembers(await read(url()))).toEqual([]);
  });

  test('section 2: lists the proof algorithms that the issuer accepts', async () => {
    const { dpop_signing_alg_values_supported: algorithms } = await read(url());
    const server = await read(`${stage.issuer}${AUTHORIZATION_SERVER}`);
    expect(algorithms).toEqual(['ES256', 'EdDSA']);
    expect(server.dpop_signing_alg_values_supported).toEqual(algorithms);
  });

  test('section 5.1: a 401 for a bad token links to it as well, and a 404 does not', async () => {
    const headers = { authorization: 'Bearer AAAA', 'content-type': 'application/json' };
    const target = `${stage.audience}/mcp/files`;
    const bad = await stage.fetch(target, { method: 'POST', headers, body: '{}' });
    expect([bad.status, bad.headers.get('www-authenticate')]).toEqual([
      ...[401, expect.stringContaining(`resource_metadata="${url()}"`)],
    ]);
    expect((await get(`${stage.audience}/nowhere`)).headers.has('www-authenticate')).toBe(false);
  });

  test('the issuer in it names itself in its own metadata', async () => {
    const { authorization_servers } = await read(url());
    const [issuer = ''] = authorization_servers as readonly string[];
    expect((await read(`${issuer}${AUTHORIZATION_SERVER}`)).issuer).toBe(issuer);
  });
});
