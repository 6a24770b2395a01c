import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  array,
  BINARY_OPERATORS,
  bool,
  bytes,
  date,
  type Expression,
  integer,
  map,
  NULL,
  type Op,
  parseCheck,
  parseTerm,
  printCheck,
  printExpression,
  printTerm,
  set,
  string,
  type Term,
  variable,
} from '../../../../src/biscuit/datalog/index.ts';
import { good } from './scene.ts';

const value = (term: Term): Op => ({ kind: 'value', term });
const one = value(integer(1));
const binary = (operator: (typeof BINARY_OPERATORS)[number]): Op => ({
  kind: 'binary',
  operator: operator === 'extern' ? 'add' : operator,
});
const NEGATE: Op = { kind: 'unary', operator: 'negate' };

describe('prints parentheses that a token omits', () => {
  test.each([
    ['(1 + 1) * 1', [one, one, binary('add'), one, binary('mul')]],
    ['1 - (1 - 1)', [one, one, one, binary('sub'), binary('sub')]],
    ['(1 < 1) < 1', [one, one, binary('lessThan'), one, binary('lessThan')]],
    ['(!1) + 1', [one, NEGATE, one, binary('add')]],
    ['!1 + 1', [one, one, binary('add'), NEGATE]],
    ['(1 + 1).type()', [one, one, binary('add'), { kind: 'unary', operator: 'type' }]],
    ['(1970-01-01T00:00:00Z).type()', [value(date(0)), { kind: 'unary', operator: 'type' }]],
    ['1 && 1', [one, one, binary('and')]],
    ['1.extern::f(1)', [one, one, { kind: 'extern', arity: 2, name: 'f' }]],
    ['<invalid expression>', [one, one]],
    ['<invalid expression>', [binary('add')]],
    ['<invalid expression>', []],
  ] as const)('%s', (text, ops) => {
    expect(printExpression(ops as Expression)).toBe(text);
  });
});

test.each([
  ['"a\\"b\\\\c\\nd"', string('a"b\\c\nd')],
  ['9999-12-31T23:59:59Z', date(253402300799)],
  ['<invalid date>', date(253402300800)],
  ['<invalid date>', date(2n ** 64n - 1n)],
  [
    '{1: {"a": [null, true]}, "b": {,}}',
    map([
      { key: string('b'), value: set([]) },
      { key: integer(1), value: map([{ key: string('a'), value: array([NULL, bool(true)]) }]) },
    ]),
  ],
])('%s', (text, term) => {
  expect(printTerm(term)).toBe(text);
});

const name = fc.stringMatching(/^[a-z][a-z0-9_:é]{0,5}$/);
const text = fc.string({ unit: 'binary', maxLength: 6 });

const scalars = [
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(integer),
  fc.integer({ min: -9, max: 9 }).map(integer),
  text.map(string),
  fc.integer({ min: 0, max: 253402300799 }).map(date),
  fc.uint8Array({ maxLength: 4 }).map(bytes),
  fc.boolean().map(bool),
  fc.constant(NULL),
] as const;

const { term } = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small' },
    ...scalars,
    fc
      .oneof(...scalars.map((scalar) => fc.array(scalar as fc.Arbitrary<Term>, { maxLength: 3 })))
      .map(set),
    fc.array(tie('term'), { maxLength: 3 }).map(array),
    fc
      .array(fc.record({ key: fc.oneof(text.map(string), scalars[0]), value: tie('term') }), {
        maxLength: 3,
      })
      .map(map),
  ),
}));

test('a printed term parses to the same term', () => {
  fc.assert(
    fc.property(term, (wanted) => {
      expect(good(parseTerm(printTerm(wanted)))).toEqual(wanted);
    }),
    { numRuns: 2_000 },
  );
});

const INFIX = BINARY_OPERATORS.slice(0, 5).concat(
  BINARY_OPERATORS.slice(9, 13),
  BINARY_OPERATORS.slice(17, 23),
);
const METHODS = BINARY_OPERATORS.filter((operator) =>
  ['contains', 'prefix', 'suffix', 'regex', 'intersection', 'union', 'get'].includes(operator),
);

const { ops } = fc.letrec<{ ops: readonly Op[] }>((tie) => ({
  ops: fc.oneof(
    { depthSize: 'medium' },
    fc.oneof(term, name.map(variable)).map((leaf) => [value(leaf)]),
    fc
      .tuple(tie('ops'), tie('ops'), fc.constantFrom(...INFIX, ...METHODS))
      .map(([a, b, operator]) => [...a, ...b, binary(operator)]),
    fc
      .tuple(tie('ops'), fc.constantFrom('negate', 'length', 'type', 'parens'))
      .map(([a, operator]): readonly Op[] => [...a, { kind: 'unary', operator } as Op]),
    fc
      .tuple(tie('ops'), tie('ops'), fc.constantFrom('lazyAnd', 'lazyOr'))
      .map(([a, b, operator]) => [
        ...a,
        { kind: 'closure', params: [], ops: b } as Op,
        binary(operator),
      ]),
    fc
      .tuple(tie('ops'), tie('ops'), name, fc.constantFrom('all', 'any'))
      .map(([a, b, param, operator]) => [
        ...a,
        { kind: 'closure', params: [param], ops: b } as Op,
        binary(operator),
      ]),
    fc
      .tuple(tie('ops'), tie('ops'))
      .map(([a, b]) => [{ kind: 'closure', params: [], ops: a } as Op, ...b, binary('tryOr')]),
    fc
      .tuple(tie('ops'), tie('ops'), name)
      .map(([a, b, called]) => [...a, ...b, { kind: 'extern', arity: 2, name: called } as Op]),
  ),
}));

const withoutParens = (expression: Expression): Expression =>
  expression
    .filter((op) => op.kind !== 'unary' || op.operator !== 'parens')
    .map((op) => (op.kind === 'closure' ? { ...op, ops: withoutParens(op.ops) } : op));

test('a printed expression parses to the same expression, except for parentheses', () => {
  fc.assert(
    fc.property(ops, (wanted) => {
      const printed = printCheck({
        kind: 'if',
        queries: [{ body: [], expressions: [wanted], scopes: [] }],
      });
      const check = good(parseCheck(printed));
      const [read = []] = check.queries[0]?.expressions ?? [];
      expect(withoutParens(read)).toEqual(withoutParens(wanted));
      expect(printCheck(check)).toBe(printed);
    }),
    { numRuns: 3_000 },
  );
});
