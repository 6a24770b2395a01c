import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { jsonColumn } from '../../../workers/issuer/platform/json-column.ts';
import { readSources } from '../architecture/source.ts';

const first = v.looseObject({ name: v.string() });
const COLUMN = jsonColumn<{ name: string; n: number }>('thing.body', [
  v.pipe(
    first,
    v.transform(({ name }) => ({ name, n: 0 })),
  ),
  v.looseObject({ name: v.string(), n: v.number() }),
]);

describe('a JSON column', () => {
  test('reads a value without a version, as release 0.1.0 wrote it, as version 1', () => {
    expect(COLUMN.read('{"name":"a"}')).toEqual({ name: 'a', n: 0 });
    expect(jsonColumn<readonly string[]>('x', [v.array(v.string())]).read('["a"]')).toEqual(['a']);
  });

  test('reads the next version before any release writes it', () => {
    expect(COLUMN.read('{"v":2,"value":{"name":"a","n":3}}')).toEqual({ name: 'a', n: 3 });
    expect(COLUMN.write({ name: 'a', n: 3 })).toBe('{"name":"a","n":3}');
    const next = jsonColumn<{ name: string }>('thing.body', [first, first], 2);
    expect(next.write({ name: 'a' })).toBe('{"v":2,"value":{"name":"a"}}');
    expect(next.read(next.write({ name: 'a' }))).toEqual({ name: 'a' });
  });

  test('keeps members that its schema does not name, because records are hashed as written', () => {
    const body = jsonColumn<{ name: string }>('thing.body', [first]);
    expect(body.read('{"name":"a","later":[1]}')).toEqual({ name: 'a', later: [1] });
  });

  test.each([
    ['with an unknown version', '{"v":3,"value":{"name":"a"}}', 'has version 3'],
    ['with a malformed member', '{"name":7,"secret":"s3cret"}', 'name is malformed'],
    ['of another type', '"s3cret"', 'the value is malformed'],
    ['that is not JSON', '{"secret":"s3cret"', 'is not JSON'],
    ['that is missing', null, 'the value is malformed'],
  ])('rejects a value %s with an error that names the column and not the value', (_, text, why) => {
    expect(() => COLUMN.read(text)).toThrow(why);
    expect(() => COLUMN.read(text)).toThrow('thing.body');
    expect(() => COLUMN.read(text)).not.toThrow('s3cret');
  });

  test('is the only way in which the issuer parses JSON of a row', () => {
    const read = readSources('workers/issuer')
      .filter(
        ({ path, text }) =>
          !path.endsWith('/json-column.ts') && /JSON\.parse\((String\(|row|text\) as)/.test(text),
      )
      .map(({ path }) => path);
    expect(read).toEqual([]);
  });
});
