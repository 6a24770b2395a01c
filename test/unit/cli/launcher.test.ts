import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Command } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { readProjectFile } from '../docs/markdown.ts';
import { hewn } from './scene.ts';

test('the built command passes on words, output and exit code', async () => {
  const { bin } = JSON.parse(await readProjectFile('package.json'));
  const launched = (...words: string[]) =>
    spawnSync('node', [bin.hewn, ...words], { encoding: 'utf8' });
  const tested = launched('policy', 'test');
  expect([tested.status, tested.stdout.trimEnd().split('\n').at(-1)]).toEqual([
    ...[0, '18 passed, 0 failed'],
  ]);
  expect(launched('policy', 'explain').status).toBe(2);
});

test.each(COMMANDS.map(({ name }) => name))('%s has help with examples', async (name) => {
  const { code, out } = await hewn([...name.split(' '), '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^Usage: hewn ${name} `));
  expect(out).toMatch(new RegExp(`^ {2}(?:.*\\| *\\n *)?.*hewn ${name}`, 'm'));
  expect(out).toMatch(/Exit codes:\n {2}0 /);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(103);
  expect((await hewn(['--help'])).out).toContain(`hewn ${name}`);
});

test('every command that a file defines is in the list of commands once', async () => {
  const folder = join(import.meta.dirname, '../../../src/cli');
  const files = (await readdir(folder, { recursive: true })).filter((name) =>
    /\/.*\.ts$/.test(name),
  );
  const modules = await Promise.all(files.map((name) => import(join(folder, name))));
  const defined = modules
    .flatMap((module) => Object.values(module as Record<string, Partial<Command>>))
    .filter((value) => typeof value === 'object' && 'summary' in value && 'run' in value);
  // It completes the others, so it is defined beside their list.
  const names = new Set([...defined.map(({ name }) => name), 'completion']);
  expect(COMMANDS.map(({ name }) => name).sort()).toEqual([...names].sort());
});

test('an unknown command exits with 2, and prints the list of commands', async () => {
  expect(await hewn([])).toMatchObject({ code: 2, out: '' });
  expect((await hewn(['policy', 'tset'])).err).toContain('unknown command "policy tset"');
  expect(await hewn(['keys', '--help'])).toMatchObject({ code: 0, err: '' });
});

test('no file loads, at its start, a module that Node 20 does not have', async () => {
  const folder = join(import.meta.dirname, '../../../src');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  for (const name of files) {
    const text = await readFile(join(folder, name), 'utf8');
    expect(text, name).not.toMatch(/^import (?!type ).*'node:(?:sqlite|sea|test)/m);
  }
});
