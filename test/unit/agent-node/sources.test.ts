import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IdentitySource } from '../../../src/agent/index.ts';
import {
  devIdentity,
  devUser,
  fileIdentity,
  IDENTITY_FORMS,
  identitySourceOf,
  kubernetesIdentity,
  spiffeIdentity,
} from '../../../src/agent-node/index.ts';
import { ISSUER } from '../fixtures/issuer.ts';

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
const tokenOf = (source: IdentitySource) => source.token({ issuer: ISSUER });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-identity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a file', () => {
  test('is read for each token', async () => {
    const path = join(folder, 'token');
    await writeFile(path, `${JWT}\n`);
    const source = fileIdentity(path);
    expect(await tokenOf(source)).toBe(JWT);
    await writeFile(path, 'a password');
    await expect(tokenOf(source)).rejects.toThrow(`${path} does not contain a JWT`);
  });

  test('of a pod that is missing leads to the volume that it needs', async () => {
    await expect(tokenOf(kubernetesIdentity(join(folder, 'none')))).rejects.toThrow(
      'serviceAccountToken',
    );
  });
});

describe('the Workload API of SPIFFE', () => {
  type Answer = (stream: ServerHttp2Stream, request: Buffer) => void;

  /** A server that answers each call on a Unix socket, and keeps the headers. */
  async function workloadApi(answer: Answer) {
    const path = join(folder, 'agent.sock');
    const headers: Record<string, unknown>[] = [];
    const server = createServer();
    server.on('stream', (stream, given) => {
      headers.push(given);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => answer(stream, Buffer.concat(chunks)));
    });
    await new Promise<void>((listening) => server.listen(path, listening));
    const close = async () => {
      server.close();
    };
    return { socket: `unix://${path}`, headers, [Symbol.asyncDispose]: close };
  }

  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  const frame = (message: Buffer) =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
  const succeed =
    (message: Buffer): Answer =>
    (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(frame(message));
    };
  const SVID = field(
    1,
    Buffer.concat([
      field(1, Buffer.from('spiffe://acme.example/agent')),
      field(2, Buffer.from(JWT)),
    ]),
  );

  test('gives the JWT-SVID for the issuer', async () => {
    const requests: string[] = [];
    await using api = await workloadApi((stream, request) => {
      requests.push(request.toString('latin1'));
      succeed(SVID)(stream, request);
    });
    const spiffeId = 'spiffe://acme.example/agent';
    expect(await tokenOf(spiffeIdentity({ socket: api.socket, spiffeId }))).toBe(JWT);
    expect(api.headers[0]).toMatchObject({
      ':path': '/SpiffeWorkloadAPI/FetchJWTSVID',
      'workload.spiffe.io': 'true',
    });
    const message = Buffer.concat([field(1, Buffer.from(ISSUER)), field(2, Buffer.from(spiffeId))]);
    expect(requests[0]).toBe(frame(message).toString('latin1'));
  });

  test('refuses a workload that it does not know, with its own reason', async () => {
    await using api = await workloadApi((stream) => {
      stream.respond(
        { ':status': 200, 'grpc-status': '7', 'grpc-message': 'no%20identity%20issued' },
        { endStream: true },
      );
    });
    await expect(tokenOf(spiffeIdentity({ socket: api.socket }))).rejects.toThrow(
      'refused: no identity issued',
    );
  });

  test.each([
    ['no SVID', Buffer.of()],
    ['a length beyond its end', Buffer.from([0x0a, 0x7f, 0x01])],
    ['a field of another wire type', Buffer.from([0x08, 0x01])],
    ['an endless number', Buffer.alloc(32, 0xff)],
  ])('is not trusted with an answer that has %s', async (_, message) => {
    await using api = await workloadApi(succeed(message));
    await expect(tokenOf(spiffeIdentity({ socket: api.socket }))).rejects.toThrow(
      'has no JWT-SVID for this workload',
    );
  });

  test('is reached at its address, which must exist', async () => {
    const absent = spiffeIdentity({ socket: `unix://${folder}/none.sock` });
    await expect(tokenOf(absent)).rejects.toThrow('cannot be reached');
    await expect(tokenOf(spiffeIdentity({ socket: 'http://agent' }))).rejects.toThrow(
      'is no address of a Workload API',
    );
  });
});

describe('hewn dev', () => {
  const RUN = {
    issuer: ISSUER,
    tokenEndpoint: 'http://127.0.0.1:1/token',
    audiences: [],
    users: ['alice', 'bob'],
    agents: ['assistant'],
  };
  const start = async (run: object | undefined) => {
    await mkdir(join(folder, '.hewn/dev'), { recursive: true });
    await writeFile(
      join(folder, '.hewn/dev/running.json'),
      JSON.stringify({ pid: process.pid, run }),
    );
  };
  const asked: string[] = [];
  const fetch = (async (_: string, init?: RequestInit) => {
    asked.push(String(init?.body));
    return Response.json({ access_token: JWT });
  }) as typeof globalThis.fetch;

  test('vouches for its first agent and its first user, or for the one that is named', async () => {
    await start(RUN);
    asked.length = 0;
    expect(await tokenOf(devIdentity({ folder, fetch }))).toBe(JWT);
    await tokenOf(devUser({ folder, fetch }));
    await tokenOf(devUser({ folder, fetch, user: 'bob', agent: 'other' }));
    expect(asked).toEqual([
      'agent=assistant',
      'user=alice&agent=assistant',
      'user=bob&agent=other',
    ]);
  });

  test('is missed with the command that starts it', async () => {
    await expect(tokenOf(devIdentity({ folder }))).rejects.toThrow('npx hewn dev');
    await start(undefined);
    await expect(tokenOf(devIdentity({ folder }))).rejects.toThrow('still starting');
    await start({ ...RUN, agents: [] });
    await expect(tokenOf(devIdentity({ folder }))).rejects.toThrow('[dev.agents.NAME]');
  });

  test('refuses an unknown name with its own reason', async () => {
    await start(RUN);
    const refusing = (async () =>
      Response.json(
        { error_description: 'there is no agent "x"' },
        { status: 400 },
      )) as typeof globalThis.fetch;
    await expect(tokenOf(devIdentity({ folder, fetch: refusing }))).rejects.toThrow(
      'there is no agent "x"',
    );
  });
});

describe('the text of a source', () => {
  test.each([
    ['dev', 'hewn dev'],
    ['dev:assistant', 'hewn dev'],
    ['env:AGENT_TOKEN', 'the variable AGENT_TOKEN'],
    ['file:/run/token', '/run/token'],
    ['file:C:/token', 'C:/token'],
    ['github', 'GitHub Actions'],
    ['github:aud', 'GitHub Actions'],
    ['gitlab', 'GitLab CI'],
    ['kubernetes', 'Kubernetes'],
    ['google', 'Google Cloud'],
    ['azure:api://hewn', 'Azure'],
    ['spiffe', 'SPIFFE'],
    ['spiffe:spiffe://acme.example/agent', 'SPIFFE'],
  ])('%s is %s', (text, name) => {
    expect(identitySourceOf(text)).toMatchObject({ ok: true, value: { name } });
  });

  test.each(['', 'file', 'env', 'env:', 'gitHub', 'toString', 'constructor:x', 'dev:'])(
    '%j is refused',
    (text) => {
      expect(identitySourceOf(text)).toMatchObject({ ok: false });
    },
  );

  test('that is unknown is refused with every form', () => {
    const refused = identitySourceOf('oidc');
    for (const form of IDENTITY_FORMS) {
      expect(refused).toMatchObject({ ok: false, error: expect.stringContaining(form) });
    }
  });
});
