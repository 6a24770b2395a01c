import { expect, test } from 'vitest';
import { lockRun } from '../../../src/dev/running.ts';
import { emptyFolder, hewn } from './scene.ts';

const RUN = { issuer: 'http://a', tokenEndpoint: 'http://b/token', audiences: ['http://c'] };

test.each(['dev', 'dev token', 'init'])('hewn %s refuses a second folder', async (name) => {
  const { code, err } = await hewn([...name.split(' '), 'a', 'b']);
  expect([code, err]).toEqual([2, expect.stringContaining('unexpected argument "b"')]);
});

test('hewn dev names the file that it misses', async () => {
  await using folder = await emptyFolder();
  const { code, err } = await hewn(['dev'], { cwd: folder.path });
  expect([code, err]).toEqual([2, expect.stringContaining('there is no hewn.toml. Name the')]);
});

test('hewn dev token says what it needs: a name, a run that is up, and one of its audiences', async () => {
  await using folder = await emptyFolder();
  const token = async (...words: string[]) =>
    (await hewn(['dev', 'token', ...words], { cwd: folder.path })).err;
  expect(await token()).toContain('pass --user, --agent or both');
  const lock = await lockRun(folder.path);
  if (!lock.ok) throw new Error(lock.error);
  expect(await token('--user', 'alice')).toContain('hewn dev is still starting');
  await lock.value.announce(RUN);
  const other = await token('--user', 'alice', '--audience', 'http://d');
  expect(other).toContain('--audience must be one of: http://c');
});
