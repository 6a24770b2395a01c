import { expect, test } from 'vitest';
import { AUTHORITY_PREDICATES } from '../../../src/capability/authority.ts';
import { readProjectFile, tableUnder } from './markdown.ts';

test('the documentation has every fact of the authority block, with its terms', async () => {
  const page = await readProjectFile('docs/reference/token-endpoint.md');
  const rows = tableUnder(page, '## The authority block');
  const terms = [...rows].slice(1).map(([fact, [, types = '']]) => [fact, types.split(',').length]);
  expect(Object.fromEntries(terms)).toEqual(AUTHORITY_PREDICATES);
});
