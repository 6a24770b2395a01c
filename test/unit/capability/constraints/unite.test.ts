import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  type ConstraintsByPointer,
  pinSinks,
  uniteConstraints,
} from '../../../../src/capability/index.ts';
import { naivelyAllowed } from '../../../fuzz/constraints/naive.ts';

const of = (
  constraints: ConstraintsByPointer,
  names: readonly string[] = ['to', 'amount', 'note'],
): ArgumentConstraints => ({ arguments: names, constraints });
const united = (current: Constraint, added: Constraint) => {
  const found = uniteConstraints(of({ '/to': current }), of({ '/to': added }));
  return found.ok ? found.value.constraints['/to'] : found.error.code;
};
const EMPTY = { empty: true } as const;
const ACME: Constraint = { every: { suffix: '@acme.example' } };

describe('a constraint widened by the values of one call', () => {
  test.each<[Constraint, Constraint, Constraint]>([
    [{ exact: 'a' }, { exact: 'b' }, { oneOf: ['a', 'b'] }],
    [{ exact: 1 }, { exact: 2.5 }, { oneOf: [1, 2.5] }],
    [{ oneOf: ['a', 'b'] }, { exact: 'c' }, { oneOf: ['a', 'b', 'c'] }],
    [{ oneOf: ['a', 'b'] }, { exact: 'b' }, { oneOf: ['a', 'b'] }],
    [{ subsetOf: ['a'] }, { subsetOf: ['b', 'a'] }, { subsetOf: ['a', 'b'] }],
    [{ absent: true }, { exact: 'a' }, { optional: { exact: 'a' } }],
    [{ exact: 'a' }, { absent: true }, { optional: { exact: 'a' } }],
    [{ optional: { exact: 'a' } }, { exact: 'b' }, { optional: { oneOf: ['a', 'b'] } }],
    [{ absent: true }, { absent: true }, { absent: true }],
    [{ absent: true }, { exact: null }, { empty: true }],
    [{ exact: null }, { exact: 'a' }, { anyOf: [{ exact: 'a' }, EMPTY] }],
    [{ oneOf: ['a', 'b'] }, { exact: null }, { anyOf: [{ oneOf: ['a', 'b'] }, EMPTY] }],
    [{ optional: { exact: 'a' } }, { exact: '' }, { anyOf: [{ exact: 'a' }, EMPTY] }],
    [{ anyOf: [{ exact: 'a' }, EMPTY] }, { exact: 'b' }, { anyOf: [{ oneOf: ['a', 'b'] }, EMPTY] }],
    [{ empty: true }, { subsetOf: ['a'] }, { optional: { subsetOf: ['a'] } }],
    [{ subsetOf: ['a'] }, { exact: null }, { subsetOf: ['a'] }],
  ])('%j with %j becomes %j', (current, added, both) =>
    expect(united(current, added)).toEqual(both),
  );

  test('keeps the constraints that were joined to its list of values', () => {
    const current = { allOf: [{ subsetOf: ['b@acme.example'] }, ACME] } as Constraint;
    expect(united(current, { subsetOf: ['c@acme.example'] })).toEqual({
      allOf: [{ subsetOf: ['b@acme.example', 'c@acme.example'] }, ACME],
    });
  });

  test.each<Constraint>([
    ...[{ prefix: 'a' }, { matches: 'a.*' }, { number: { max: 5 } }, { present: true } as const],
    ...[{ cidr: '10.0.0.0/8' }, { glob: 'a/*' }, { length: { max: 3 } }, ACME],
  ])('stays unchanged if it lists no values: %j', (current) => {
    expect(united(current, { exact: 'x' })).toEqual(current);
  });

  test.each<[Constraint, Constraint]>([
    [{ exact: 'a' }, { exact: 1 }],
    [{ exact: true }, { exact: false }],
    [{ exact: 'a' }, { subsetOf: ['a'] }],
    [{ subsetOf: Array.from({ length: 64 }, (_, i) => `${i}`) }, { subsetOf: ['x'] }],
  ])('is refused if no constraint can express both: %j and %j', (current, added) => {
    expect(united(current, added)).toBe('constraints_conflict');
  });

  test('allows only the added value of an argument that was not listed', () => {
    const current = of({ '/to': { exact: 'a' } }, ['to']);
    const added = of({ '/amount': { exact: 5 }, '/note': { absent: true } });
    expect(uniteConstraints(current, added)).toEqual({
      ok: true,
      value: of({ '/to': { exact: 'a' }, '/amount': { exact: 5 } }, ['to', 'amount']),
    });
  });

  test('is refused if the two close an object differently', () => {
    const [current, added] = [
      of({ '/note/a': { exact: 1 } }),
      of({ '/note/a': { exact: 1 }, '/note/b': { exact: 2 } }),
    ];
    expect(uniteConstraints(current, added)).toEqual({
      ok: false,
      error: { code: 'constraints_conflict', pointer: '/note/a' },
    });
  });

  const value = fc.oneof(
    fc.constantFrom('a', 'b', 'c', 1, 2, true),
    fc.array(fc.constantFrom('a', 'b', 'c')),
  );
  const isNothing = (one: unknown) => one === undefined || (Array.isArray(one) && one.length === 0);
  const args = fc.record({ to: value, amount: value }, { requiredKeys: [] });
  const TOOL = { arguments: ['to', 'amount', 'note'], sinks: ['/to', '/amount'] };

  test('allows what it allowed before and the call, and no other value', () => {
    let wider = 0;
    fc.assert(
      fc.property(args, args, args, (first, second, other) => {
        const [current, added] = [first, second].map(
          (call) => pinSinks(call as JsonObject, TOOL)?.constraints,
        );
        if (!current || !added) return;
        const both = uniteConstraints(current, added);
        if (!both.ok) return;
        wider += 1;
        expect(naivelyAllowed(first as JsonObject, both.value)).toBe(true);
        expect(naivelyAllowed(second as JsonObject, both.value)).toBe(true);
        if (!naivelyAllowed(other as JsonObject, both.value)) return;
        for (const name of ['to', 'amount'] as const) {
          const [a, b, c] = [first[name], second[name], other[name]];
          const all = [a, b].flatMap((one) => one as Json);
          const isKnown =
            c === undefined
              ? isNothing(a) || isNothing(b)
              : [c].flat().every((x) => all.includes(x));
          expect(isKnown, JSON.stringify([a, b, c])).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(wider).toBeGreaterThan(300);
  });
});
