import { describe, expect, test } from 'vitest';
import { CONSTRAINT_ORIGINS_MAX } from '../../../../src/capability/constraints/limits.ts';
import {
  type Constraint,
  coversConstraints,
  joinConstraints,
  lintConstraint,
  parseConstraint,
  uniteConstraints,
} from '../../../../src/capability/index.ts';

const on = (constraint: Constraint) => ({
  arguments: ['to'],
  constraints: { '/to': constraint },
});
const covers = (granted: Constraint, asked: Constraint) =>
  coversConstraints(on(granted), on(asked));
const united = (current: Constraint, added: Constraint): unknown => {
  const both = uniteConstraints(on(current), on(added));
  return both.ok ? both.value.constraints['/to'] : both.error.code;
};

describe('a constraint on origins', () => {
  test.each<unknown>([
    [],
    ['prompt', 'prompt'],
    ['own'],
    ['=e\u0301'],
    [`=${'a'.repeat(513)}`],
    ['=\ud800'],
    [{ tool: ' x', pointer: '' }],
    [{ tool: 'x', pointer: '/~2' }],
    [{ tool: 'x', pointer: '', dataset: 'a/../b' }],
    Array.from({ length: CONSTRAINT_ORIGINS_MAX + 1 }, (_, index) => `=${index}`),
    'prompt',
  ])('is refused: %j', (from) => {
    expect(parseConstraint({ from })).toMatchObject({ error: { code: 'constraint_invalid' } });
  });

  test('is never negated: a verifier does not know where a value does not come from', () => {
    expect(parseConstraint({ not: { from: ['prompt'] } }).ok).toBe(false);
  });

  test.each<Constraint>([
    { from: Array.from({ length: CONSTRAINT_ORIGINS_MAX }, (_, index) => `=${index}` as const) },
    { from: [`=${'a'.repeat(512)}`, '#-7.5', { tool: 'x y', pointer: '', named: true }] },
    { optional: { allOf: [{ every: { anyOf: [{ from: ['prompt'] }] } }] } },
    { each: { to: { from: ['prompt'] }, cc: { optional: { from: ['self'] } } } },
    { any: { allOf: [{ from: ['prompt'] }, { length: { max: 3 } }] } },
  ])('is read: %j', (constraint) => {
    expect(parseConstraint(constraint)).toEqual({ ok: true, value: constraint });
  });
});

test.each<[Constraint, Constraint, boolean]>([
  [{ from: ['own:iban', 'prompt'] }, { from: ['prompt'] }, true],
  [{ from: ['own:iban', 'prompt'] }, { from: ['prompt', 'own:iban'] }, true],
  [{ from: ['own:iban'] }, { from: ['own:iban named'] }, true],
  [{ from: ['own:iban named'] }, { from: ['own:iban'] }, false],
  [{ from: ['own:iban'] }, { from: ['own:iban', '=GB1'] }, false],
  [{ from: ['own:iban', '=GB1'] }, { exact: 'GB1' }, true],
  [{ from: ['own:iban', '#7'] }, { exact: '7' }, false],
  [{ from: ['own:iban', '#7'] }, { oneOf: [7] }, true],
  [{ oneOf: ['a', 'b'] }, { from: ['=a'] }, true],
  [{ oneOf: ['a', 'b'] }, { from: ['=a', 'prompt'] }, false],
  [{ every: { from: ['prompt', '=a'] } }, { subsetOf: ['a'] }, true],
  [{ every: { from: ['prompt', '=a'] } }, { every: { from: ['prompt'] } }, true],
  [{ every: { from: ['prompt'] } }, { every: { from: ['prompt', 'approved'] } }, false],
  [{ every: { from: ['=a'] } }, { from: ['=a'] }, false],
  [{ from: ['=a'] }, { subsetOf: ['a'] }, false],
  [{ from: ['prompt'] }, { optional: { from: ['prompt'] } }, false],
  [{ eachHas: { a: { from: ['prompt'] } } }, { each: { a: { from: ['prompt'] } } }, true],
  [{ eachHas: { a: { exact: 1 } } }, { each: { a: { exact: 1 }, b: { exact: 2 } } }, true],
  [{ eachHas: { a: { exact: 1 } } }, { eachHas: { b: { exact: 1 } } }, false],
  [{ eachHas: { a: { optional: { exact: 1 } } } }, { eachHas: { b: { exact: 1 } } }, false],
  [{ eachHas: { a: { optional: { exact: 1 } } } }, { each: { b: { exact: 1 } } }, true],
  [{ each: { a: { exact: 1 } } }, { eachHas: { a: { exact: 1 } } }, false],
  [{ orEmpty: { every: { from: ['prompt'] } } }, { every: { from: ['prompt'] } }, true],
  [{ orEmpty: { every: { from: ['prompt', '=a'] } } }, { orEmpty: { subsetOf: ['a'] } }, true],
  [{ orEmpty: { every: { from: ['prompt'] } } }, { empty: true }, true],
  [
    { optional: { every: { from: ['prompt'] } } },
    { orEmpty: { every: { from: ['prompt'] } } },
    false,
  ],
  [{ present: true }, { orEmpty: { subsetOf: ['a'] } }, false],
  [{ present: true }, { from: ['prompt'] }, true],
  [{ from: ['prompt'] }, { present: true }, false],
])('%j covers %j: %s', (granted, asked, is) => {
  expect(covers(granted, asked)).toBe(is);
});

describe('a value that one call needs', () => {
  test.each<[Constraint, Constraint, unknown]>([
    [{ from: ['prompt'] }, { exact: 'a' }, { from: ['prompt', '=a'] }],
    [
      { orEmpty: { every: { from: ['prompt'] } } },
      { subsetOf: ['a'] },
      { orEmpty: { every: { from: ['prompt', '=a'] } } },
    ],
    [{ orEmpty: { subsetOf: ['a'] } }, { exact: null }, { orEmpty: { subsetOf: ['a'] } }],
    [{ from: ['prompt', '=a'] }, { exact: 'a' }, { from: ['prompt', '=a'] }],
    [{ from: ['prompt'] }, { exact: 7 }, { from: ['prompt', '#7'] }],
    [{ optional: { from: ['prompt'] } }, { exact: 'a' }, { optional: { from: ['prompt', '=a'] } }],
    [
      { every: { from: ['prompt'] } },
      { subsetOf: ['a', 'b'] },
      { every: { from: ['prompt', '=a', '=b'] } },
    ],
    [
      { allOf: [{ from: ['prompt'] }, { length: { max: 3 } }] },
      { exact: 'a' },
      { allOf: [{ from: ['prompt', '=a'] }, { length: { max: 3 } }] },
    ],
    [{ from: ['prompt'] }, { exact: null }, { anyOf: [{ from: ['prompt'] }, { empty: true }] }],
    [
      { anyOf: [{ from: ['prompt'] }, { empty: true }] },
      { exact: 'a' },
      { anyOf: [{ from: ['prompt', '=a'] }, { empty: true }] },
    ],
    [{ from: ['prompt'] }, { exact: true }, 'constraints_conflict'],
    [{ from: ['prompt'] }, { subsetOf: ['a'] }, 'constraints_conflict'],
  ])('is added to %j: %j', (current, added, wanted) => {
    expect(united(current, added)).toEqual(wanted);
  });

  test('is not added to a list that is full', () => {
    const from = Array.from({ length: CONSTRAINT_ORIGINS_MAX }, (_, index) => `=${index}` as const);
    expect(united({ from }, { exact: 'a' })).toBe('constraints_conflict');
  });
});

test('what a policy requires is joined once, however often a capability is renewed', () => {
  const required = { '/to': { from: ['own:iban'] } } as const;
  const once = joinConstraints(on({ from: ['prompt', 'own:iban'] }), required);
  expect(once).toMatchObject({
    value: {
      constraints: { '/to': { allOf: [{ from: ['prompt', 'own:iban'] }, { from: ['own:iban'] }] } },
    },
  });
  const twice = once.ok ? joinConstraints(once.value, required) : once;
  expect(twice).toEqual(once);
});

test('a warning names values that any stranger can choose', () => {
  expect(lintConstraint({ every: { from: ['peer:email', 'peer:iban named', 'prompt'] } })).toEqual([
    { where: 'every', why: 'any stranger is a peer: write "peer:email named"' },
  ]);
});
