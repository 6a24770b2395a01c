/** Constraints in nested objects, and calls that differ from what they allow by one member. */
import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  type ConstraintsByPointer,
  parseArgumentConstraints,
  parseByPointer,
} from '../../../src/capability/index.ts';

const PARTS: readonly Constraint[] = [
  ...[{ exact: 'a' }, { exact: null }, { oneOf: ['a', 'b'] }, { prefix: 'ab' }],
  ...[{ number: { max: 5 } }, { every: { oneOf: ['a'] } }, { count: { max: 1 } }],
  { present: true },
  ...[{ from: ['=a', 'own:iban'] as const }, { from: ['#3', 'prompt', '=a'] as const }],
  ...[{ every: { from: ['=a', 'prompt'] as const } }, { every: { from: ['=a'] as const } }],
  ...[{ empty: true as const }, { not: { exact: 'a' } }],
  ...[
    { anyOf: [{ empty: true as const }, { exact: 'a' }] },
    { anyOf: [{ exact: 'a' }, { exact: 3 }] },
  ],
  ...[
    { each: { a: { exact: 'a' } } },
    { each: { a: { oneOf: ['a', 'b'] }, b: { optional: { present: true as const } } } },
    { eachHas: { a: { exact: 'a' } } },
    { orEmpty: { every: { from: ['=a', 'prompt'] as const } } },
    { orEmpty: { subsetOf: ['a'] } },
    { eachHas: { a: { optional: { oneOf: ['a', 'b'] } } } },
  ],
];
const part = fc.constantFrom(...PARTS);
const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  { weight: 3, arbitrary: part },
  { weight: 3, arbitrary: part.map((inner) => ({ optional: inner }) as Constraint) },
  { weight: 3, arbitrary: fc.constant<Constraint>({ absent: true }) },
  {
    weight: 1,
    arbitrary: fc
      .subarray(PARTS.filter((one) => !('present' in one)) as Constraint[], {
        minLength: 1,
        maxLength: 2,
      })
      .map((all) => ({ allOf: all }) as Constraint),
  },
);

const POINTERS = ['/x', '/o', '/o/p', '/o/q', '/o/0', '/o/d', '/o/d/a', '/o/d/b', '/n/p'];
export const byPointer: fc.Arbitrary<ConstraintsByPointer> = fc
  .dictionary(fc.constantFrom(...POINTERS), constraint, { maxKeys: 5 })
  .filter((input) => parseByPointer(input).ok);

export const NAMES = ['x', 'o', 'n'];
export const whole: fc.Arbitrary<ArgumentConstraints> = fc
  .record({ names: fc.subarray(NAMES, { minLength: 1 }), constraints: byPointer })
  .map(({ names, constraints }) => ({ arguments: names, constraints }))
  .filter((input) => parseArgumentConstraints(input).ok);

/** What an agent with `granted` asks for: some constraints are changed, left out or added. */
export const changed = (granted: ArgumentConstraints): fc.Arbitrary<ArgumentConstraints> =>
  fc
    .record({
      names: fc.oneof(fc.constant(granted.arguments), fc.subarray([...granted.arguments])),
      kept: fc.subarray(Object.entries(granted.constraints)),
      changes: fc.dictionary(
        fc.constantFrom(...Object.keys(granted.constraints), ...POINTERS),
        fc.oneof(constraint, fc.constantFrom(...Object.values(granted.constraints), PARTS[0])),
        { maxKeys: 2 },
      ),
      more: fc.boolean(),
    })
    .map(({ names, kept, changes, more }) => ({
      arguments: names,
      constraints: {
        ...(more ? granted.constraints : Object.fromEntries(kept)),
        ...changes,
      } as ConstraintsByPointer,
    }))
    .filter((input) => parseArgumentConstraints(input).ok);

const leaf = fc.constantFrom<Json>(
  ...['a', 'ab', 'b', '', null, 3, 7, [], ['a'], ['b']],
  ...[[{ a: 'a' }], [{ a: 'b', b: 3 }, { a: 'a' }], [{ b: 3 }], [{ a: 'a', z: 1 }]],
);
const deep: fc.Arbitrary<Json> = fc.oneof(
  { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'z'), leaf, { maxKeys: 2 }) },
  leaf,
);
const object = fc.dictionary(
  fc.constantFrom('p', 'q', '0', 'd', 'z'),
  fc.oneof({ weight: 2, arbitrary: leaf }, deep),
  { maxKeys: 3 },
);
const value: fc.Arbitrary<Json> = fc.oneof({ weight: 3, arbitrary: object }, leaf);
export const call = fc
  .dictionary(fc.constantFrom(...NAMES, 'y'), value, { maxKeys: 3 })
  .map((args) => args as JsonObject);

export const hasEmptyObject = (args: JsonObject): boolean => /\{\}/.test(JSON.stringify(args));
