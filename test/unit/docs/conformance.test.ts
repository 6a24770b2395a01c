import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { projectFile, readProjectFile, tableRows } from './markdown.ts';

// The last section has results of a suite, which test/product/mcp-conformance.test.ts checks.
const [document = ''] = (await readProjectFile('docs/reference/conformance.md')).split(
  '\n## The MCP conformance suites',
);
const rows = tableRows(document).filter(([first]) => first !== 'section' && first !== 'number');
const isOpen = (test = '') => /^(out of scope|not met): /.test(test);

const STANDARDS = [
  ...['RFC 8693', 'RFC 9396', 'RFC 9449', 'RFC 7523', 'RFC 7662', 'RFC 7009', 'RFC 8414'],
  ...['RFC 9728', 'JWT-SVID', 'Failures of other systems'],
];
/** The black-box suites, in which every test covers a requirement. */
const SUITES = ['test/e2e/conformance', 'test/e2e/peers'];

/** The first text of each `test(` and `test.each(...)(`, as it is written. */
function testNames(source: string): readonly string[] {
  const names = [
    ...source.matchAll(/\btest(?:\.each\((?:\w+|\[[^\]]*\])\))?\(\s*(['"])((?:(?!\1).)*)\1/g),
  ].map(([, , name = '']) => name);
  // A test that this cannot read is one that the table cannot be held to.
  expect(names).toHaveLength([...source.matchAll(/\btest(?:\.\w+)?\(/g)].length);
  return names;
}

const isLiteral = (source: string, name: string) =>
  [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => source.includes(literal));

describe('docs/reference/conformance.md', () => {
  test.each(STANDARDS)('has a table for %s', (standard) => {
    const [, section = ''] = document.split(`\n## ${standard}`);
    expect(tableRows(section.split('\n## ')[0] ?? '').length).toBeGreaterThan(10);
  });

  test('names an existing test in each row, or the reason for having none', async () => {
    expect(rows.length).toBeGreaterThan(150);
    for (const row of rows) {
      const [, requirement = '', file = '', name = ''] = row;
      expect([requirement, row.length]).toEqual([requirement, 4]);
      if (isOpen(file)) {
        expect([requirement, name, file.length > 30]).toEqual([requirement, '', true]);
        continue;
      }
      const source = await readProjectFile(file);
      expect([requirement, name, isLiteral(source, name)]).toEqual([requirement, name, true]);
    }
  });

  test.each(SUITES)('has a row for each test of %s', async (folder) => {
    const files = (await readdir(projectFile(folder))).filter((file) => file.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(2);
    const named = new Set(rows.map(([, , file, name]) => `${file} ${name}`));
    for (const file of files) {
      const path = `${folder}/${file}`;
      const missing = testNames(await readProjectFile(path)).filter(
        (name) => !named.has(`${path} ${name}`),
      );
      expect([path, missing]).toEqual([path, []]);
    }
  });
});
