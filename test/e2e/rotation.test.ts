import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestHarness, type TestHarness } from 'wrangler';
import { fromBase64Url, toHex } from '../../src/encoding.ts';
import { obtain, read } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * A gateway that keeps running while its issuer is deployed again and again with other keys. The
 * gateway is configured only with the feed's public key.
 */
let stage: Stage;
let gateway: TestHarness;

interface Entry {
  readonly id: number;
  readonly key?: string;
  readonly state: 'active' | 'published' | 'retired';
}

beforeAll(async () => {
  stage = await openStage();
  const outside = globalThis.fetch;
  // A Worker's fetches go through Node, where the issuer has its public name.
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) =>
    url.startsWith(stage.issuer) ? stage.fetch(url, init) : outside(url, init),
  );
  const feed = (await jwks()).find(({ hewn_use }) => hewn_use === 'feed');
  gateway = createTestHarness({
    workers: [
      {
        configPath: './workers/gateway/wrangler.toml',
        vars: {
          ISSUER: stage.issuer,
          AUDIENCE: stage.audience,
          FEED_PUBLIC_KEY: toHex(fromBase64Url(feed?.x ?? '') ?? new Uint8Array()),
          MCP_UPSTREAMS: JSON.stringify({ files: stage.bridge.url }),
          DENIAL_FORM: 'error',
        },
      },
      { configPath: './test/e2e/apart/wrangler.toml' },
    ],
  });
  await gateway.listen();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await gateway.close();
  await stage.close();
});

async function jwks(): Promise<readonly { hewn_use: string; hewn_key_id?: number; x: string }[]> {
  const response = await stage.fetch(`${stage.issuer}/.well-known/jwks.json`);
  return ((await response.json()) as { keys: [] }).keys;
}

/** Deploys the issuer with other keys. */
async function deploy(change: (keys: readonly Entry[]) => readonly Entry[]): Promise<void> {
  await stage.harness.update((options) => ({
    ...options,
    workers: (options.workers ?? []).map((worker) => {
      const { secrets } = worker as { secrets?: Record<string, string> };
      if (secrets?.MINT_KEYS === undefined) return worker;
      const keys = change(JSON.parse(secrets.MINT_KEYS));
      return { ...worker, secrets: { ...secrets, MINT_KEYS: JSON.stringify(keys) } };
    }),
  }));
}

/** Returns 200, or the code of the denial. */
async function ask(token: string): Promise<number | string> {
  const response = await gateway.getWorker('gateway').fetch(`${stage.audience}/mcp/files`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(read(stage.documents.reports[0] ?? '')),
  });
  const body = (await response.json()) as { error?: { data?: { code?: string } } };
  return body.error?.data?.code ?? response.status;
}

test('refuses no token while one key follows another, and every token of a retired key', async () => {
  const seed = toHex(
    generateKeyPairSync('ed25519')
      .privateKey.export({ format: 'der', type: 'pkcs8' })
      .subarray(-32),
  );
  const ids = async () => (await jwks()).flatMap(({ hewn_key_id: id }) => (id ? [id] : []));
  const old = (await obtain(stage)).token;
  expect(await ask(old)).toBe(200);

  const answers = new Set<number | string>();
  const ending = new AbortController();
  const traffic = (async () => {
    while (!ending.signal.aborted) {
      answers.add(await ask(old));
      await sleep(100);
    }
  })();
  await deploy((keys) => [...keys, { id: 2, key: `ed25519-private/${seed}`, state: 'published' }]);
  expect(await ids()).toEqual([1, 2]);
  await sleep(4_000); // `hewn keys rotate` waits for two polls, as a gateway in use needs.
  await deploy(([first, second]) => [
    { ...(first as Entry), state: 'published' },
    { ...(second as Entry), state: 'active' },
  ]);
  const young = (await obtain(stage)).token;
  expect(await ask(young)).toBe(200);
  await sleep(1_500);
  expect([await ask(old), await ask(young)]).toEqual([200, 200]);
  ending.abort();
  await traffic;
  expect(answers).toEqual(new Set([200]));

  await deploy(([, second]) => [{ id: 1, state: 'retired' }, second as Entry]);
  expect(await ids()).toEqual([2]);
  await expect.poll(() => ask(old), { interval: 200 }).toBe('signature_invalid');
  expect(await ask(young)).toBe(200);

  const logged = JSON.stringify([stage.harness.getLogs(), gateway.getLogs()]);
  expect(logged).toContain('decision');
  expect(logged).not.toContain(seed);
  expect(logged).not.toContain('ed25519-private');
}, 60_000);
