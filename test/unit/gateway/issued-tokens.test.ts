import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { importSPKI, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sealPublicKey, sealSecret, type UpstreamTable } from '../../../src/upstream/index.ts';
import type { UpstreamRequest } from '../../../workers/gateway/upstream/index.ts';
import {
  CALLER,
  codeOf,
  type Play,
  type PlayedApi,
  requestOf,
  type Seen,
  startPlayedApi,
} from './played-api.ts';

const SECRET = 'sk-live-0123456789abcdef';

let api: PlayedApi;

beforeAll(async () => {
  api = await startPlayedApi();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

const request = (change: Partial<UpstreamRequest> = {}) => requestOf({ caller: CALLER, ...change });
const upstreamWith = (credential: object, env: object = { KEY: SECRET }) =>
  api.upstream({ credential } as Partial<UpstreamTable>, { env });

describe('a token that another server issues', () => {
  const tokenAnswer =
    (token: string, lifetime = 3_600): Play =>
    (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetime }),
      );
    };
  const playing =
    (issue: Play, serve: Play = (_, response) => response.end('{}')): Play =>
    (one, response) =>
      one.url === '/token' ? issue(one, response) : serve(one, response);
  const clientCredentials = (change: object = {}) => ({
    kind: 'client-credentials',
    tokenEndpoint: `${api.base}/token`,
    clientId: 'gateway',
    secret: 'KEY',
    scope: 'read write',
    ...change,
  });

  test('is obtained with client credentials, and used until shortly before it expires', async () => {
    api.play(playing(tokenAnswer('token-123456')));
    const { upstream } = upstreamWith(clientCredentials());
    await upstream.send(request());
    await upstream.send(request());
    expect(api.seen.map(({ url }) => url)).toEqual(['/token', '/api', '/api']);
    expect(api.seen[0]?.headers.authorization).toBe(
      `Basic ${btoa(`gateway:${SECRET.replaceAll('-', '%2D')}`)}`,
    );
    expect(Object.fromEntries(new URLSearchParams(api.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
    });
    expect(api.seen[2]?.headers.authorization).toBe('Bearer token-123456');
    api.play(playing(tokenAnswer('token-123456', 60)));
    const short = upstreamWith(clientCredentials()).upstream;
    await short.send(request());
    await short.send(request());
    expect(api.seen.slice(3).map(({ url }) => url)).toEqual(['/token', '/api', '/token', '/api']);
  });

  test('is not used again after the server refused it', async () => {
    api.play(
      playing(tokenAnswer('token-123456'), (_, response) => {
        response.statusCode = 401;
        response.end();
      }),
    );
    const { upstream } = upstreamWith(clientCredentials());
    await upstream.send(request());
    await upstream.send(request());
    expect(api.seen.map(({ url }) => url)).toEqual(['/token', '/api', '/token', '/api']);
  });

  test.each([
    ['an error', (_: Seen, response: ServerResponse) => response.writeHead(401).end('{}')],
    [
      'a redirect',
      (_: Seen, response: ServerResponse) => response.writeHead(307, { location: '/api' }).end(),
    ],
    ['no JSON', (_: Seen, response: ServerResponse) => response.end('<html>')],
    [
      'a body without end',
      (_: Seen, response: ServerResponse) => response.end('x'.repeat(100_000)),
    ],
    [
      'a token of another type',
      (_: Seen, response: ServerResponse) => {
        response.setHeader('content-type', 'application/json');
        response.end('{"access_token":"token-123456","token_type":"dpop"}');
      },
    ],
    [
      'a token with a line break',
      (_: Seen, response: ServerResponse) => {
        response.setHeader('content-type', 'application/json');
        response.end('{"access_token":"token-123456\\r\\nx: y","token_type":"bearer"}');
      },
    ],
  ])('is not used if the answer is %s, and nothing is sent to the upstream', async (_, issue) => {
    api.play(playing(issue as Play));
    const { upstream } = upstreamWith(clientCredentials());
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    expect(api.seen.map(({ url }) => url)).toEqual(['/token']);
  });

  test('is obtained with a signed assertion', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    api.play(playing(tokenAnswer('token-123456')));
    const credential = clientCredentials({
      authentication: 'private_key_jwt',
      keyId: 'k1',
      issuer: 'https://login.example',
    });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    await upstreamWith(credential, { KEY: pem.replaceAll('\n', '\\n') }).upstream.send(request());
    const assertion = new URLSearchParams(api.seen[0]?.body).get('client_assertion') ?? '';
    const key = await importSPKI(
      publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      'ES256',
    );
    const { payload, protectedHeader } = await jwtVerify(assertion, key, {
      issuer: 'gateway',
      subject: 'gateway',
    });
    expect([payload.aud, protectedHeader.kid]).toEqual(['https://login.example', 'k1']);
  });

  test('is exchanged for each caller, with the signed statement of who calls', async () => {
    api.play(
      playing((one, response) => {
        const subject = new URLSearchParams(one.body).get('subject_token') ?? '';
        const claims = JSON.parse(Buffer.from(subject.split('.')[1] ?? '', 'base64url').toString());
        tokenAnswer(`token-of-${String(claims.sub)}`)(one, response);
      }),
    );
    const credential = {
      kind: 'token-exchange',
      tokenEndpoint: `${api.base}/token`,
      clientId: 'gateway',
      secret: 'KEY',
      audience: 'https://crm.example',
    };
    const { upstream } = upstreamWith(credential);
    await upstream.send(request());
    await upstream.send(request());
    await upstream.send(request({ caller: { ...CALLER, subject: 'user:carol' } }));
    const calls = api.seen.filter(({ url }) => url === '/api');
    expect(calls.map(({ headers }) => headers.authorization)).toEqual([
      ...['Bearer token-of-user:alice', 'Bearer token-of-user:alice', 'Bearer token-of-user:carol'],
    ]);
    expect(api.seen.filter(({ url }) => url === '/token')).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(api.seen[0]?.body))).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'https://crm.example',
    });
    expect(await codeOf(upstream.send(request({ caller: undefined })))).toBe(
      'upstream_unavailable',
    );
  });

  test('is exchanged for each tool, because the statement names the tool', async () => {
    api.play(playing(tokenAnswer('token-123456')));
    const credential = {
      kind: 'token-exchange',
      tokenEndpoint: `${api.base}/token`,
      clientId: 'gateway',
    };
    const { upstream } = upstreamWith(credential);
    await upstream.send(request());
    await upstream.send(request());
    await upstream.send(request({ caller: { ...CALLER, tool: 'mcp/a/delete' } }));
    expect(api.seen.filter(({ url }) => url === '/token')).toHaveLength(2);
  });

  test('is not used longer than the sealed secret that it was obtained with', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    api.play(playing(tokenAnswer('token-123456')));
    const key = `x25519-private/${'11'.repeat(32)}`;
    const terms = {
      hosts: [new URL(api.base).host],
      methods: ['POST'],
      paths: ['/token'],
      expires: Math.floor(Date.now() / 1_000) + 600,
    };
    const sealed = await sealSecret(await sealPublicKey(key), terms, SECRET);
    const { secret: _, ...unsealed } = clientCredentials();
    const { upstream } = upstreamWith({ ...unsealed, sealed }, { SEAL_KEYS: key });
    expect(await codeOf(upstream.send(request()))).toBeUndefined();
    vi.setSystemTime(Date.now() + 601_000);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    vi.useRealTimers();
  });

  test('is that of a GitHub App, for the repositories and permissions that are named', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    api.play((one, response) => {
      if (!one.url.startsWith('/app/')) return response.end('{}');
      response.statusCode = 201;
      response.setHeader('content-type', 'application/json');
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      return response.end(JSON.stringify({ token: 'ghs_0123456789', expires_at: expires }));
    });
    const credential = {
      kind: 'github-app',
      appId: '77',
      installationId: '99',
      api: api.base,
      secret: 'KEY',
      repositories: ['reports'],
      permissions: { contents: 'read' },
    };
    // As GitHub hands it out: PKCS #1.
    const pem = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
    const { upstream } = upstreamWith(credential, { KEY: pem });
    await upstream.send(request());
    await upstream.send(request());
    expect(api.seen.map(({ url }) => url)).toEqual([
      '/app/installations/99/access_tokens',
      '/api',
      '/api',
    ]);
    const key = await importSPKI(
      publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      'RS256',
    );
    const statement = String(api.seen[0]?.headers.authorization).replace('Bearer ', '');
    const { payload } = await jwtVerify(statement, key, { issuer: '77' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual({
      repositories: ['reports'],
      permissions: { contents: 'read' },
    });
    expect(api.seen[2]?.headers.authorization).toBe('Bearer ghs_0123456789');
  });
});
