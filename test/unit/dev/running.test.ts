import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockRun } from '../../../src/dev/running.ts';
import { readRunning, runningIssuer } from '../../../src/dev-run.ts';

/** Larger than the largest process id of Linux. */
const NO_PROCESS = 2 ** 22 + 1;
const RUN = { issuer: 'http://a', tokenEndpoint: 'http://b/token', audiences: ['http://c'] };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-running-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('a second run in a folder is refused with the process of the first', async () => {
  const first = await lockRun(home);
  const second = await lockRun(home);
  expect(second).toMatchObject({ ok: false, error: expect.stringContaining(`${process.pid}`) });
  if (first.ok) await first.value.release();
  expect((await lockRun(home)).ok).toBe(true);
});

test('a run tells other commands where it is, in a file for its owner alone', async () => {
  const lock = await lockRun(home);
  if (!lock.ok) throw new Error(lock.error);
  expect(await readRunning(home)).toEqual({ pid: process.pid });
  await lock.value.announce(RUN);
  expect(await readRunning(home)).toEqual({ pid: process.pid, run: RUN });
  expect(runningIssuer(home)).toBe('http://a');
  expect((await stat(join(home, '.hewn/dev/running.json'))).mode & 0o777).toBe(0o600);
  await lock.value.release();
  expect(await readRunning(home)).toBeUndefined();
  expect(runningIssuer(home)).toBeUndefined();
});

test('the file of a process that ended counts as none', async () => {
  await mkdir(join(home, '.hewn/dev'), { recursive: true });
  await writeFile(join(home, '.hewn/dev/running.json'), JSON.stringify({ pid: NO_PROCESS }));
  expect(await readRunning(home)).toBeUndefined();
  expect((await lockRun(home)).ok).toBe(true);
});
