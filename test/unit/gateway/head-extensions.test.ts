import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HeadExtension } from '../../../src/feed/index.ts';
import { createGateway, type GatewayEnv } from '../../../workers/gateway/index.ts';
import { AUTHORITY, ISSUER, mintToken } from '../fixtures/issuer.ts';
import { feedKeys, headOver, sign } from '../fixtures/log.ts';

/** A whole gateway, whose issuer signs extensions that it does not know. */

const AUDIENCE = 'https://gateway.example';
const READ = { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files' } as const;
const WRITE = { tool: 'mcp/files/write_file', action: 'write', dataset: 'files' } as const;

let extensions: readonly HeadExtension[];
let now: number;
let forwarded: number;
const { issuedAt } = AUTHORITY;

beforeEach(() => {
  [now, forwarded] = [0, 0];
  vi.useFakeTimers({ toFake: ['Date'], now: issuedAt });
  vi.spyOn(console, 'error').mockReturnValue();
  vi.spyOn(console, 'log').mockReturnValue();
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    forwarded += 1;
    const { id } = JSON.parse(String(init.body)) as { id: string };
    return Response.json({ jsonrpc: '2.0', id, result: { content: [] } });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function startGateway() {
  const raw = (await crypto.subtle.exportKey('raw', feedKeys.publicKey)) as ArrayBuffer;
  const answerHead = async (url: string) =>
    new URL(url).pathname.startsWith('/feed')
      ? Response.json(
          await sign(await headOver([], now, extensions.length > 0 ? { extensions } : {})),
        )
      : new Response(null, { status: 404 });
  const env = {
    ISSUER,
    AUDIENCE,
    FEED_PUBLIC_KEY: Buffer.from(raw).toString('hex'),
    MCP_UPSTREAMS: '{"files":"https://files.example/mcp"}',
    DPOP_NONCE_SECRET: '01'.repeat(32),
    ISSUER_FEED: { fetch: answerHead },
    ISSUER_RECORDS: {
      append: async () => ({ recorded: 1 }),
      charge: async () => ({ ok: true, value: {} }),
      lease: async () => ({ ok: true, value: {} }),
      confirm: async () => undefined,
    },
  } as unknown as GatewayEnv;
  const gateway = createGateway({ catalogue: await readFile('policy/tools.toml', 'utf8') });
  const token = mintToken({ audience: AUDIENCE, grants: [READ, WRITE] });
  const background: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => background.push(work) };
  const send = async (path: string, init: RequestInit) => {
    const request = new Request(AUDIENCE + path, init);
    const answer = await gateway.fetch(request, env, context as unknown as ExecutionContext);
    await Promise.allSettled(background.splice(0));
    return { status: answer.status, text: await answer.text() };
  };
  return {
    ready: async () => (await send('/readyz', {})).status,
    call: async (name: string) => {
      const args = name === 'write_file' ? { path: 'a.md', content: 'x' } : { path: 'a.md' };
      const params = { name, arguments: args };
      return send('/mcp/files', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      });
    },
  };
}

const step = (seconds: number) => {
  now = seconds;
  vi.setSystemTime(issuedAt.getTime() + seconds * 1000);
};

const later = (critical: boolean): HeadExtension => ({
  name: 'later',
  version: 1,
  critical,
  value: {},
});

test('a gateway forwards nothing from an issuer whose heads have an unknown critical extension', async () => {
  extensions = [later(true)];
  const gateway = await startGateway();
  for (const name of ['read_text_file', 'write_file']) {
    const { text } = await gateway.call(name);
    expect(text).toContain('head_missing');
  }
  expect(await gateway.ready()).toBe(503);
  expect(forwarded).toBe(0);
});

test('a gateway stops reads and writes when its issuer begins to sign one, and continues without it', async () => {
  extensions = [later(false)];
  const gateway = await startGateway();
  expect(await gateway.call('read_text_file')).toMatchObject({ status: 200 });
  expect(await gateway.ready()).toBe(200);
  expect(forwarded).toBe(1);
  extensions = [later(true)];
  step(61);
  expect((await gateway.call('read_text_file')).text).toContain('head_stale');
  expect((await gateway.call('write_file')).text).toContain('head_stale');
  expect(await gateway.ready()).toBe(503);
  expect(forwarded).toBe(1);
  extensions = [];
  step(75);
  const status = async () => (await gateway.call('read_text_file')).status;
  // Not at once: the gateway waits between two questions that failed.
  await expect.poll(status, { interval: 200 }).toBe(200);
});
