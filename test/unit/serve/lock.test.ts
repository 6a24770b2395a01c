import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockState } from '../../../src/serve/lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const locked = async (place = folder) => {
  const lock = await lockState(place);
  if (!lock.ok) throw new Error(lock.error);
  return lock.value;
};

test('a second lock of a state folder is refused, and given after the first was released', async () => {
  const first = await locked(join(folder, 'new', 'state'));
  const second = await lockState(join(folder, 'new', 'state'));
  expect(second).toMatchObject({ ok: false, error: expect.stringContaining('another server') });
  await first.release();
  await (await locked(join(folder, 'new', 'state'))).release();
});

test('a program that the lock was given to keeps it until it ends', async () => {
  const lock = await locked();
  const [program, args] = await lock.handTo('cat', []);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write('started\n');
  await once(child.stdout, 'data');
  expect((await lockState(folder)).ok).toBe(false);
  const ended = once(child, 'exit');
  child.stdin.end();
  await ended;
  await (await locked()).release();
  await lock.release();
});
