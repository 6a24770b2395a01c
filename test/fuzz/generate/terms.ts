/** Terms as Datalog text, of a wanted type. The pools are small, so that terms are often equal. */
import type { Random } from './random.ts';

export const TYPES = [
  'integer',
  'string',
  'date',
  'bytes',
  'bool',
  'null',
  'integers',
  'strings',
  'array',
  'map',
] as const;

/** `integers` and `strings` are sets. */
export type Type = (typeof TYPES)[number];

const INTEGERS = [
  '0',
  '1',
  '2',
  '3',
  '-1',
  '7',
  '100',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
] as const;

const STRINGS = [
  '',
  'a',
  'b',
  'read',
  'write',
  'file1',
  '/a/b',
  '/a/b/c',
  'h\u00e9llo',
  '\u{1f600}',
  'x y',
  'time',
  '\ufeffa',
] as const;

const DATES = [
  '1970-01-01T00:00:00Z',
  '2020-02-29T12:00:00Z',
  '2024-01-01T00:00:00+01:00',
  '2023-12-31T23:00:00Z',
  '2038-01-19T03:14:08Z',
] as const;

const BYTES = ['hex:00', 'hex:00ff', 'hex:deadbeef', 'hex:00FF'] as const;

/** Patterns that all regular expression engines read alike. */
const PATTERNS = [
  'a',
  '^a$',
  '^/a/',
  'b/c$',
  '^[a-z]+$',
  '^(read|write)$',
  '^.$',
  'l{2}',
  '[0-9]',
  '^$',
  'a.*c',
  '(x|y| )+',
] as const;

export const patternText = (random: Random): string => `"${random.pick(PATTERNS)}"`;

const mostly = (random: Random): string =>
  random.chance(0.85) ? String(random.below(4)) : random.pick(INTEGERS);

function set(random: Random, item: () => string): string {
  if (random.chance(0.08)) return '{,}';
  return `{${random.list(1, 3, item).join(', ')}}`;
}

const text = (random: Random): string => `"${random.pick(STRINGS)}"`;

const scalar = (random: Random): string =>
  termText(random, random.pick(['integer', 'string', 'date', 'bytes', 'bool', 'null']), 0);

const entry = (random: Random, depth: number): string => {
  const key = random.chance(0.7) ? text(random) : mostly(random);
  return `${key}: ${anyTerm(random, depth)}`;
};

function anyTerm(random: Random, depth: number): string {
  return depth > 0 && random.chance(0.3)
    ? termText(random, random.pick(TYPES), depth)
    : scalar(random);
}

/** Returns a term without variables. `depth` limits the nesting of arrays and maps. */
export function termText(random: Random, type: Type, depth = 2): string {
  switch (type) {
    case 'integer':
      return mostly(random);
    case 'string':
      return text(random);
    case 'date':
      return random.pick(DATES);
    case 'bytes':
      return random.pick(BYTES);
    case 'bool':
      return random.pick(['true', 'false']);
    case 'null':
      return 'null';
    case 'integers':
      return set(random, () => mostly(random));
    case 'strings':
      return set(random, () => text(random));
    case 'array':
      return `[${random.list(0, 3, () => anyTerm(random, depth - 1)).join(', ')}]`;
    case 'map':
      // Not empty: the reference reads `{}` in a fact as the start of a set.
      return `{${random.list(1, 3, () => entry(random, depth - 1)).join(', ')}}`;
  }
}
