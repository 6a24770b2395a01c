import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { CONSTRAINT_EXAMPLES } from '../../../scripts/docs/constraint-kinds.ts';
import { blockBytes, printBlock } from '../../../src/biscuit/index.ts';
import { writeConstraints } from '../../../src/capability/constraints/index.ts';
import { DatalogWriter, toBlock } from '../../../src/capability/datalog.ts';
import {
  lintConstraint,
  parseArgumentConstraints,
  parseConstraint,
} from '../../../src/capability/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

let page = '';
beforeAll(async () => {
  page = await readFile('docs/reference/constraints.md', 'utf8');
});

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

test('the example of docs/reference/constraints.md compiles to the checks below it', () => {
  const [, json = '', bytes = '', datalog = ''] =
    /```json\n([^`]*)```[^`]*`grant[^`]*`; (\d+) bytes[^`]*```\n([^`]*)```/.exec(page) ?? [];
  const constraints = unwrap(parseArgumentConstraints(JSON.parse(json)));
  const checks = unwrap(writeConstraints(new DatalogWriter(), 'bank.send', constraints));
  const block = toBlock(checks.done());
  expect(flat(printBlock(block))).toBe(flat(datalog));
  expect(blockBytes(block)).toBe(Number(bytes));
  for (const constraint of Object.values(constraints.constraints)) {
    expect(lintConstraint(constraint)).toEqual([]);
  }
});

test.each(CONSTRAINT_EXAMPLES)(
  'the example of %s in the documentation is one of its kind',
  (kind, example) => {
    expect(Object.keys(example)).toEqual([kind]);
    expect(parseConstraint(example)).toEqual({ ok: true, value: example });
  },
);
