import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestHarness, type TestHarness } from 'wrangler';
import { toHex } from '../../../src/encoding.ts';
import type { FeedEntry } from '../../../src/feed/index.ts';
import { ISSUER } from '../../unit/fixtures/issuer.ts';
import {
  deltaOf,
  entry,
  feedKeys,
  headOver,
  json,
  type LocalServer,
  serve,
  sign,
} from '../../unit/fixtures/log.ts';

/** In workerd: requests of one isolate share the answers of the log, and never a promise. */

interface Log {
  entries: readonly FeedEntry[];
  /** Delays the answer on its way back. What it says is settled before. */
  hold: () => Promise<unknown>;
}

const log: Log = { entries: [], hold: async () => undefined };
let server: LocalServer;
let harness: TestHarness;
let url: URL;

beforeAll(async () => {
  server = await serve(async (request, response) => {
    const { entries } = log;
    const path = request.url ?? '';
    if (!path.endsWith('/head')) {
      const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
      return void response.end(deltaOf(entries.slice(from, to)));
    }
    const issued_at = Math.floor(Date.now() / 1000);
    const head = await headOver(entries, 0, { issued_at, next_update: issued_at + 5 });
    const answer = await sign(head);
    await log.hold();
    json(response, answer);
  });
  const raw = (await crypto.subtle.exportKey('raw', feedKeys.publicKey)) as ArrayBuffer;
  const vars = { ISSUER, FEED_URL: server.url, FEED_PUBLIC_KEY: toHex(new Uint8Array(raw)) };
  const configPath = './test/e2e/shared-question/wrangler.toml';
  harness = createTestHarness({ workers: [{ configPath, vars }] });
  ({ url } = await harness.listen());
});
afterEach(() => {
  log.hold = async () => undefined;
});
afterAll(async () => {
  await harness.close();
  await server[Symbol.asyncDispose]();
});

const pass = (milliseconds: number) => new Promise((passed) => setTimeout(passed, milliseconds));
const heads = () => server.asked.filter((path) => path.endsWith('/head')).length;

async function ask(signal?: AbortSignal): Promise<{ ok: boolean; seq: number | null }> {
  const response = await fetch(url, signal ? { signal } : {});
  expect(response.status).toBe(200);
  return (await response.json()) as { ok: boolean; seq: number | null };
}

test('no request uses an answer to a question that is older than itself', async () => {
  expect(await ask()).toEqual({ ok: true, seq: 0 });
  log.hold = () => pass(200);
  const before = heads();
  const early = [ask(), pass(20).then(() => ask())];
  await pass(60);
  log.entries = [entry(1)];
  const later = [];
  for (let sent = 0; sent < 60; sent += 1) {
    later.push(ask());
    await pass(3);
  }
  for (const answer of await Promise.all(later)) expect(answer).toEqual({ ok: true, seq: 1 });
  await Promise.all(early);
  expect(heads() - before).toBeLessThan(8);
});

test('a client that disconnects in the middle of its question delays no other', async () => {
  const hung = vi.fn(() => new Promise(() => {}));
  log.hold = hung;
  const hangUp = new AbortController();
  const dead = ask(hangUp.signal).catch(() => undefined);
  await expect.poll(() => hung).toHaveBeenCalled();
  log.hold = async () => undefined;
  const began = performance.now();
  const waiting = Array.from({ length: 20 }, () => ask());
  await pass(50);
  hangUp.abort();
  await dead;
  for (const answer of await Promise.all(waiting)) expect(answer.ok).toBe(true);
  expect(performance.now() - began).toBeLessThan(3_000);
});
