import { describe, expect, test } from 'vitest';
import {
  type ArgumentConstraints,
  type Constraint,
  type ConstraintsByPointer,
  coversConstraints,
  coversGrant,
  type Grant,
  joinConstraints,
} from '../../../../src/capability/index.ts';

const of = (
  constraints: ConstraintsByPointer,
  names: readonly string[] = ['to', 'amount', 'note', 'options'],
): ArgumentConstraints => ({ arguments: names, constraints });

const MAIL: Constraint = { every: { suffix: '@acme.example' } };
const BOB: Constraint = { subsetOf: ['bob@acme.example'] };
const GRANTED = of({ '/to': MAIL, '/note': { optional: { length: { max: 9 } } } });

describe('constraints cover', () => {
  test.each<[string, ArgumentConstraints]>([
    ['the same constraints', GRANTED],
    [
      'the same arguments in another order',
      of(GRANTED.constraints, ['options', 'note', 'amount', 'to']),
    ],
    ['an additional constraint', of({ ...GRANTED.constraints, '/amount': { number: { max: 5 } } })],
    [
      'a constraint joined with another',
      of({ ...GRANTED.constraints, '/to': { allOf: [MAIL, BOB] } as Constraint }),
    ],
    ['one argument fewer', of({ '/to': MAIL }, ['to', 'amount'])],
    [
      'an optional argument that must be absent',
      of({ ...GRANTED.constraints, '/note': { absent: true } }),
    ],
    [
      'an optional argument that must be present',
      of({ ...GRANTED.constraints, '/note': { length: { max: 9 } } }),
    ],
  ])('%s', (_, asked) => expect(coversConstraints(GRANTED, asked)).toBe(true));

  test.each<[string, ArgumentConstraints | undefined]>([
    ['none', undefined],
    ['one constraint fewer', of({ '/to': MAIL })],
    ['another constraint, although it is narrower', of({ ...GRANTED.constraints, '/to': BOB })],
    ['a laxer constraint', of({ ...GRANTED.constraints, '/to': { optional: MAIL } as Constraint })],
    ['an additional argument', of(GRANTED.constraints, ['to', 'amount', 'note', 'options', 'bcc'])],
    [
      'a constraint inside the argument',
      of({ '/to/x': { exact: 1 }, '/note': GRANTED.constraints['/note'] ?? MAIL }),
    ],
  ])('but not %s', (_, asked) => expect(coversConstraints(GRANTED, asked)).toBe(false));

  test('but not an additional member of a closed object, which would open it', () => {
    const granted = of({ '/options/mode': { exact: 'a' } });
    const asked = of({ ...granted.constraints, '/options/callback': { present: true } });
    expect(coversConstraints(granted, asked)).toBe(false);
    expect(coversConstraints(of({}), asked)).toBe(true);
  });

  test.each<[string, ConstraintsByPointer, ConstraintsByPointer]>([
    [
      'an absence instead of an optional member',
      { '/options/timeout': { optional: { number: { max: 5 } } } },
      { '/options/timeout': { absent: true } },
    ],
    [
      'an absence two levels down',
      { '/options/net/timeout': { optional: { exact: 1 } } },
      { '/options/net/timeout': { absent: true } },
    ],
    [
      'an absence of the outer object, which its neighbour had closed',
      { '/options/a/b': { optional: { exact: 1 } }, '/options/c': { optional: { exact: 1 } } },
      { '/options/a/b': { absent: true }, '/options/c': { absent: true } },
    ],
    [
      'any value instead of a closed object',
      { '/options/timeout': { exact: 1 } },
      { '/options': { present: true } },
    ],
  ])('but not %s, which opens the object around it', (_, before, now) => {
    expect(coversConstraints(of(before), of(now))).toBe(false);
  });

  test.each<[string, ConstraintsByPointer, ConstraintsByPointer]>([
    [
      'an absence in an object that another member still closes',
      { '/options/a': { optional: { exact: 1 } }, '/options/b': { exact: 2 } },
      { '/options/a': { absent: true }, '/options/b': { exact: 2 } },
    ],
    [
      'one member fewer',
      { '/options/a': { optional: { exact: 1 } }, '/options/b': { exact: 2 } },
      { '/options/b': { exact: 2 } },
    ],
    [
      'the absence of an object whose members may all be missing',
      { '/options/a': { optional: { exact: 1 } } },
      { '/options': { absent: true } },
    ],
    [
      'a closed object instead of one forbidden member',
      { '/options/a': { absent: true } },
      { '/options/b': { exact: 1 } },
    ],
    [
      'a closed object instead of any value',
      { '/options': { present: true } },
      { '/options/b': { exact: 1 } },
    ],
  ])('%s', (_, before, now) => {
    expect(coversConstraints(of(before), of(now))).toBe(true);
    expect(coversConstraints(of(now), of(before))).toBe(false);
  });

  test.each<[Constraint, Constraint]>([
    [{ subsetOf: ['a', 'b'] }, { subsetOf: ['b'] }],
    [{ oneOf: ['a', 'b'] }, { exact: 'b' }],
    [{ oneOf: [1, 2.5] }, { oneOf: [2.5] }],
    [{ optional: { oneOf: ['a', 'b'] } }, { exact: 'a' }],
    [{ oneOf: ['a', 'b'] }, { allOf: [{ exact: 'a' }, { length: { max: 1 } }] }],
  ])('a shorter list of values: %j covers %j', (granted, asked) => {
    expect(coversConstraints(of({ '/note': granted }), of({ '/note': asked }))).toBe(true);
  });

  test.each<[Constraint, Constraint]>([
    [{ subsetOf: ['a', 'b'] }, { subsetOf: ['b', 'c'] }],
    [{ oneOf: ['a', 'b'] }, { exact: 'c' }],
    [{ oneOf: ['1'] }, { exact: 1 }],
    [{ oneOf: ['a'] }, { subsetOf: ['a'] }],
    [{ subsetOf: ['a'] }, { exact: 'a' }],
    [{ oneOf: ['a', 'b'] }, { optional: { exact: 'a' } }],
    [{ oneOf: ['a', 'b'] }, { prefix: 'a' }],
  ])('but not another kind of constraint: %j does not cover %j', (granted, asked) => {
    expect(coversConstraints(of({ '/note': granted }), of({ '/note': asked }))).toBe(false);
  });

  test('but not null instead of any value', () => {
    const granted = of({ '/note': { present: true } });
    expect(coversConstraints(granted, of({ '/note': { exact: 'x' } }))).toBe(true);
    expect(coversConstraints(granted, of({ '/note': { exact: null } }))).toBe(false);
  });

  test('and grants also compare tool, action and dataset', () => {
    const grant: Grant = { tool: 't', action: 'write', dataset: 'd', constraints: GRANTED };
    expect(coversGrant([grant], { ...grant, dataset: 'd/e' })).toBe(true);
    const { constraints: _, ...open } = grant;
    expect(coversGrant([grant], open)).toBe(false);
    expect(coversGrant([open], grant)).toBe(true);
    for (const change of [{ tool: 'u' }, { action: 'read' }, { dataset: 'd-archive' }, { x: 1 }]) {
      expect(coversGrant([grant], { ...grant, ...change } as Grant)).toBe(false);
    }
  });
});

describe('joins the requested and the required constraints', () => {
  test.each<[string, ConstraintsByPointer, ConstraintsByPointer, ConstraintsByPointer]>([
    [
      'on different arguments',
      { '/amount': { exact: 1 } },
      { '/to': MAIL },
      { '/amount': { exact: 1 }, '/to': MAIL },
    ],
    [
      'on the same argument',
      { '/to': BOB },
      { '/to': MAIL },
      { '/to': { allOf: [BOB, MAIL] } as Constraint },
    ],
    ['once', { '/to': MAIL }, { '/to': MAIL }, { '/to': MAIL }],
    [
      'on an optional argument',
      { '/to': { optional: BOB } as Constraint },
      { '/to': { optional: MAIL } as Constraint },
      { '/to': { optional: { allOf: [BOB, MAIL] } } as Constraint },
    ],
    [
      'on a required argument',
      { '/to': { optional: BOB } as Constraint },
      { '/to': MAIL },
      { '/to': { allOf: [BOB, MAIL] } as Constraint },
    ],
    ['if any value is allowed', { '/to': { present: true } }, { '/to': MAIL }, { '/to': MAIL }],
    [
      'if the argument must be absent',
      { '/to': { absent: true } },
      { '/to': { optional: MAIL } as Constraint },
      { '/to': { absent: true } },
    ],
    [
      'if a member of a closed object must be absent',
      { '/options/timeout': { absent: true } },
      { '/options/timeout': { optional: { number: { max: 5 } } } },
      { '/options': { absent: true } },
    ],
    [
      'on fewer members of a closed object',
      { '/options/b': { exact: 1 }, '/options/c': { optional: { exact: 2 } } },
      { '/options/a': { optional: { exact: 1 } }, '/options/b': { optional: { prefix: 'b' } } },
      { '/options/b': { allOf: [{ exact: 1 }, { prefix: 'b' }] } as Constraint },
    ],
    [
      'on a member of an argument that may be any value',
      { '/options': { optional: { present: true } } },
      { '/options/a': { exact: 1 } },
      { '/options/a': { exact: 1 } },
    ],
  ])('%s', (_, asked, required, joined) => {
    const once = joinConstraints(of(asked), required);
    expect(once).toEqual({ ok: true, value: of(joined) });
    if (once.ok) expect(joinConstraints(once.value, required)).toEqual(once);
  });

  test.each<[string, ArgumentConstraints, ConstraintsByPointer]>([
    ['present and absent', of({ '/to': { absent: true } }), { '/to': MAIL }],
    ['an argument that is not listed', of({}, ['amount']), { '/to': MAIL }],
    [
      'another member of a closed object',
      of({ '/options/a': { exact: 1 } }),
      { '/options/b': { exact: 1 } },
    ],
    ['an object inside a value', of({ '/options': { exact: 1 } }), { '/options/b': { exact: 1 } }],
    ['null and any other value', of({ '/to': { exact: null } }), { '/to': { present: true } }],
  ])('refuses what no constraint can express: %s', (_, asked, required) => {
    expect(joinConstraints(asked, required)).toMatchObject({
      ok: false,
      error: { code: 'constraints_unmet' },
    });
  });

  test('drops a requirement on an optional argument that is not listed', () => {
    const asked = of({}, ['amount']);
    expect(joinConstraints(asked, { '/to': { optional: MAIL } as Constraint })).toEqual({
      ok: true,
      value: asked,
    });
  });
});
