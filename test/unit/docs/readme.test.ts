import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { codeLines, fences, projectFile, readProjectFile, relativeLinks } from './markdown.ts';

const EXAMPLES = ['agent.ts', 'verifier.ts', 'operator.ts', 'read-summaries.datalog'];
const DOCUMENTS = [
  'README.md',
  'SECURITY.md',
  ...[
    'architecture',
    'conformance',
    'dependencies',
    'fuzzing',
    'operations',
    'policy',
    'scale',
    'signals',
    'storage',
    'threat-model',
  ].map((name) => `docs/${name}.md`),
];

/** Whether `part` stands in `whole`, line after line. */
const contains = (whole: readonly string[], part: readonly string[]): boolean =>
  whole.some((_, at) => part.every((line, offset) => whole[at + offset] === line));

test("every block of code in the README is an example's own text", async () => {
  const examples = await Promise.all(
    EXAMPLES.map(async (name) => codeLines(await readProjectFile(`examples/${name}`))),
  );
  const blocks = fences(await readProjectFile('README.md')).filter(
    ({ language }) => language !== 'text',
  );
  expect(blocks.length).toBe(EXAMPLES.length);
  for (const { lines } of blocks) {
    expect(lines.length).toBeGreaterThan(1);
    expect([lines, examples.some((example) => contains(example, lines))]).toEqual([lines, true]);
  }
});

test.each(DOCUMENTS)('%s links to what is there', async (document) => {
  for (const link of relativeLinks(await readProjectFile(document))) {
    await expect(access(projectFile(join(dirname(document), link)))).resolves.toBeUndefined();
  }
});

test.each(DOCUMENTS)('%s names no file that is not there', async (document) => {
  const text = await readProjectFile(document);
  const ours = /^(?:src|workers|scripts|policy|test|examples|docs)\/.+\.(?:ts|toml|datalog|md)$/;
  for (const [, path = ''] of text.matchAll(/`([\w./-]+)`/g)) {
    if (!ours.test(path)) continue;
    await expect(access(projectFile(path)), path).resolves.toBeUndefined();
  }
});
