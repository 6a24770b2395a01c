import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reserveIssuerPort, stateFolderOf } from '../../../src/dev/issuer-port.ts';
import { listenOnLoopback } from '../../../src/loopback/index.ts';

const ANY = { port: 0, what: 'issuer', portVariable: 'HEWN_ISSUER_PORT' };
const close = { handle: () => (_: unknown, response: { end: () => void }) => response.end() };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hewn-issuer-port-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('any free port is the one of the last run, so that its state stays valid', async () => {
  const folder = join(root, 'again');
  const first = await reserveIssuerPort(folder, ANY);
  expect(await reserveIssuerPort(folder, ANY)).toBe(first);
});

test('any free port is another one while the last one is in use', async () => {
  const folder = join(root, 'taken');
  const first = await reserveIssuerPort(folder, ANY);
  const other = await listenOnLoopback({ ...ANY, port: first, ...close });
  try {
    expect(await reserveIssuerPort(folder, ANY)).not.toBe(first);
  } finally {
    await other.close();
  }
});

test('a stated port is taken, or is an error', async () => {
  const folder = join(root, 'stated');
  const other = await listenOnLoopback({ ...ANY, ...close });
  const port = Number(new URL(other.url).port);
  await expect(reserveIssuerPort(folder, { ...ANY, port })).rejects.toThrow('HEWN_ISSUER_PORT');
  await other.close();
  expect(await reserveIssuerPort(folder, { ...ANY, port })).toBe(port);
});

test('a damaged note of the last port counts as none', async () => {
  const folder = join(root, 'damaged');
  await reserveIssuerPort(folder, ANY);
  for (const text of ['', 'x', '-1', '70000']) {
    await writeFile(join(folder, 'issuer-port'), text);
    expect(await reserveIssuerPort(folder, ANY)).toBeGreaterThan(0);
  }
});

test('each issuer has a state of its own: its URL is in the feed', () => {
  expect(stateFolderOf('a', 8788)).not.toBe(stateFolderOf('a', 8789));
});
