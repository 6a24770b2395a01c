import { describe, expect, test } from 'vitest';
import { chips, filterHref, filterWords, readFilter } from '../../../src/console/now/filter.ts';

const read = (query: string) => readFilter(new URLSearchParams(query));

describe('the filter of the page Now', () => {
  test('reads its own addresses', () => {
    const filter = read('show=denied&q=churn&owner=team%3Agrowth&from=2026-11-28T10%3A00%3A00Z');
    expect(filter).toEqual({
      show: 'denied',
      q: 'churn',
      owner: 'team:growth',
      from: '2026-11-28T10:00:00Z',
    });
    expect(filterHref(filter)).toBe(
      '#/now?show=denied&q=churn&owner=team%3Agrowth&from=2026-11-28T10%3A00%3A00Z',
    );
  });

  test('leaves out what the page does not have', () => {
    expect(read('show=everything&q=%20&nonsense=1&owner=')).toEqual({});
    expect(read('show=constructor')).toEqual({});
    expect(filterHref({})).toBe('#/now');
  });

  test('keeps the rest of the filter if one member changes', () => {
    const filter = read('show=running&q=churn&owner=team:growth');
    expect(filterHref(filter, { show: 'stopped' })).toBe(
      '#/now?show=stopped&q=churn&owner=team%3Agrowth',
    );
    expect(filterHref(filter, { show: undefined, q: undefined })).toBe('#/now?owner=team%3Agrowth');
  });

  test('offers to remove each filter that is neither a tab nor the search', () => {
    const filter = read('show=running&q=churn&owner=team:growth&code=no_grant');
    expect(chips(filter)).toEqual([
      { text: 'owner team:growth', without: '#/now?show=running&q=churn&code=no_grant' },
      { text: 'code no_grant', without: '#/now?show=running&q=churn&owner=team%3Agrowth' },
    ]);
  });

  test('states the filter in words', () => {
    expect(filterWords(read('show=denied&q=churn&owner=team:growth'))).toBe(
      'with denials, “churn”, owner team:growth',
    );
    expect(filterWords({})).toBe('');
  });
});
