import { describe, expect, test } from 'vitest';
import {
  manyWords,
  NOTHING_FOUND,
  reached,
  selectorOf,
  withPart,
} from '../../../src/console/now/stop-many.ts';

const part = {
  matched: [
    { id: 'a', task: 'report', owner: 'team:growth' },
    { id: 'b', task: 'invoices', owner: 'team:finance' },
  ],
  done: [{ id: 'a' }],
  skipped: [{ id: 'b', words: 'You suspend for team:growth.' }],
  next: 'recent:1:b',
};

describe('stopping what a list matches', () => {
  test('lists first what would stop, and what is left alone and why', () => {
    const found = withPart(NOTHING_FOUND, part, true);
    expect(found.next).toBe('recent:1:b');
    expect(found.rows).toEqual([
      { id: 'a', task: 'report', owner: 'team:growth', standing: 'will stop' },
      {
        id: 'b',
        task: 'invoices',
        owner: 'team:finance',
        standing: 'left alone',
        why: 'You suspend for team:growth.',
      },
    ]);
    expect(reached(found)).toBe(1);
    expect(manyWords({ owner: 'team:growth', show: 'running' }, found)).toBe(
      'The list matches running, owner team:growth. 1 of 2 are left alone, for the reasons below. Nothing has been done yet.',
    );
  });

  test('adds parts until there is no next one', () => {
    const { next: _, ...last } = { ...part, matched: [{ id: 'c' }], skipped: [] };
    const found = withPart(withPart(NOTHING_FOUND, part, false), last, false);
    expect(found.rows.map(({ id, standing }) => [id, standing])).toEqual([
      ['a', 'stopped'],
      ['b', 'left alone'],
      ['c', 'stopped'],
    ]);
    expect(found.next).toBeUndefined();
    expect(manyWords({}, NOTHING_FOUND)).toBe(
      'The list matches every running workflow. Nothing has been done yet.',
    );
  });

  test('stops only what runs', () => {
    expect(selectorOf({ owner: 'team:growth' })).toEqual({ owner: 'team:growth', show: 'running' });
    expect(selectorOf({ show: 'denied' })).toEqual({ show: 'denied' });
    expect(selectorOf({ show: 'stopped' })).toBeUndefined();
  });
});
