/** A user's own deployment: an empty project, the packed package, and examples/deployment. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHarness, type TestHarness } from 'wrangler';
import { ed25519, sha256 } from '../e2e/parts.ts';
import { projectFile } from '../unit/docs/markdown.ts';
import { emptyFolder, install, pack, remove, runIn } from './consumer.ts';

const INSTALL_MILLISECONDS_MAX = 300_000;
const TYPESCRIPT = 'typescript@5.9.3';
const ISSUER = 'https://issuer.test';
const GATEWAY = 'https://gateway.test';
/** Keeps wrangler offline. */
const QUIET = ['WRANGLER_SEND_METRICS=false', 'CLOUDFLARE_CF_FETCH_ENABLED=false'];

let folder: string;
let tarballs: string;
beforeAll(async () => {
  tarballs = await emptyFolder();
  await runIn(projectFile('.'), process.execPath, ['scripts/build/index.ts', '--if-stale']);
  const packed = await pack(projectFile('.'), tarballs);
  const { devDependencies } = JSON.parse(await readFile(projectFile('package.json'), 'utf8'));
  folder = await install(packed, [`wrangler@${devDependencies.wrangler}`, TYPESCRIPT]);
  await cp(projectFile('examples/deployment'), folder, { recursive: true });
}, INSTALL_MILLISECONDS_MAX);
afterAll(() => Promise.all([folder, tarballs].map(remove)));

const wrangler = (...args: readonly string[]) =>
  runIn(folder, 'env', [
    ...QUIET,
    process.execPath,
    'node_modules/wrangler/bin/wrangler.js',
    ...args,
  ]);

test("the installed command tests the deployment's policy", async () => {
  const command = 'node_modules/hewn/dist/src/cli/main.js';
  const args = [command, 'policy', 'test', '--catalogue', 'catalogue/tools.toml'];
  expect(await runIn(folder, process.execPath, args)).toContain('2 passed, 0 failed');
});

describe.each(['issuer', 'gateway'])('the %s', (name) => {
  const config = ['--config', `wrangler.${name}.toml`];

  test('builds with wrangler, and nothing is missing from its configuration', async () => {
    const printed = await wrangler('deploy', '--dry-run', ...config, '--outdir', `out/${name}`);
    expect(printed).toContain('--dry-run: exiting now.');
    expect(printed).not.toMatch(/warning/i);
  });

  test('compiles strictly with the types that wrangler generates', async () => {
    await wrangler('types', ...config, 'worker-configuration.d.ts');
    const options = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2024'],
      module: 'esnext',
      moduleResolution: 'bundler',
      types: ['./worker-configuration.d.ts'],
    };
    const tsconfig = { compilerOptions: options, files: [`${name}.ts`] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    expect(await runIn(folder, 'npx', ['tsc', '-p', '.'])).toBe('');
  });
});

/** An MCP server that answers every request with an empty result. */
async function startUpstream(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { id } = JSON.parse(await text(request));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

describe('both Workers, running', () => {
  const [mint, feed] = [ed25519(), ed25519()];
  let clientKey: Awaited<ReturnType<typeof generateKeyPair>>;
  let upstream: Server;
  let harness: TestHarness;

  beforeAll(async () => {
    clientKey = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(clientKey.publicKey)), kid: 'one' };
    upstream = await startUpstream();
    const client = { kind: 'client', name: 'nightly', clientId: 'nightly', algorithms: ['ES256'] };
    const upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
    const issuerVars = {
      ISSUER,
      AUDIENCES: JSON.stringify([GATEWAY]),
      IDENTITY_ISSUERS: JSON.stringify([{ ...client, jwks: { keys: [jwk] } }]),
    };
    const secrets = {
      MINT_KEYS: JSON.stringify([{ id: 1, key: `ed25519-private/${mint.seed}`, state: 'active' }]),
      FEED_KEY: `ed25519-private/${feed.seed}`,
      OPERATOR_SHA256: sha256('operator'),
    };
    const gatewayVars = {
      ISSUER,
      AUDIENCE: GATEWAY,
      FEED_PUBLIC_KEY: feed.publicKey,
      MCP_UPSTREAMS: JSON.stringify({ notes: upstreamUrl }),
    };
    harness = createTestHarness({
      workers: [
        { configPath: join(folder, 'wrangler.issuer.toml'), vars: issuerVars, secrets },
        { configPath: join(folder, 'wrangler.gateway.toml'), vars: gatewayVars },
      ],
    });
    await harness.listen();
  }, 60_000);
  afterAll(async () => {
    await harness.close();
    await new Promise((closed) => upstream.close(closed));
  });

  const issuer = (path: string, init?: { method: string; body: string }) =>
    harness.getWorker('acme-issuer').fetch(ISSUER + path, {
      ...init,
      ...(init && { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    });

  /** Requests a capability to read notes, as the client of the policy. */
  async function obtain(dataset: string) {
    const assertion = await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer('nightly')
      .setSubject('nightly')
      .setAudience(ISSUER)
      .setExpirationTime('1m')
      .sign(clientKey.privateKey);
    const grants = [{ tool: 'mcp/notes/read_note', action: 'read', dataset }];
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      resource: GATEWAY,
      authorization_details: JSON.stringify([{ type: 'hewn_task', task: 'digest', grants }]),
    });
    const response = await issuer('/token', { method: 'POST', body: body.toString() });
    const answer = (await response.json()) as { access_token?: string };
    return { status: response.status, token: answer.access_token };
  }

  /** Reads a note through the gateway. */
  /** Returns the code of a denial that a model can read, else the status. */
  async function read(path: string, token?: string): Promise<number | string> {
    const params = { name: 'read_note', arguments: { path } };
    const response = await harness.getWorker('acme-gateway').fetch(`${GATEWAY}/mcp/notes`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    });
    if (response.status !== 200) return response.status;
    const { result } = (await response.json()) as {
      result: { isError?: boolean; _meta?: Record<string, { code: string }> };
    };
    const denial = result._meta?.['hewn.dev/denial'];
    if (result.isError && !denial) throw new Error(JSON.stringify(result));
    return denial?.code ?? 200;
  }

  test('the issuer publishes its metadata and a head of its feed', async () => {
    const metadata = await issuer('/.well-known/oauth-authorization-server');
    expect(await metadata.json()).toMatchObject({ issuer: ISSUER });
    expect((await issuer('/feed/v2/0/head')).status).toBe(200);
    expect((await issuer('/admin/v1/watermarks')).status).toBe(401);
  });

  test('the issuer decides by the policy of this deployment', async () => {
    expect(await obtain('notes/team')).toMatchObject({ status: 200, token: expect.any(String) });
    expect((await obtain('notes/private')).token).toBeUndefined();
  });

  test('the gateway forwards what a capability covers, and denies the rest', async () => {
    const { token } = await obtain('notes/team');
    expect(await read('team/monday.md')).toBe(401);
    expect(await read('team/monday.md', token)).toBe(200);
    expect(await read('private/diary.md', token)).toBe('no_grant');
  });
});
