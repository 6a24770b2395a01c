import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { projectFile, readProjectFile } from './markdown.ts';

/** docs/scale.md against the script whose output it shows. */
const page = await readProjectFile('docs/scale.md');
const printed = [...page.matchAll(/^```text\n\$ npm run simulate(?: -- (.*))?\n([\s\S]*?)^```$/gm)];
const section = (title: string): string =>
  page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';

const simulate = async (args: readonly string[]) => {
  const script = projectFile('scripts/simulate-feed.ts');
  return (await promisify(execFile)(process.execPath, [script, ...args])).stdout;
};

test('there is output to hold it to', () => {
  expect(printed.map(([, args]) => args)).toEqual([undefined, '--scenarios']);
});

test.each(printed.map(([, args = '', block = '']) => [args, block]))(
  'npm run simulate -- %s prints what docs/scale.md shows',
  async (args, block) => {
    const now = await simulate(args.split(' ').filter((arg) => arg !== ''));
    expect(now.trimEnd()).toBe(block.trimEnd());
  },
  180_000,
);

describe('a number of its text', () => {
  const shown = printed.map(([, , block = '']) => block.replaceAll(',', '')).join('\n');
  // What it begins with, and limits of the platform and of src/limits.ts.
  const given = new Set(['10000', '86400', '250000', '32768', '1000', '204800', '5000']);
  const titles = [
    'In short',
    'The arithmetic',
    'Deployments',
    'When to raise',
    'What confirmations',
  ];
  const numbers = titles
    .map((title) => section(title).replaceAll(/```[\s\S]*?```/g, ''))
    .flatMap((text) => [...text.matchAll(/(?<![\d,.])\d{1,3}(?:,\d{3})+/g)])
    .map(([number]) => number.replaceAll(',', ''));

  test('is found', () => expect(numbers.length).toBeGreaterThan(8));

  test.each([...new Set(numbers)].filter((number) => !given.has(number)))(
    '%s is one that the simulation printed, or the price of one',
    (number) => {
      const rounded = [...shown.matchAll(/\d+(?:\.\d+)?/g)].map(([one]) => Number(one));
      // Of so many requests a second, in a month of 30 days.
      const prices = rounded.map((perSecond) => (perSecond * 30 * 86_400 * 0.15) / 1e6);
      const isPrinted = [...rounded, ...prices].some((one) => Math.round(one) === Number(number));
      expect(isPrinted, number).toBe(true);
    },
  );
});

test('the help names every option, and a wrong one is refused', async () => {
  const help = await simulate(['--help']);
  for (const option of ['--verifiers', '--locations', '--shards', '--json', '--scenarios']) {
    expect(help).toContain(option);
  }
  for (const wrong of [['--verifiers', 'many'], ['--stopped-share', '2'], ['--other']]) {
    await expect(simulate(wrong)).rejects.toMatchObject({ code: 2 });
  }
});
