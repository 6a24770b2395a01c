// cspell:disable
import { expect, test } from 'vitest';
import { lookOf } from '../../src/look-alike.ts';

test.each([
  ['read_file', 'Read-File'],
  ['read_file', 'readFile'],
  ['send', 'ѕеnd'],
  ['search', 'se\u200barch'],
  ['pay', 'рау'],
  ['list', '1ist'],
  ['list', 'Iist'],
  ['post', 'p0st'],
  ['resume', 'résumé'],
  ['fetch', 'ｆｅｔｃｈ'],
])('%s and %s look alike', (one, other) => {
  expect(lookOf(one)).toBe(lookOf(other));
});

test.each([
  ['send', 'sent'],
  ['read', 'read2'],
])('%s and %s do not', (one, other) => {
  expect(lookOf(one)).not.toBe(lookOf(other));
});
