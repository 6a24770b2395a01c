import { describe, expect, test } from 'vitest';
import { BLOCKS, FILES, renderPage, rewritePage } from '../../../scripts/docs/index.ts';
import { markdownTable } from '../../../scripts/docs/table.ts';
import { documents, readProjectFile } from './markdown.ts';

const START = '<!-- generated: fruit by npm run docs -->';
const END = '<!-- end: fruit -->';
const page = (...middle: readonly string[]): string => ['before', ...middle, 'after'].join('\n');
const fruit = new Map([['fruit', 'apple']]);

describe('generated parts of the documentation', () => {
  const pages = [...new Set(BLOCKS.map((block) => block.page))];

  test.each(pages)('%s is in step with the code (if this fails: npm run docs)', async (path) => {
    const { current, expected } = await renderPage(path);
    expect(expected.ok ? expected.value === current : expected.error, 'run npm run docs').toBe(
      true,
    );
  });

  test.each(FILES)('$path is in step with the code (if this fails: npm run docs)', async (file) => {
    expect((await readProjectFile(file.path)) === file.render(), 'run npm run docs').toBe(true);
  });

  test('a page without renderers has no markers', async () => {
    for (const path of await documents()) {
      if (pages.includes(path)) continue;
      expect([path, rewritePage(await readProjectFile(path), new Map()).ok]).toEqual([path, true]);
    }
  });

  test('a page has at most one block of each name', () => {
    const names = BLOCKS.map((block) => `${block.page} ${block.block}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('rewritePage', () => {
  test('replaces only the text between the markers', () => {
    expect(rewritePage(page(START, 'pear', '', 'plum', END), fruit)).toEqual({
      ok: true,
      value: page(START, '', 'apple', '', END),
    });
  });

  test('is idempotent', () => {
    const once = rewritePage(page(START, END), fruit);
    if (!once.ok) throw new Error(once.error.code);
    expect(rewritePage(once.value, fruit)).toEqual(once);
  });

  test.each([
    ['a marker without a renderer', page(START, END), new Map(), 'renderer_missing'],
    ['a renderer without a marker', page('text'), fruit, 'marker_missing'],
    ['a repeated block', page(START, END, START, END), fruit, 'marker_repeated'],
    ['a start without an end', page(START, 'pear'), fruit, 'marker_unpaired'],
    ['an end without a start', page('pear', END), fruit, 'marker_unpaired'],
    ['a start inside a block', page(START, START, END), fruit, 'marker_unpaired'],
  ])('refuses %s', (_, text, rendered, code) => {
    expect(rewritePage(text, rendered)).toEqual({ ok: false, error: { code, block: 'fruit' } });
  });
});

test('markdownTable escapes characters that would end a cell or a row', () => {
  expect(markdownTable(['a', 'b'], [['x|y', 'two\n  lines']])).toBe(
    '| a | b |\n|---|---|\n| x\\|y | two lines |',
  );
});
