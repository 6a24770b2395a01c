import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  coversConstraints,
  joinConstraints,
  parseArgumentConstraints,
} from '../../../../src/capability/index.ts';
import { naivelyAllowed } from '../../../fuzz/constraints/naive.ts';

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

/** Two similar sets of constraints: two random ones hardly ever cover each other. */
const alike = fc
  .tuple(whole, whole, fc.boolean())
  .map(([granted, other, isMore]) => {
    const names = isMore ? [...granted.arguments, ...other.arguments] : granted.arguments;
    const constraints = { ...other.constraints, ...granted.constraints };
    return [granted, { arguments: [...new Set(names)], constraints }] as const;
  })
  .filter(([, asked]) => parseArgumentConstraints(asked).ok);

test('covered constraints allow no call that the covering ones deny', () => {
  fc.assert(
    fc.property(fc.oneof(alike, fc.tuple(whole, whole)), call, ([granted, asked], args) => {
      if (!coversConstraints(granted, asked)) return;
      if (naivelyAllowed(args, asked)) expect(naivelyAllowed(args, granted)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test('joined constraints are covered by both, allow only what both allow, and are idempotent', () => {
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
