import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectFile, readProjectFile } from '../unit/docs/markdown.ts';

/** Compares docs/explanation/scale.md with the script whose output it quotes. */
const page = await readProjectFile('docs/explanation/scale.md');
const printed = [...page.matchAll(/^```text\n\$ npm run simulate(?: -- (.*))?\n([\s\S]*?)^```$/gm)];

const simulate = async (args: readonly string[]) => {
  const script = projectFile('scripts/simulate-feed.ts');
  return (await promisify(execFile)(process.execPath, [script, ...args])).stdout;
};

test('the page quotes output', () => {
  expect(printed.map(([, args]) => args)).toEqual([undefined, '--scenarios']);
});

test.each(printed.map(([, args = '', block = '']) => [args, block]))(
  'npm run simulate -- %s prints what docs/explanation/scale.md shows',
  async (args, block) => {
    const now = await simulate(args.split(' ').filter((arg) => arg !== ''));
    expect(now.trimEnd()).toBe(block.trimEnd());
  },
  180_000,
);

test('the help names every option, and an unknown one is refused', async () => {
  const help = await simulate(['--help']);
  for (const option of ['--verifiers', '--locations', '--shards', '--json', '--scenarios']) {
    expect(help).toContain(option);
  }
  for (const wrong of [['--verifiers', 'many'], ['--stopped-share', '2'], ['--other']]) {
    await expect(simulate(wrong)).rejects.toMatchObject({ code: 2 });
  }
});
