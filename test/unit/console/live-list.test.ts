import { describe, expect, test } from 'vitest';
import {
  changeRow,
  firstPage,
  newestPage,
  olderPage,
  ROWS_MAX,
  showHeld,
} from '../../../src/console/now/live-list.ts';

const row = (id: string, calls = 0) => ({ id, calls });
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).join(' ');
const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => row(`${name}${n}`));

describe('the live list of the page Now', () => {
  test('changes a row in place and lets a new one wait', () => {
    const list = newestPage(firstPage({ rows: [row('b'), row('a')], next: '7' }), [
      row('c'),
      row('b', 4),
    ]);
    expect(list.rows).toEqual([row('b', 4), row('a')]);
    expect(ids(list.held)).toBe('c');
    expect(list.next).toBe('7');
  });

  test('shows what waits at the top, and marks it', () => {
    const waiting = newestPage(firstPage({ rows: [row('a')], next: undefined }), [
      row('c'),
      row('b'),
      row('a'),
    ]);
    const list = showHeld(newestPage(waiting, [row('d'), row('c', 2)]));
    expect(ids(list.rows)).toBe('d c b a');
    expect(list.rows[1]).toEqual(row('c', 2));
    expect(list.held).toEqual([]);
    expect([...list.fresh]).toEqual(['d', 'c', 'b']);
  });

  test('shows the first rows at once if the list is empty', () => {
    const list = newestPage(firstPage<{ id: string }>({ rows: [], next: undefined }), [row('a')]);
    expect(ids(list.rows)).toBe('a');
    expect(list.held).toEqual([]);
  });

  test('adds older rows once, even if the list has moved in the meantime', () => {
    const list = olderPage(firstPage({ rows: [row('c'), row('b')], next: '2' }), {
      rows: [row('b'), row('a')],
      next: undefined,
    });
    expect(ids(list.rows)).toBe('c b a');
    expect(list.next).toBeUndefined();
  });

  test('keeps no more rows than its bound, and says that it has dropped some', () => {
    const full = firstPage({ rows: many(ROWS_MAX, 'a'), next: '9' });
    expect(full.isCut).toBe(false);
    const older = olderPage(full, { rows: many(2, 'o'), next: undefined });
    expect(older.rows).toHaveLength(ROWS_MAX);
    expect(older.isCut).toBe(true);
    const list = showHeld(newestPage(full, [row('new')]));
    expect(list.rows).toHaveLength(ROWS_MAX);
    expect(list.rows[0]?.id).toBe('new');
    expect(list.isCut).toBe(true);
    const flood = newestPage(firstPage({ rows: [row('x')], next: undefined }), many(900, 'n'));
    expect(flood.held).toHaveLength(ROWS_MAX);
  });

  test('changes or removes the row of one id', () => {
    const list = firstPage({ rows: [row('b'), row('a')], next: undefined });
    expect(changeRow(list, 'a', row('a', 3)).rows).toEqual([row('b'), row('a', 3)]);
    expect(ids(changeRow(list, 'b', undefined).rows)).toBe('a');
    expect(changeRow(list, 'z', row('z')).rows).toEqual(list.rows);
  });
});
