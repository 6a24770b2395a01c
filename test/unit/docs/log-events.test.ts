import { expect, test } from 'vitest';
import { readSources } from '../architecture/source.ts';
import { readProjectFile, tableRows } from './markdown.ts';

/** Finds event names (`feed.refused`) where the code writes a log line. */
const EVENT =
  /(?:\bevent: |\b\w*[rR]eport\w*\??\.?\(\s*(?:[\w.#]+,\s*)?|(?<!\btype)[?:] )'([a-z]+(?:\.[a-z_]+)+)'/g;

test('the page of log events lists exactly the events in the code', async () => {
  const files = readSources('src', 'workers');
  // Examples of docstrings have names of tools in the same form.
  const code = files.map(({ text }) => text.replace(/\/\*[\s\S]*?\*\//g, ''));
  const found = new Set(code.flatMap((text) => [...text.matchAll(EVENT)].map(([, e]) => e)));
  const [, section = ''] = (await readProjectFile('docs/reference/log-events.md')).split(
    '| `event` |',
  );
  const [table = ''] = section.split('\n\n');
  const documented = tableRows(table).map(([event = '']) => event);
  expect(found.size).toBeGreaterThan(30);
  expect(documented.filter((event) => event.includes('.')).sort()).toEqual([...found].sort());
});
