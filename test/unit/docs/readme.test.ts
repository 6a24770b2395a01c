import { expect, test } from 'vitest';
import { codeLines, fences, readProjectFile } from './markdown.ts';

const EXAMPLES = ['agent.ts', 'verifier.ts', 'operator.ts', 'read-summaries.datalog'];
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
