import { expect, test } from 'vitest';
import { readSources } from '../architecture/source.ts';
import { readProjectFile, tableRows } from './markdown.ts';

/** Two words or more with a dot between, where a line of the log is written. */
const EVENT =
  /(?:\bevent: |\b\w*[rR]eport\w*\??\.?\(\s*(?:[\w.#]+,\s*)?|[?:] )'([a-z]+(?:\.[a-z_]+)+)'/g;

test('docs/reference/log-events.md has every event of the log, and no other', async () => {
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
