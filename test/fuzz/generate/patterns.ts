/** Regular expressions in Rust's syntax, and texts that they may match. */
import type { Random } from './random.ts';

const LITERALS = [
  'a',
  'b',
  'c',
  'k',
  'A',
  'B',
  'K',
  '0',
  '9',
  '_',
  '-',
  ' ',
  '/',
  '\u00e9',
  '\u017f',
  '\u212a',
  '\u0661',
  '\u{1f600}',
  '\u0131',
  '\u0130',
  '\u01c5',
  '\u1fb3',
  '\u{10940}',
  '\n',
] as const;
const CLASSES = [
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\pL',
  '\\p{Lu}',
  '\\P{L}',
  '\\p{Lt}',
  '\\P{Lu}',
  '\\p{Cn}',
  '[A-Z]',
  '[^a-z]',

  '[[:alpha:]]',
  '[[:^digit:]]',
] as const;
const ANCHORS = ['^', '$', '\\b', '\\B', '\\A', '\\z'] as const;
const ESCAPES = [
  '\\.',
  '\\*',
  '\\[',
  '\\\\',
  '\\n',
  '\\t',
  '\\x41',
  '\\u{e9}',
  '\\x{1F600}',
  '\\-',
  '\\/',
] as const;
const REPEATS = [
  '*',
  '+',
  '?',
  '{2}',
  '{1,2}',
  '{0,3}',
  '{2,}',
  '{0}',
  '*?',
  '+?',
  '??',
  '{1,2}?',
] as const;
const FLAGS = ['i', 's', 'm', 'U', 'i-s', '-i', 'im', 'u'] as const;
/** Texts that are not patterns in Rust's syntax, or are outside our subset. */
const ODD = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '*',
  '+',
  '?',
  '|',
  '\\',
  '(?',
  '(?=a)',
  '\\1',
  '{3,1}',
  '[z-a]',
  '[a&&b]',
  '(?x)',
  '\\K',
  '(?P<n>a)',
  '(?<n>a)',
  '[]',
  '[^]',
] as const;

const rangeItem = (random: Random): string =>
  random.pick([
    'a-c',
    'A-Z',
    '0-9',
    '\u00e0-\u00ff',
    'a',
    '_',
    '\\d',
    '\\w',
    '\\s',
    '-',
    ']',
    '^',
    '\\]',
    '\\-',
    '.',
    '\u{1f600}',
  ]);

function setText(random: Random): string {
  const negated = random.chance(0.3) ? '^' : '';
  return `[${negated}${random.list(1, 3, () => rangeItem(random)).join('')}]`;
}

function atom(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 12 : 8);
  if (kind < 4) return random.pick(LITERALS);
  if (kind === 4) return random.pick(CLASSES);
  if (kind === 5) return setText(random);
  if (kind === 6) return random.pick(ESCAPES);
  if (kind === 7) return random.pick(ANCHORS);
  const inner = alternatives(random, depth - 1);
  const open = random.pick(['(', '(?:', '(', `(?${random.pick(FLAGS)}:`]);
  return `${open}${inner})`;
}

function sequence(random: Random, depth: number): string {
  const items = random.list(0, 3, () => {
    const item = atom(random, depth);
    // `\\b{…}` would start a directed boundary, which is outside our subset.
    const isBoundary = item === '\\b' || item === '\\B';
    return !isBoundary && random.chance(0.35) ? item + random.pick(REPEATS) : item;
  });
  return items.join('');
}

const alternatives = (random: Random, depth: number): string =>
  random.list(1, random.chance(0.3) ? 3 : 1, () => sequence(random, depth)).join('|');

function pattern(random: Random): string {
  const text = alternatives(random, 2);
  const anchored = random.chance(0.4) ? `^(?:${text})$` : text;
  const flagged = random.chance(0.15) ? `(?${random.pick(FLAGS)})${anchored}` : anchored;
  if (!random.chance(0.08)) return flagged;
  const points = [...flagged];
  return points.toSpliced(random.below(points.length + 1), 0, random.pick(ODD)).join('');
}

const subject = (random: Random): string => random.list(0, 6, () => random.pick(LITERALS)).join('');

const quoted = (text: string): string =>
  `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

/** One check per pattern, so that each appears in the list of failed checks. */
export const regexChecks = (random: Random): readonly string[] =>
  random.list(
    4,
    8,
    () => `check if ${quoted(subject(random))}.matches(${quoted(pattern(random))})`,
  );
