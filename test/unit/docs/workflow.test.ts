import { expect, test } from 'vitest';
import { OUT_OF_SCOPE, RULES, STEPS } from '../../../src/lifecycle/index.ts';
import { readProjectFile, tableRows } from './markdown.ts';

const page = await readProjectFile('docs/reference/workflow.md');
const section = (title: string): string =>
  page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';

test('the workflow page lists every transition, and who may cause it', () => {
  const [, ...documented] = tableRows(section('States'));
  expect(documented).toEqual(
    STEPS.map(({ from, move, to, by }) => [from, move, to, by.join(', ')]),
  );
});

test('the workflow page lists every rule with its action, and the out-of-scope codes', () => {
  const rules = tableRows(section('Deviation rules'));
  const [, ...documented] = rules.map(([rule, , action]) => [rule, action]);
  expect(documented).toEqual(RULES.map(({ id, action }) => [id, action]));
  for (const code of OUT_OF_SCOPE) expect(section('Deviation rules')).toContain(`\`${code}\``);
});
