import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Extern, integer, string } from '../../../../src/biscuit/datalog/index.ts';
import { ok, refuse } from '../../../../src/result.ts';
import { answer } from './scene.ts';

const holds = (expression: string) =>
  answer({ authorizer: `check if ${expression}; allow if true` });

const TRUE = [
  '1 + 2 * 3 - 4 / 2 === 5',
  '7 / -2 === -3',
  '(1 | 2 ^ 3) === 0',
  '6 & 3 | 8 === 10',
  '-1 & 9223372036854775807 === 9223372036854775807',
  '4294967296 | 1 === 4294967297',
  '-9223372036854775808 ^ -1 === 9223372036854775807',
  '9223372036854775807 - 9223372036854775807 === 0',
  '3037000499 * 3037000499 === 9223372030926249001',
  '9007199254740991 / 2 === 4503599627370495',
  '9007199254740993 > 9007199254740992',
  '9007199254740993 !== 9007199254740992',
  '2020-12-04T09:46:41Z >= 2020-12-04T09:46:41Z',
  '2020-12-04T09:46:41+01:00 === 2020-12-04T08:46:41Z',
  '"é😁".length() === 6',
  'hex:12ab.length() === 2',
  '"hello".starts_with("he") && "hello".ends_with("lo") && "hello".contains("ell")',
  '"a" + "b" + "é" === "abé"',
  '{1, 2} === {2, 1}',
  '{1, 2, 2}.length() === 2',
  '{1, 2}.contains({2})',
  '{1, 2}.contains({,})',
  '{1, 2}.union({2, 3}) === {1, 2, 3}',
  '{1, 2}.intersection({2, 3}) === {2}',
  '{1}.union({"a"}).contains("a")',
  '[1, "a", null].contains(null)',
  '![1, 2].contains([1])',
  '[[1], 2].contains([1])',
  '[1, 2].get(-1) === null',
  '[1, 2].get(9223372036854775807) === null',
  '[1, 2, 3].starts_with([1, 2]) && [1, 2, 3].ends_with([3]) && [1].starts_with([])',
  '![1].starts_with([1, 2]) && ![1].ends_with([1, 2])',
  '{"a": 1, 2: "b"} === {2: "b", "a": 1}',
  '{"a": 1}.contains("a") && !{"a": 1}.contains(true)',
  '{"a": {"b": [true]}}.get("a").get("b").get(0)',
  '{}.length() === 0 && {,}.length() === 0',
  '1 != "1" && !(1 == "1") && [1] != {1} && null == null && null != 0',
  'null === null && !(null !== null)',
  '1.type() + "a".type() + null.type() === "integerstringnull"',
  'hex:00.type() + {1}.type() + [1].type() + {}.type() === "bytessetarraymap"',
  '(2020-01-01T00:00:00Z).type() + true.type() === "datebool"',
  '[1, 2].all($x -> $x > 0) && [].all($x -> 1) && ![].any($x -> 1)',
  '{"a": 1, "b": 2}.any($kv -> $kv.get(0) == "b" && $kv.get(1) == 2)',
  '[1, 2].any($x -> [2, 3].any($y -> $x === $y))',
  'true || 1 / 0 === 0',
  '!(false && 1 / 0 === 0)',
  '(1 / 0 === 0).try_or(true)',
  '(true).try_or(false)',
  '(1 / 0).try_or("none") === "none"',
  '$unknown.try_or(true)',
  '"file123.txt".matches("^file[0-9]+.txt$")',
  '!"x".matches("(?=x)")',
] as const;

test.each(TRUE)('%s', (expression) => {
  expect(holds(expression)).toBe('allowed');
});

const REFUSED = [
  ['9223372036854775807 + 1 === 0', 'integer_overflow'],
  ['-9223372036854775808 - 1 === 0', 'integer_overflow'],
  ['10000000000 * 10000000000 === 0', 'integer_overflow'],
  ['1 / 0 === 0', 'division_by_zero'],
  ['-9223372036854775808 / -1 === 0', 'division_by_zero'],
  ['1 === "1"', 'type_invalid'],
  ['1 !== true', 'type_invalid'],
  ['"a" < "b"', 'type_invalid'],
  ['true < false', 'type_invalid'],
  ['!1', 'type_invalid'],
  ['1 + "a" === 1', 'type_invalid'],
  ['2020-01-01T00:00:00Z + 1 === 0', 'type_invalid'],
  ['1', 'type_invalid'],
  ['null', 'type_invalid'],
  ['true && 1', 'type_invalid'],
  ['1 && true', 'type_invalid'],
  ['1.length() === 1', 'type_invalid'],
  ['{1}.contains(null)', 'type_invalid'],
  ['{1}.contains([1])', 'type_invalid'],
  ['{1}.get(0) === 1', 'type_invalid'],
  ['[1].get("0") === 1', 'type_invalid'],
  ['[1].union([2]) === [1]', 'type_invalid'],
  ['"a".any($x -> true)', 'type_invalid'],
  ['[1].all($x -> $x)', 'type_invalid'],
  ['true.try_or(1 / 0 === 0)', 'division_by_zero'],
  ['[true].any($p -> [true].all($p -> $p))', 'variable_shadowed'],
  ['$unknown', 'variable_unknown'],
  ['1.extern::nowhere() === 1', 'extern_undefined'],
  ['1.extern::toString() === 1', 'extern_undefined'],
  ['"a".matches("[a&&b]")', 'regex_unsupported'],
  ['"a".matches("[a&&b]").try_or(true)', 'regex_unsupported'],
] as const;

test.each(REFUSED)('%s is refused as %s', (text, code) => {
  expect(holds(text)).toBe(code);
});

test('arithmetic agrees with exact integers, and overflows exactly where they leave 64 bits', () => {
  const edge = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -40n, max: 40n }),
    fc.constantFrom(
      -(2n ** 63n),
      2n ** 63n - 1n,
      2n ** 53n - 1n,
      2n ** 53n,
      -(2n ** 53n),
      2n ** 32n,
    ),
  );
  const exact: Record<string, (a: bigint, b: bigint) => bigint> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '&': (a, b) => a & b,
    '|': (a, b) => a | b,
    '^': (a, b) => a ^ b,
  };
  fc.assert(
    fc.property(edge, edge, fc.constantFrom(...Object.keys(exact)), (a, b, sign) => {
      const value = sign === '/' && b === 0n ? undefined : exact[sign]?.(a, b);
      const fits = value !== undefined && BigInt.asIntN(64, value) === value;
      const wanted = fits ? 'allowed' : sign === '/' ? 'division_by_zero' : 'integer_overflow';
      const result = answer({
        facts: [{ name: 'n', terms: [integer(a), integer(b), integer(fits ? value : 0n)] }],
        authorizer: `check if n($a, $b, $c), ($a ${sign} $b) === $c; allow if true`,
      });
      expect(result).toBe(wanted);
    }),
    { numRuns: 2_000 },
  );
});

describe('extern functions', () => {
  const compare: Extern = (left, right) =>
    right === undefined
      ? ok(left)
      : ok(string(left.value === right.value ? 'equal strings' : 'different strings'));
  const externs: Record<string, Extern> = {
    test: compare,
    broken: () => refuse('out of order'),
    inexact: () => ok({ kind: 'integer', value: 0.5 }),
    twoSpellings: () => ok({ kind: 'integer', value: 1n }),
    hole: () => ok({ kind: 'variable', value: 'x' }),
  };
  const called = (text: string) => answer({ authorizer: `allow if ${text}`, externs });

  test('are called with one or two values', () => {
    expect(called('true.extern::test()')).toBe('allowed');
    expect(called('"a".extern::test("a") == "equal strings"')).toBe('allowed');
    expect(called('"a".extern::test("b") == "different strings"')).toBe('allowed');
  });

  test('that fail end the authorization, unless try_or recovers', () => {
    expect(called('1.extern::broken() === 1')).toBe('extern_failed');
    expect(called('(1.extern::broken() === 1).try_or(true)')).toBe('allowed');
  });

  test.each(['inexact', 'twoSpellings', 'hole'])(
    'that return an invalid value are rejected: %s',
    (name) => {
      expect(called(`1.extern::${name}() === 1`)).toBe('extern_failed');
    },
  );
});

test('a set or map is visited in one order, whatever order it is written in', () => {
  // The first item decides. Visiting 0 first would divide by zero.
  expect(holds('{2, 0, 1}.any($x -> $x === 0 || 1 / $x > 5)')).toBe('allowed');
  expect(holds('{"b": 0, "a": 1}.any($kv -> 1 / $kv.get(1) === 1)')).toBe('allowed');
  expect(holds('{"b": 1, "a": 0}.any($kv -> 1 / $kv.get(1) === 1)')).toBe('division_by_zero');
});
