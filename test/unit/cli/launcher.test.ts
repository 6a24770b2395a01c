import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/run.ts';
import { readProjectFile } from '../docs/markdown.ts';
import { hewn } from './scene.ts';

test('the launcher hands on words, output and exit code', () => {
  const launched = (...words: string[]) =>
    spawnSync('node', ['src/cli/hewn.mjs', ...words], { encoding: 'utf8' });
  const tested = launched('policy', 'test');
  expect([tested.status, tested.stdout.trimEnd().split('\n').at(-1)]).toEqual([
    ...[0, '18 passed, 0 failed'],
  ]);
  expect(launched('policy', 'explain').status).toBe(2);
});

test('npx finds it', async () => {
  const { bin } = JSON.parse(await readProjectFile('package.json'));
  expect(bin).toEqual({ hewn: './src/cli/hewn.mjs' });
});

test.each(COMMANDS.map(({ name }) => name))('%s has help with examples', async (name) => {
  const { code, out } = await hewn([...name.split(' '), '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^hewn ${name} `));
  expect(out).toMatch(new RegExp(`^ {2}(?:.*\\| *\\n *)?.*hewn ${name}`, 'm'));
  expect(out).toContain('Exit code: 0');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(103);
  expect((await hewn(['--help'])).out).toContain(`hewn ${name}`);
});

test('what is no command is told so', async () => {
  expect(await hewn([])).toMatchObject({ code: 2, out: '' });
  expect((await hewn(['policy', 'tset'])).err).toContain('no command "policy tset"');
  expect(await hewn(['keys', '--help'])).toMatchObject({ code: 0, err: '' });
});
