import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, importSPKI, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  readUpstreams,
  sealPublicKey,
  sealSecret,
  type UpstreamTable,
} from '../../../src/upstream/index.ts';
import {
  CallerSigner,
  createUpstreams,
  type UpstreamRequest,
  upstreamErrorOf,
} from '../../../workers/gateway/upstream/index.ts';

const GATEWAY = 'https://gateway.example';
const CALLER_KEY = `ed25519-private/${'07'.repeat(32)}`;
const SIGNER = new CallerSigner(GATEWAY, [CALLER_KEY]);
const SECRET = 'sk-live-0123456789abcdef';
const CALLER = {
  workflow: 'w1',
  agent: 'agent:reports',
  subject: 'user:alice',
  owner: 'user:bob',
  task: 'Café report',
  tool: 'mcp/a/read',
  credential: 'gateway',
} as const;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Play = (seen: Seen, response: ServerResponse) => void;

const seen: Seen[] = [];
let play: Play;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
    seen.push(one);
    play(one, response);
  });
});
let base: string;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen.length = 0;
  play = (_, response) => response.end('{}');
});

function upstreamOf(
  change: Partial<UpstreamTable>,
  env: object = { KEY: SECRET },
  signer = SIGNER,
) {
  const json = { a: { url: `${base}/api`, addresses: ['127.0.0.1'], ...change } };
  const configs = readUpstreams(json);
  if (!configs) throw new Error('the configuration is malformed');
  const upstreams = createUpstreams(configs, env, signer);
  const upstream = upstreams.get('a');
  if (!upstream) throw new Error('no upstream');
  return { upstream, unavailable: () => upstreams.unavailable() };
}

const request = (change: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'POST',
  headers: new Headers({ 'content-type': 'application/json' }),
  body: '{"a":1}',
  caller: CALLER,
  signal: AbortSignal.timeout(5_000),
  ...change,
});

const codeOf = (sending: Promise<unknown>) =>
  sending.then(
    () => undefined,
    (error: unknown) => upstreamErrorOf(error)?.code ?? 'other',
  );

const send = async (credential: object, env?: object, change?: Partial<UpstreamRequest>) => {
  const { upstream } = upstreamOf({ credential } as Partial<UpstreamTable>, env);
  return upstream.send(request(change));
};

describe('a credential of the gateway', () => {
  test('stands in a header, behind its prefix', async () => {
    await send({ kind: 'header', name: 'X-Api-Key', prefix: 'Token ', secret: 'KEY' });
    expect(seen[0]?.headers['x-api-key']).toBe(`Token ${SECRET}`);
  });

  test('replaces what the transport set in the same place', async () => {
    const headers = new Headers({ 'x-api-key': 'agent' });
    await send({ kind: 'header', name: 'x-api-key', secret: 'KEY' }, undefined, { headers });
    expect(seen[0]?.headers['x-api-key']).toBe(SECRET);
  });

  test('is a bearer token, or a user and a password', async () => {
    await send({ kind: 'bearer', secret: 'KEY' });
    await send({ kind: 'basic', user: 'service', secret: 'KEY' });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${SECRET}`,
      `Basic ${btoa(`service:${SECRET}`)}`,
    ]);
  });

  test('stands in the query, also if the agent wrote the parameter', async () => {
    const credential = { kind: 'query', name: 'api key', secret: 'KEY' };
    await send(credential, undefined, { path: '/a?b=%20c' });
    await send(credential, undefined, { path: '/a?api%20key=agent&b=1' });
    expect(seen.map(({ url }) => url)).toEqual([
      `/api/a?b=%20c&api%20key=${SECRET}`,
      `/api/a?b=1&api%20key=${SECRET}`,
    ]);
  });

  test('is not sent for a call that is only observed', async () => {
    const { upstream } = upstreamOf({ credential: { kind: 'bearer', secret: 'KEY' } });
    await upstream.send(request({ caller: { ...CALLER, credential: 'none' } }));
    await upstream.send(
      request({
        caller: { ...CALLER, credential: { headers: [['authorization', 'Bearer own']] } },
      }),
    );
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer own']);
    // No policy allowed the call, so the gateway does not vouch for the caller.
    expect(seen.map(({ headers }) => headers['hewn-caller'])).toEqual([undefined, undefined]);
  });

  test.each([
    ['is missing', {}],
    ['is empty', { KEY: '' }],
    ['is a binding', { KEY: { fetch: () => undefined } }],
    ['is too short to find in an answer', { KEY: 'short' }],
    ['has a line break in it', { KEY: 'sk-live\r\nx-other: 1' }],
    ['is not ASCII', { KEY: 'secret-é-secret' }],
  ])('makes its server unavailable, and nothing is sent, if the secret %s', async (_, env) => {
    const { upstream, unavailable } = upstreamOf(
      { credential: { kind: 'bearer', secret: 'KEY' } },
      env,
    );
    expect(unavailable()).toEqual([{ name: 'a', variable: 'KEY' }]);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    expect(seen).toEqual([]);
  });

  test('may end in the line break of a file', async () => {
    await send({ kind: 'bearer', secret: 'KEY' }, { KEY: `${SECRET}\n` });
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  });
});

test.each([
  ['a variable of the gateway itself', { kind: 'bearer', secret: 'CALLER_KEY' }],
  ['no secret', { kind: 'bearer' }],
  ['both kinds of secret', { kind: 'bearer', secret: 'KEY', sealed: 'hewn-sealed.a.b.c' }],
  ['a header that frames the message', { kind: 'header', name: 'Content-Length', secret: 'KEY' }],
  ['an unknown kind', { kind: 'cookie', secret: 'KEY' }],
  ['a value instead of a name', { kind: 'bearer', secret: SECRET }],
  [
    'a token endpoint at a private address',
    { kind: 'client-credentials', tokenEndpoint: 'http://10.0.0.1/', clientId: 'a', secret: 'KEY' },
  ],
])('a credential with %s is no configuration', (_, credential) => {
  const url = 'https://api.example';
  expect(readUpstreams({ a: { url, credential } })).toBeUndefined();
});

describe('who calls', () => {
  const verified = async (token: unknown, audience: string) => {
    const keys = { keys: await SIGNER.jwks() } as never;
    return jwtVerify(String(token), createLocalJWKSet(keys), {
      issuer: GATEWAY,
      audience,
      typ: 'hewn-caller+jwt',
      maxTokenAge: 60,
    });
  };

  test('is signed for the server, with the user as subject and the agent as actor', async () => {
    await upstreamOf({}).upstream.send(request());
    const { payload } = await verified(seen[0]?.headers['hewn-caller'], `${base}/api`);
    expect(payload).toMatchObject({
      sub: 'user:alice',
      act: { sub: 'agent:reports' },
      txn: 'w1',
      owner: 'user:bob',
      task: 'Café report',
      tool: 'mcp/a/read',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  });

  test('is the agent, if it acts for no one', async () => {
    const { subject: _, ...alone } = CALLER;
    await upstreamOf({}).upstream.send(request({ caller: alone }));
    const { payload } = await verified(seen[0]?.headers['hewn-caller'], `${base}/api`);
    expect([payload.sub, payload.act]).toEqual(['agent:reports', undefined]);
  });

  test('has an id of its own in every request', async () => {
    const { upstream } = upstreamOf({});
    await upstream.send(request());
    await upstream.send(request());
    const ids = await Promise.all(
      seen.map(
        async ({ headers }) => (await verified(headers['hewn-caller'], `${base}/api`)).payload.jti,
      ),
    );
    expect(new Set(ids).size).toBe(2);
  });

  test('stands in plain headers where the deployment says so, and what an agent sent does not', async () => {
    const headers = new Headers({ 'x-hewn-subject': 'root', 'hewn-caller': 'forged' });
    await upstreamOf({ caller: 'plain' }).upstream.send(request({ headers }));
    expect(seen[0]?.headers).toMatchObject({
      'x-hewn-workflow': 'w1',
      'x-hewn-agent': 'agent:reports',
      'x-hewn-subject': 'user:alice',
      'x-hewn-owner': 'user:bob',
      'x-hewn-task': 'Caf%C3%A9%20report',
    });
    expect(seen[0]?.headers['hewn-caller']).toBeUndefined();
    await upstreamOf({ caller: 'none' }).upstream.send(request({ headers }));
    expect(Object.keys(seen[1]?.headers ?? {}).filter((name) => /hewn/.test(name))).toEqual([]);
  });

  test('cannot be signed without a key, and then nothing is sent', async () => {
    const { upstream, unavailable } = upstreamOf({}, {}, new CallerSigner(GATEWAY, []));
    expect(unavailable()).toEqual([{ name: 'a', variable: 'CALLER_KEY' }]);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    expect(seen).toEqual([]);
  });
});

describe('a sealed secret', () => {
  const KEYS = [`x25519-private/${'11'.repeat(32)}`, `x25519-private/${'12'.repeat(32)}`] as const;
  const LATER = Math.floor(Date.now() / 1_000) + 600;
  const sealedFor = async (change: object = {}, key: string = KEYS[0]) =>
    sealSecret(
      await sealPublicKey(key),
      {
        hosts: [new URL(base).host],
        methods: ['POST'],
        paths: ['/api', '/api/*'],
        expires: LATER,
        ...change,
      },
      SECRET,
    );
  const use = async (sealed: string, change?: Partial<UpstreamRequest>, keys = KEYS.join(' ')) => {
    const { upstream } = upstreamOf(
      { credential: { kind: 'bearer', sealed } },
      { SEAL_KEYS: keys },
    );
    return codeOf(upstream.send(request(change)));
  };

  test('is opened with either key, and used where it may be used', async () => {
    expect(await use(await sealedFor())).toBeUndefined();
    expect(await use(await sealedFor({}, KEYS[1]), { path: '/items' })).toBeUndefined();
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${SECRET}`),
    );
  });

  test('is not used elsewhere', async () => {
    for (const [change, sent] of [
      [{ hosts: ['127.0.0.1'] }, {}],
      [{ methods: ['GET'] }, {}],
      [{ paths: ['/api'] }, { path: '/items' }],
      [{ paths: ['/api/*'] }, { path: '/../other' }],
      [{ expires: LATER - 700 }, {}],
    ] as const) {
      expect(await use(await sealedFor(change), sent)).not.toBeUndefined();
    }
    expect(seen).toEqual([]);
  });

  test('is not opened with another key, or if anything of it was changed', async () => {
    const sealed = await sealedFor();
    expect(await use(sealed, {}, KEYS[1])).toBe('upstream_unavailable');
    const [prefix, , enc, text] = sealed.split('.');
    const [, wider] = (await sealedFor({ paths: ['*'] })).split('.');
    expect(await use([prefix, wider, enc, text].join('.'))).toBe('upstream_unavailable');
    expect(seen).toEqual([]);
  });
});

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
    (issue: Play, api: Play = (_, response) => response.end('{}')): Play =>
    (one, response) =>
      one.url === '/token' ? issue(one, response) : api(one, response);
  const client = { tokenEndpoint: '', clientId: 'gateway', secret: 'KEY', scope: 'read write' };

  test('is obtained with client credentials, and used until shortly before it expires', async () => {
    play = playing(tokenAnswer('token-123456'));
    const credential = { ...client, kind: 'client-credentials', tokenEndpoint: `${base}/token` };
    const { upstream } = upstreamOf({ credential } as never);
    await upstream.send(request());
    await upstream.send(request());
    expect(seen.map(({ url }) => url)).toEqual(['/token', '/api', '/api']);
    expect(seen[0]?.headers.authorization).toBe(
      `Basic ${btoa(`gateway:${SECRET.replaceAll('-', '%2D')}`)}`,
    );
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
    });
    expect(seen[2]?.headers.authorization).toBe('Bearer token-123456');
    play = playing(tokenAnswer('token-123456', 60));
    const short = upstreamOf({ credential } as never).upstream;
    await short.send(request());
    await short.send(request());
    expect(seen.slice(3).map(({ url }) => url)).toEqual(['/token', '/api', '/token', '/api']);
  });

  test('is not used again after the server refused it', async () => {
    play = playing(tokenAnswer('token-123456'), (_, response) => {
      response.statusCode = 401;
      response.end();
    });
    const credential = { ...client, kind: 'client-credentials', tokenEndpoint: `${base}/token` };
    const { upstream } = upstreamOf({ credential } as never);
    await upstream.send(request());
    await upstream.send(request());
    expect(seen.map(({ url }) => url)).toEqual(['/token', '/api', '/token', '/api']);
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
    play = playing(issue as Play);
    const credential = { ...client, kind: 'client-credentials', tokenEndpoint: `${base}/token` };
    const { upstream } = upstreamOf({ credential } as never);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    expect(seen.map(({ url }) => url)).toEqual(['/token']);
  });

  test('is obtained with a signed assertion', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    play = playing(tokenAnswer('token-123456'));
    const credential = {
      ...client,
      kind: 'client-credentials',
      tokenEndpoint: `${base}/token`,
      authentication: 'private_key_jwt',
      keyId: 'k1',
      issuer: 'https://login.example',
    };
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    await upstreamOf({ credential } as never, { KEY: pem.replaceAll('\n', '\\n') }).upstream.send(
      request(),
    );
    const assertion = new URLSearchParams(seen[0]?.body).get('client_assertion') ?? '';
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
    play = playing((one, response) => {
      const subject = new URLSearchParams(one.body).get('subject_token') ?? '';
      const claims = JSON.parse(Buffer.from(subject.split('.')[1] ?? '', 'base64url').toString());
      tokenAnswer(`token-of-${String(claims.sub)}`)(one, response);
    });
    const credential = {
      kind: 'token-exchange',
      tokenEndpoint: `${base}/token`,
      clientId: 'gateway',
      secret: 'KEY',
      audience: 'https://crm.example',
    };
    const { upstream } = upstreamOf({ credential } as never);
    await upstream.send(request());
    await upstream.send(request());
    await upstream.send(request({ caller: { ...CALLER, subject: 'user:carol' } }));
    const calls = seen.filter(({ url }) => url === '/api');
    expect(calls.map(({ headers }) => headers.authorization)).toEqual([
      ...['Bearer token-of-user:alice', 'Bearer token-of-user:alice', 'Bearer token-of-user:carol'],
    ]);
    expect(seen.filter(({ url }) => url === '/token')).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'https://crm.example',
    });
    expect(await codeOf(upstream.send(request({ caller: undefined })))).toBe(
      'upstream_unavailable',
    );
  });

  test('is exchanged for each tool, because the statement names the tool', async () => {
    play = playing(tokenAnswer('token-123456'));
    const credential = {
      kind: 'token-exchange',
      tokenEndpoint: `${base}/token`,
      clientId: 'gateway',
    };
    const { upstream } = upstreamOf({ credential } as never);
    await upstream.send(request());
    await upstream.send(request());
    await upstream.send(request({ caller: { ...CALLER, tool: 'mcp/a/delete' } }));
    expect(seen.filter(({ url }) => url === '/token')).toHaveLength(2);
  });

  test('is not used longer than the sealed secret that it was obtained with', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    play = playing(tokenAnswer('token-123456'));
    const key = `x25519-private/${'11'.repeat(32)}`;
    const terms = {
      hosts: [new URL(base).host],
      methods: ['POST'],
      paths: ['/token'],
      expires: Math.floor(Date.now() / 1_000) + 600,
    };
    const sealed = await sealSecret(await sealPublicKey(key), terms, SECRET);
    const { secret: _, ...unsealed } = client;
    const credential = {
      ...unsealed,
      kind: 'client-credentials',
      tokenEndpoint: `${base}/token`,
      sealed,
    };
    const { upstream } = upstreamOf({ credential } as never, { SEAL_KEYS: key });
    expect(await codeOf(upstream.send(request()))).toBeUndefined();
    vi.setSystemTime(Date.now() + 601_000);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    vi.useRealTimers();
  });

  test('is that of a GitHub App, for the repositories and permissions that are named', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    play = (one, response) => {
      if (!one.url.startsWith('/app/')) return response.end('{}');
      response.statusCode = 201;
      response.setHeader('content-type', 'application/json');
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      return response.end(JSON.stringify({ token: 'ghs_0123456789', expires_at: expires }));
    };
    const credential = {
      kind: 'github-app',
      appId: '77',
      installationId: '99',
      api: base,
      secret: 'KEY',
      repositories: ['reports'],
      permissions: { contents: 'read' },
    };
    // As GitHub hands it out: PKCS #1.
    const pem = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
    const { upstream } = upstreamOf({ credential } as never, { KEY: pem });
    await upstream.send(request());
    await upstream.send(request());
    expect(seen.map(({ url }) => url)).toEqual([
      '/app/installations/99/access_tokens',
      '/api',
      '/api',
    ]);
    const key = await importSPKI(
      publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      'RS256',
    );
    const statement = String(seen[0]?.headers.authorization).replace('Bearer ', '');
    const { payload } = await jwtVerify(statement, key, { issuer: '77' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      repositories: ['reports'],
      permissions: { contents: 'read' },
    });
    expect(seen[2]?.headers.authorization).toBe('Bearer ghs_0123456789');
  });
});

test('a request to AWS is signed with its body, as AWS computes it', async () => {
  const credential = {
    kind: 'aws-sigv4',
    accessKeyId: 'AK-EXAMPLE',
    region: 'eu-west-1',
    service: 'execute-api',
    secret: 'KEY',
  };
  await send(credential, undefined, { path: '/items/a%20b?z=1&a=%2F' });
  const [one] = seen;
  const authorization = String(one?.headers.authorization);
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AK-EXAMPLE\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const headers = names
    .split(';')
    .map((name) => `${name}:${String(one?.headers[name])}\n`)
    .join('');
  // Another service than S3 encodes the path twice, and the query is in order.
  const path = '/api/items/a%2520b';
  const canonical = ['POST', path, 'a=%2F&z=1', headers, names, sha(one?.body ?? '')].join('\n');
  const date = String(one?.headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n');
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const key = scope
    .split('/')
    .reduce<string | Buffer>((own, part) => hmac(own, part), `AWS4${SECRET}`);
  expect(names.split(';')).toEqual(
    expect.arrayContaining(['host', 'x-amz-content-sha256', 'x-amz-date']),
  );
  expect(signature).toBe(hmac(key, toSign).toString('hex'));
});
