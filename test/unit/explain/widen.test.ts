import { describe, expect, test } from 'vitest';
import {
  type Constraint,
  type ConstraintKind,
  parseConstraint,
} from '../../../src/capability/index.ts';
import { widen } from '../../../src/explain/widen.ts';

interface Case {
  readonly limit: Constraint;
  readonly steps?: readonly string[];
  readonly form: string;
  readonly wider: object;
}

const exactly = { exact: '<value>' };
const or = (limit: Constraint, form = 'text'): Case => ({
  limit,
  form,
  wider: { anyOf: [limit, exactly] },
});

/** Every kind, so that a new one asks what its change is. */
const CASES: Readonly<Record<ConstraintKind, Case | { readonly limit: Constraint }>> = {
  exact: { limit: { exact: 'a' }, form: 'text', wider: { oneOf: ['a', '<value>'] } },
  oneOf: { limit: { oneOf: [1, 2] }, form: 'number', wider: { oneOf: [1, 2, '<value>'] } },
  prefix: or({ prefix: 'GB' }),
  suffix: or({ suffix: '@acme.example' }),
  glob: or({ glob: 'reports/*.md' }),
  pathBelow: or({ pathBelow: 'reports' }),
  url: or({ url: { schemes: ['https'], host: 'acme.example' } }),
  cidr: or({ cidr: '10.0.0.0/8' }),
  number: or({ number: { min: 0, max: 50 } }, 'number'),
  integer: or({ integer: { max: 5 } }, 'number'),
  length: or({ length: { max: 5 } }),
  matches: or({ matches: '[a-z]+' }),
  not: or({ not: { prefix: 'GB' } }, 'scalar'),
  anyOf: {
    limit: { anyOf: [{ from: ['prompt'] }, { empty: true }] },
    form: 'origin',
    wider: { anyOf: [{ from: ['prompt', '=<value>'] }, { empty: true }] },
  },
  publicHost: or({ publicHost: true }),
  empty: or({ empty: true }, 'scalar'),
  subsetOf: { limit: { subsetOf: ['a'] }, form: 'text', wider: { subsetOf: ['a', '<value>'] } },
  every: {
    limit: { every: { suffix: '@acme.example' } },
    steps: ['0'],
    form: 'text',
    wider: { every: { anyOf: [{ suffix: '@acme.example' }, exactly] } },
  },
  any: {
    limit: { any: { exact: 'a' } },
    steps: ['0'],
    form: 'text',
    wider: { any: { oneOf: ['a', '<value>'] } },
  },
  each: {
    limit: { each: { sku: { prefix: 'A' }, count: { integer: { max: 3 } } } },
    steps: ['0', 'count'],
    form: 'number',
    wider: {
      each: { sku: { prefix: 'A' }, count: { anyOf: [{ integer: { max: 3 } }, exactly] } },
    },
  },
  eachHas: {
    limit: { eachHas: { address: { from: ['prompt'] } } },
    steps: ['0', 'address'],
    form: 'origin',
    wider: { eachHas: { address: { from: ['prompt', '=<value>'] } } },
  },
  orEmpty: {
    limit: { orEmpty: { every: { from: ['prompt'] } } },
    steps: ['0'],
    form: 'origin',
    wider: { orEmpty: { every: { from: ['prompt', '=<value>'] } } },
  },
  count: {
    limit: { count: { min: 2, max: 5 } },
    form: 'number',
    wider: { count: { min: 2, max: '<value>' } },
  },
  allOf: {
    limit: { allOf: [{ prefix: 'a' }, { suffix: 'z' }] },
    form: 'text',
    wider: {
      allOf: [{ anyOf: [{ prefix: 'a' }, exactly] }, { anyOf: [{ suffix: 'z' }, exactly] }],
    },
  },
  present: { limit: { present: true } },
  absent: { limit: { absent: true }, form: 'scalar', wider: { optional: exactly } },
  optional: {
    limit: { optional: { oneOf: ['a', 'b'] } },
    form: 'text',
    wider: { optional: { oneOf: ['a', 'b', '<value>'] } },
  },
  from: { limit: { from: ['prompt'] }, form: 'origin', wider: { from: ['prompt', '=<value>'] } },
};

describe.each(Object.entries(CASES))('a limit of the kind %s', (_, { limit, ...expected }) => {
  test('takes one value more, or says why it cannot', () => {
    expect(parseConstraint(limit).ok).toBe(true);
    const steps = 'steps' in expected ? expected.steps : [];
    const widened = widen(limit, steps ?? []);
    if ('wider' in expected) {
      expect(widened).toMatchObject({ constraint: expected.wider, form: expected.form });
    } else expect(widened).toEqual({ why: expect.stringMatching(/^The .*\.$/) });
  });
});

test.each<[string, Constraint, readonly string[]]>([
  ['a list that is full', { oneOf: Array.from({ length: 64 }, (_, index) => index) }, []],
  [
    'four alternatives',
    { anyOf: [{ prefix: 'a' }, { prefix: 'b' }, { prefix: 'c' }, { prefix: 'd' }] },
    [],
  ],
  [
    'a member that the objects of a list do not have',
    { each: { sku: { prefix: 'A' } } },
    ['0', 'x'],
  ],
  ['limits of different types', { allOf: [{ prefix: 'a' }, { number: { max: 1 } }] }, []],
  ['an optional argument of any value', { optional: { present: true } }, []],
  [
    'an element that meets several limits',
    { any: { allOf: [{ prefix: 'a' }, { suffix: 'b' }] } },
    [],
  ],
])('%s has no place for a value, and says so', (_, limit, steps) => {
  expect(widen(limit, steps)).toEqual({ why: expect.stringMatching(/^[A-Z].*\.$/) });
});

test('several limits on each element become several limits on the list, each with the value', () => {
  const limit: Constraint = { every: { allOf: [{ prefix: 'a' }, { suffix: 'z' }] } };
  expect(widen(limit, ['3'])).toMatchObject({
    constraint: {
      allOf: [
        { every: { anyOf: [{ prefix: 'a' }, exactly] } },
        { every: { anyOf: [{ suffix: 'z' }, exactly] } },
      ],
    },
  });
});
