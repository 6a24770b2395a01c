import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealPublicKey, sealSecret } from '../../src/upstream/index.ts';
import { admin, obtain, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Credentials, statements about the caller and leaks, on the runtime that gateways run on. */

const SECRET = 'canary-7f3a9b2c4d5e6f70';
const SEAL_KEY = `x25519-private/${'31'.repeat(32)}`;

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}
type Play = (response: ServerResponse, answer: (text: string) => string) => void;

let stage: Stage;
let server: Server;
let base: string;
const seen: Seen[] = [];
const echo: Play = (response, answer) => {
  response.setHeader('content-type', 'application/json');
  response.end(answer('read'));
};
let play: Play = echo;

/** The answer of the tool to this request, with a text. */
const answerTo = (body: string) => (text: string) => {
  const { id } = JSON.parse(body);
  return JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', headers } = request;
      seen.push({ url, headers });
      const body = Buffer.concat(chunks).toString();
      if (url === '/token') {
        response.setHeader('content-type', 'application/json');
        response.end('{"access_token":"issued-token-1","token_type":"Bearer","expires_in":600}');
      } else if (url.startsWith('/app/')) {
        response.statusCode = 404;
        response.end();
      } else play(response, answerTo(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
  const terms = {
    hosts: [`127.0.0.1:${port}`],
    methods: ['POST'],
    paths: ['/mcp'],
    expires: Math.floor(Date.now() / 1_000) + 600,
  };
  const sealed = await sealSecret(await sealPublicKey(SEAL_KEY), terms, SECRET);
  const upstream = (credential: object) => ({
    url: `${base}/mcp`,
    addresses: ['127.0.0.1'],
    credential,
  });
  const oauth = { tokenEndpoint: `${base}/token`, clientId: 'gateway', secret: 'KEY' };
  stage = await openStage({
    gatewaySecrets: { KEY: SECRET, SEAL_KEYS: SEAL_KEY },
    gatewayVars: {
      UPSTREAMS: JSON.stringify({
        files: upstream({ kind: 'bearer', secret: 'KEY' }),
        mail: upstream({ kind: 'bearer', secret: 'ABSENT' }),
        sealed: upstream({ kind: 'header', name: 'x-api-key', sealed }),
        oauth: upstream({ kind: 'client-credentials', ...oauth }),
        exchange: upstream({ kind: 'token-exchange', ...oauth }),
        aws: upstream({
          kind: 'aws-sigv4',
          accessKeyId: 'AK',
          region: 'eu-west-1',
          service: 'lambda',
          secret: 'KEY',
        }),
        leaks1: upstream({ kind: 'bearer', secret: 'KEY' }),
        leaks2: upstream({ kind: 'bearer', secret: 'KEY' }),
        leaks3: upstream({ kind: 'bearer', secret: 'KEY' }),
        leaks4: upstream({ kind: 'bearer', secret: 'KEY' }),
      }),
    },
  });
});
afterAll(async () => {
  await stage?.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** A message that uses no tool, so any upstream can be asked. */
async function ask(name: string) {
  seen.length = 0;
  const { token } = await obtain(stage);
  return send(stage, token, { jsonrpc: '2.0', id: 1, method: 'ping' }, {}, name);
}

test.each([
  ['a secret of the Worker', 'files', 'authorization', `Bearer ${SECRET}`],
  ['a sealed secret', 'sealed', 'x-api-key', SECRET],
  ['client credentials', 'oauth', 'authorization', 'Bearer issued-token-1'],
  ['an exchange for the caller', 'exchange', 'authorization', 'Bearer issued-token-1'],
  ['a signature for AWS', 'aws', 'authorization', expect.stringMatching(/^AWS4-HMAC-SHA256 /)],
])('the gateway authenticates itself with %s', async (_, name, header, value) => {
  play = echo;
  expect(await ask(name)).toMatchObject({ status: 200 });
  expect(seen.at(-1)?.headers[header]).toEqual(value);
  expect(seen.at(-1)?.headers['accept-encoding']).toBe('identity');
});

test('a server learns who calls, from a statement that its library verifies', async () => {
  play = echo;
  await ask('files');
  const response = await stage.fetch(`${stage.audience}/.well-known/jwks.json`);
  const keys = (await response.json()) as { keys: { hewn_use: string }[] };
  expect(keys.keys.map(({ hewn_use: use }) => use)).toEqual(['caller', 'seal']);
  const token = String(seen[0]?.headers['hewn-caller']);
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys as never), {
    issuer: stage.audience,
    audience: `${base}/mcp`,
    typ: 'hewn-caller+jwt',
  });
  expect(payload).toMatchObject({ sub: expect.any(String), txn: expect.any(String) });
});

test('a missing secret makes one server unavailable, and /readyz names it', async () => {
  expect(await ask('mail')).toMatchObject({ status: 503, code: 'upstream_unavailable' });
  expect(seen).toEqual([]);
  const response = await stage.fetch(`${stage.audience}/readyz`);
  const { ready, checks } = (await response.json()) as { ready: boolean; checks: object[] };
  expect([response.status, ready]).toEqual([200, true]);
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'upstream', subject: 'mail', variable: 'ABSENT' }),
  );
});

describe('an answer with the credential in it does not reach the agent,', () => {
  test.each<[string, string, Play]>([
    ['plain', 'leaks1', (response, answer) => response.end(answer(`got ${SECRET}`))],
    [
      'compressed with gzip',
      'leaks2',
      (response, answer) =>
        response.setHeader('content-encoding', 'gzip').end(gzipSync(answer(`got ${SECRET}`))),
    ],
    [
      'compressed with brotli',
      'leaks3',
      (response, answer) =>
        response.setHeader('content-encoding', 'br').end(brotliCompressSync(answer(SECRET))),
    ],
    [
      'in a stream of events',
      'leaks4',
      (response, answer) => {
        response.setHeader('content-type', 'text/event-stream');
        response.end(`data: ${answer(btoa(`x${SECRET}`))}\n\n`);
      },
    ],
  ])('%s, and suspends the server', async (_, name, script) => {
    play = (response, answer) => {
      response.setHeader('content-type', 'application/json');
      script(response, answer);
    };
    const leaked = await ask(name);
    expect(leaked.text).not.toContain(SECRET.slice(0, 10));
    expect(leaked).toMatchObject({ status: 502, code: 'upstream_leaked' });
    expect(await ask(name)).toMatchObject({ status: 503, code: 'upstream_suspended' });
    expect(seen).toEqual([]);
  });
});

test('an honest answer in gzip or brotli is read', async () => {
  play = (response, answer) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-encoding', 'gzip').end(gzipSync(answer('honest')));
  };
  expect(await ask('files')).toMatchObject({ status: 200 });
  play = (response, answer) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-encoding', 'br').end(brotliCompressSync(answer('honest')));
  };
  expect(await ask('files')).toMatchObject({ status: 200 });
});

test('the audit log has nothing of the secret, nor of an issued token', async () => {
  const trail = await (await admin(stage, 'audit')).text();
  expect(trail).not.toContain(SECRET);
  expect(trail).not.toContain('issued-token-1');
});
