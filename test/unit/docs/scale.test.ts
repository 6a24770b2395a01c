import { describe, expect, test } from 'vitest';
import { readProjectFile } from './markdown.ts';

/**
 * Compares the text of docs/explanation/scale.md with the output that it shows. test/simulation
 * checks that output.
 */
const page = await readProjectFile('docs/explanation/scale.md');
const printed = [...page.matchAll(/^```text\n\$ npm run simulate(?: -- (.*))?\n([\s\S]*?)^```$/gm)];
const section = (title: string): string =>
  page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';

describe('a number of its text', () => {
  const shown = printed.map(([, , block = '']) => block.replaceAll(',', '')).join('\n');
  // Inputs of the simulation, and limits of the platform and of src/limits.ts.
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
      // The price of that many requests per second, in a month of 30 days.
      const prices = rounded.map((perSecond) => (perSecond * 30 * 86_400 * 0.15) / 1e6);
      const isPrinted = [...rounded, ...prices].some((one) => Math.round(one) === Number(number));
      expect(isPrinted, number).toBe(true);
    },
  );
});
