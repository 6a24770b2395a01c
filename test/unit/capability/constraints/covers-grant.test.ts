import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  type ConstraintsByPointer,
  coversConstraints,
  coversGrant,
  type Grant,
  joinConstraints,
  parseArgumentConstraints,
} from '../../../../src/capability/index.ts';
import { naivelyAllowed } from '../../../fuzz/constraints/naive.ts';

const of = (
  constraints: ConstraintsByPointer,
  names: readonly string[] = ['to', 'amount', 'note', 'options'],
): ArgumentConstraints => ({ arguments: names, constraints });

const MAIL: Constraint = { every: { suffix: '@acme.example' } };
const BOB: Constraint = { subsetOf: ['bob@acme.example'] };
const HELD = of({ '/to': MAIL, '/note': { optional: { length: { max: 9 } } } });

describe('a grant is held with the constraints that it has, or more', () => {
  test.each<[string, ArgumentConstraints]>([
    ['the same', HELD],
    ['the same in another order', of(HELD.constraints, ['options', 'note', 'amount', 'to'])],
    ['one more', of({ ...HELD.constraints, '/amount': { number: { max: 5 } } })],
    ['one joined', of({ ...HELD.constraints, '/to': { allOf: [MAIL, BOB] } as Constraint })],
    ['an argument less', of({ '/to': MAIL }, ['to', 'amount'])],
    ['what may lack, absent', of({ ...HELD.constraints, '/note': { absent: true } })],
    ['what may lack, there', of({ ...HELD.constraints, '/note': { length: { max: 9 } } })],
  ])('%s', (_, asked) => expect(coversConstraints(HELD, asked)).toBe(true));

  test.each<[string, ArgumentConstraints | undefined]>([
    ['none', undefined],
    ['one less', of({ '/to': MAIL })],
    ['another, though it is narrower', of({ ...HELD.constraints, '/to': BOB })],
    ['a laxer one', of({ ...HELD.constraints, '/to': { optional: MAIL } as Constraint })],
    ['an argument more', of(HELD.constraints, ['to', 'amount', 'note', 'options', 'bcc'])],
    ['one inside of it', of({ '/to/x': { exact: 1 }, '/note': HELD.constraints['/note'] ?? MAIL })],
  ])('not with %s', (_, asked) => expect(coversConstraints(HELD, asked)).toBe(false));

  test('a further one inside a closed object would open it', () => {
    const held = of({ '/options/mode': { exact: 'a' } });
    const asked = of({ ...held.constraints, '/options/callback': { present: true } });
    expect(coversConstraints(held, asked)).toBe(false);
    expect(coversConstraints(of({}), asked)).toBe(true);
  });

  test.each<[string, ConstraintsByPointer, ConstraintsByPointer]>([
    [
      'an absence where a member was optional',
      { '/options/timeout': { optional: { number: { max: 5 } } } },
      { '/options/timeout': { absent: true } },
    ],
    [
      'an absence two levels down',
      { '/options/net/timeout': { optional: { exact: 1 } } },
      { '/options/net/timeout': { absent: true } },
    ],
    [
      'an absence of the outer object, which its neighbour closed',
      { '/options/a/b': { optional: { exact: 1 } }, '/options/c': { optional: { exact: 1 } } },
      { '/options/a/b': { absent: true }, '/options/c': { absent: true } },
    ],
    [
      'any value where an object was closed',
      { '/options/timeout': { exact: 1 } },
      { '/options': { present: true } },
    ],
  ])('%s opens the object around it', (_, before, now) => {
    expect(coversConstraints(of(before), of(now))).toBe(false);
  });

  test.each<[string, ConstraintsByPointer, ConstraintsByPointer]>([
    [
      'an absence beside what still closes the object',
      { '/options/a': { optional: { exact: 1 } }, '/options/b': { exact: 2 } },
      { '/options/a': { absent: true }, '/options/b': { exact: 2 } },
    ],
    [
      'a member less',
      { '/options/a': { optional: { exact: 1 } }, '/options/b': { exact: 2 } },
      { '/options/b': { exact: 2 } },
    ],
    [
      'the absence of an object whose members may all be missing',
      { '/options/a': { optional: { exact: 1 } } },
      { '/options': { absent: true } },
    ],
    [
      'a closed object where only one member was forbidden',
      { '/options/a': { absent: true } },
      { '/options/b': { exact: 1 } },
    ],
    [
      'a closed object where any value was wanted',
      { '/options': { present: true } },
      { '/options/b': { exact: 1 } },
    ],
  ])('%s is less', (_, before, now) => {
    expect(coversConstraints(of(before), of(now))).toBe(true);
    expect(coversConstraints(of(now), of(before))).toBe(false);
  });

  test.each<[Constraint, Constraint]>([
    [{ subsetOf: ['a', 'b'] }, { subsetOf: ['b'] }],
    [{ oneOf: ['a', 'b'] }, { exact: 'b' }],
    [{ oneOf: [1, 2.5] }, { oneOf: [2.5] }],
    [{ optional: { oneOf: ['a', 'b'] } }, { exact: 'a' }],
    [{ oneOf: ['a', 'b'] }, { allOf: [{ exact: 'a' }, { length: { max: 1 } }] }],
  ])('a list of values holds what lists fewer: %j and %j', (held, asked) => {
    expect(coversConstraints(of({ '/note': held }), of({ '/note': asked }))).toBe(true);
  });

  test.each<[Constraint, Constraint]>([
    [{ subsetOf: ['a', 'b'] }, { subsetOf: ['b', 'c'] }],
    [{ oneOf: ['a', 'b'] }, { exact: 'c' }],
    [{ oneOf: ['1'] }, { exact: 1 }],
    [{ oneOf: ['a'] }, { subsetOf: ['a'] }],
    [{ subsetOf: ['a'] }, { exact: 'a' }],
    [{ oneOf: ['a', 'b'] }, { optional: { exact: 'a' } }],
    [{ oneOf: ['a', 'b'] }, { prefix: 'a' }],
  ])('and nothing else: %j and %j', (held, asked) => {
    expect(coversConstraints(of({ '/note': held }), of({ '/note': asked }))).toBe(false);
  });

  test('null is no value, for what wants any', () => {
    const held = of({ '/note': { present: true } });
    expect(coversConstraints(held, of({ '/note': { exact: 'x' } }))).toBe(true);
    expect(coversConstraints(held, of({ '/note': { exact: null } }))).toBe(false);
  });

  test('tool, action and dataset count as before', () => {
    const grant: Grant = { tool: 't', action: 'write', dataset: 'd', constraints: HELD };
    expect(coversGrant([grant], { ...grant, dataset: 'd/e' })).toBe(true);
    const { constraints: _, ...open } = grant;
    expect(coversGrant([grant], open)).toBe(false);
    expect(coversGrant([open], grant)).toBe(true);
    for (const change of [{ tool: 'u' }, { action: 'read' }, { dataset: 'd-archive' }, { x: 1 }]) {
      expect(coversGrant([grant], { ...grant, ...change } as Grant)).toBe(false);
    }
  });
});

describe('what is asked for and what is required are joined', () => {
  test.each<[string, ConstraintsByPointer, ConstraintsByPointer, ConstraintsByPointer]>([
    [
      'side by side',
      { '/amount': { exact: 1 } },
      { '/to': MAIL },
      { '/amount': { exact: 1 }, '/to': MAIL },
    ],
    ['as one', { '/to': BOB }, { '/to': MAIL }, { '/to': { allOf: [BOB, MAIL] } as Constraint }],
    ['once', { '/to': MAIL }, { '/to': MAIL }, { '/to': MAIL }],
    [
      'for what may lack',
      { '/to': { optional: BOB } as Constraint },
      { '/to': { optional: MAIL } as Constraint },
      { '/to': { optional: { allOf: [BOB, MAIL] } } as Constraint },
    ],
    [
      'for what must be there',
      { '/to': { optional: BOB } as Constraint },
      { '/to': MAIL },
      { '/to': { allOf: [BOB, MAIL] } as Constraint },
    ],
    ['for any value', { '/to': { present: true } }, { '/to': MAIL }, { '/to': MAIL }],
    [
      'for none',
      { '/to': { absent: true } },
      { '/to': { optional: MAIL } as Constraint },
      { '/to': { absent: true } },
    ],
    [
      'for none in a closed object, which stays closed',
      { '/options/timeout': { absent: true } },
      { '/options/timeout': { optional: { number: { max: 5 } } } },
      { '/options': { absent: true } },
    ],
    [
      'for fewer members of a closed object',
      { '/options/b': { exact: 1 }, '/options/c': { optional: { exact: 2 } } },
      { '/options/a': { optional: { exact: 1 } }, '/options/b': { optional: { prefix: 'b' } } },
      { '/options/b': { allOf: [{ exact: 1 }, { prefix: 'b' }] } as Constraint },
    ],
    [
      'for a member of what may be any value',
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
    ['there and not there', of({ '/to': { absent: true } }), { '/to': MAIL }],
    ['an argument that is not listed', of({}, ['amount']), { '/to': MAIL }],
    [
      'another member of a closed object',
      of({ '/options/a': { exact: 1 } }),
      { '/options/b': { exact: 1 } },
    ],
    ['an object inside a value', of({ '/options': { exact: 1 } }), { '/options/b': { exact: 1 } }],
    [
      'null, where any value is meant',
      of({ '/to': { exact: null } }),
      { '/to': { present: true } },
    ],
  ])('what cannot be said as one is refused: %s', (_, asked, required) => {
    expect(joinConstraints(asked, required)).toMatchObject({
      ok: false,
      error: { code: 'constraints_unmet' },
    });
  });

  test('what may lack and is not listed needs no word', () => {
    const asked = of({}, ['amount']);
    expect(joinConstraints(asked, { '/to': { optional: MAIL } as Constraint })).toEqual({
      ok: true,
      value: asked,
    });
  });
});

const parts: readonly Constraint[] = [
  { exact: 'a' },
  { exact: null },
  { oneOf: ['a', 'b'] },
  { prefix: 'a' },
  { number: { max: 5 } },
  { every: { oneOf: ['a'] } },
  { present: true },
  { absent: true },
];
const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  fc.constantFrom(...parts),
  fc.constantFrom(...parts.slice(0, 7)).map((part) => ({ optional: part }) as Constraint),
  fc
    .subarray(parts.slice(0, 6) as Constraint[], { minLength: 1, maxLength: 3 })
    .map((all) => ({ allOf: all }) as Constraint),
);
const whole: fc.Arbitrary<ArgumentConstraints> = fc
  .record({
    names: fc.subarray(['x', 'y', 'o']),
    entries: fc.dictionary(fc.constantFrom('/x', '/y', '/o', '/o/p', '/o/q'), constraint),
  })
  .map(({ names, entries }) => ({ arguments: names, constraints: entries }))
  .filter((input) => parseArgumentConstraints(input).ok);
const value: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  ...['a', 'ab', 'b', null, 3, 7, []],
  ...[['a'], ['b'], { p: 'a' }, { p: 'a', q: 'b' }, { q: null }, {}],
);
const call: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom('x', 'y', 'o', 'z'), value);

const RUNS = 1_000;

/** Two that have much in common: two by chance hardly ever keep each other's. */
const alike = fc
  .tuple(whole, whole, fc.boolean())
  .map(([held, other, isMore]) => {
    const names = isMore ? [...held.arguments, ...other.arguments] : held.arguments;
    const constraints = { ...other.constraints, ...held.constraints };
    return [held, { arguments: [...new Set(names)], constraints }] as const;
  })
  .filter(([, asked]) => parseArgumentConstraints(asked).ok);

test('what keeps constraints allows no call that they do not', () => {
  fc.assert(
    fc.property(fc.oneof(alike, fc.tuple(whole, whole)), call, ([held, asked], args) => {
      if (!coversConstraints(held, asked)) return;
      if (naivelyAllowed(args, asked)) expect(naivelyAllowed(args, held)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test('what is joined is kept, allows no call that either does not, and stays as it is', () => {
  fc.assert(
    fc.property(whole, whole, call, (asked, { arguments: names, constraints }, args) => {
      const joined = joinConstraints(asked, constraints);
      if (!joined.ok) return;
      expect(joinConstraints(joined.value, constraints)).toEqual(joined);
      expect(coversConstraints(asked, joined.value)).toBe(true);
      if (!naivelyAllowed(args, joined.value)) return;
      expect(naivelyAllowed(args, asked)).toBe(true);
      const required = { arguments: [...new Set([...names, ...asked.arguments])], constraints };
      expect(naivelyAllowed(args, required)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});
