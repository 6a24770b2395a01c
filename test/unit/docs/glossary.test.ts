import { describe, expect, test } from 'vitest';
import { documents, readProjectFile } from './markdown.ts';

const glossary = await readProjectFile('docs/glossary.md');
const terms = [...glossary.matchAll(/<a id="([\w-]+)"><\/a>\*\*(.+?)\*\*: (.+)/g)].map(
  ([, id = '', term = '', definition = '']) => ({ id, term, definition }),
);

/** Terms that are also plain English. A guide links them where they are new to the reader. */
const EVERYDAY = new Set(
  'action agent ancestor attenuation block decision entry head holder intent lease mint outcome owner proof record refusal step subject tool'.split(
    ' ',
  ),
);

const guides = (await documents()).filter((path) => path.startsWith('docs/guides/'));

/** Returns the prose of a page: no code, no headings, no tables. */
const proseOf = (markdown: string): string =>
  markdown
    .replace(/^ *```[\s\S]*?^ *```$/gm, '')
    .replace(/^(?:#|\||\s*\|).*$/gm, '')
    .replace(/`[^`]*`/g, '');

/** Returns the terms that the prose uses before, or without, a link to the glossary. */
function unlinked(markdown: string): readonly string[] {
  const paragraphs = proseOf(markdown).split(/\n\n|\n(?= *\* )/);
  return terms
    .filter(({ id }) => !EVERYDAY.has(id))
    .filter(({ id, term }) => {
      const word = new RegExp(`(?<![-\\w])${term.replaceAll(' ', '\\s+')}s?(?![-\\w])`, 'i');
      const first = paragraphs.find((text) => word.test(text.replace(/\]\([^)]*\)/g, ']')));
      // A term that is the text of a link to its own page needs no second link.
      const isLink = new RegExp(`\\[[^\\]]*${term.replaceAll(' ', '\\s+')}[^\\]]*\\]\\(`, 'i');
      return first !== undefined && !first.includes(`glossary.md#${id})`) && !isLink.test(first);
    })
    .map(({ id }) => id);
}

describe('the glossary', () => {
  test('lists its terms alphabetically, each in a short definition', () => {
    const names = terms.map(({ term }) => term.toLowerCase());
    expect(names.length).toBeGreaterThan(40);
    expect(names).toEqual([...names].sort());
    for (const { definition } of terms) expect(definition).toMatch(/^.{10,180}\.$/);
  });

  test.each(guides)('%s links each term where it first uses it', async (path) => {
    expect(unlinked(await readProjectFile(path))).toEqual([]);
  });

  test('the test of the links detects a term that is linked too late', () => {
    expect(unlinked('A watermark.\n\nA [watermark](../glossary.md#watermark).')).toEqual([
      'watermark',
    ]);
    expect(unlinked('A [watermark](../glossary.md#watermark) and `sink`.')).toEqual([]);
  });
});
