import { describe, expect, test } from 'vitest';
import { addressOf, filteredBy, readAddress } from '../../../src/console/frame/address.ts';

describe('an address of the console', () => {
  test.each([
    ['', 'now', [], ''],
    ['#/', 'now', [], ''],
    ['#/policy', 'policy', [], ''],
    ['#/w/wf_abc.def?only=denied', 'w', ['wf_abc.def'], 'only=denied'],
    ['#/who?by=tool&name=mcp%2Ffiles%2Fread', 'who', [], 'by=tool&name=mcp%2Ffiles%2Fread'],
    ['#/now?q=what%3F', 'now', [], 'q=what%3F'],
    ['#/w/100%', 'w', ['100%'], ''],
  ])('%j is read as page, rest and query', (hash, page, rest, query) => {
    const address = readAddress(hash);
    expect([address.page, address.rest, address.query.toString()]).toEqual([page, rest, query]);
  });

  test('has the same parts after writing and reading', () => {
    const hash = addressOf('who', ['a/b', 'c?d#e'], {
      name: 'x&y=z%',
      empty: '',
      absent: undefined,
    });
    const { page, rest, query } = readAddress(hash);
    expect([page, rest, [...query]]).toEqual(['who', ['a/b', 'c?d#e'], [['name', 'x&y=z%']]]);
  });

  test('keeps its other filters when one is changed or removed', () => {
    const address = readAddress('#/now?show=running&owner=team:growth');
    expect(filteredBy(address, { owner: '' })).toBe('#/now?show=running');
    expect(filteredBy(address, { q: 'alice' })).toBe(
      '#/now?show=running&owner=team%3Agrowth&q=alice',
    );
  });
});
