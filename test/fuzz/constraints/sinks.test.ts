/**
 * If a sink counts as bounded, no call that the compiled checks allow brings an unrelated value to
 * it, in any form of the argument.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  type Constraint,
  joinConstraints,
  parseArgumentConstraints,
  parseByPointer,
} from '../../../src/capability/index.ts';
import { boundSinks } from '../../../src/catalogue/index.ts';
import { EACH_ELEMENT, readPointer } from '../../../src/json-pointer.ts';
import { effort } from '../../effort.ts';
import { compiled } from './compiled.ts';

const RUNS = effort(2_000, 6_000);
const TIMEOUT = 300_000; // Milliseconds; some ten seconds on an idle core.
/** No constraint allows it by name. */
const UNRELATED = 'unrelated';

const BOUNDING: readonly Constraint[] = [
  ...[{ exact: 'a' }, { oneOf: ['a', 'b'] }, { exact: 1 }, { integer: { min: 0, max: 5 } }],
  ...[{ subsetOf: ['a', 'b'] }, { every: { exact: 'a' } }],
  { allOf: [{ every: { oneOf: ['a', 'b'] } }, { count: { min: 1 } }] },
  ...[{ empty: true as const }, { anyOf: [{ empty: true as const }, { exact: 'a' }] }],
  ...[{ each: { x: { exact: 'a' } } }, { each: { x: { optional: { oneOf: ['a', 'b'] } } } }],
  { allOf: [{ each: { x: { present: true as const } } }, { each: { x: { exact: 'a' } } }] },
  ...[{ orEmpty: { every: { exact: 'a' } } }, { orEmpty: { eachHas: { x: { exact: 'a' } } } }],
  ...[{ eachHas: { x: { exact: 'a' } } }, { eachHas: { x: { optional: { exact: 'a' } } } }],
];
const OPEN: readonly Constraint[] = [
  ...[{ present: true as const }, { length: { max: 20 } }, { count: { max: 3 } }],
  ...[{ any: { exact: 'a' } }, { matches: '.*' }, { every: { length: { max: 20 } } }],
  ...[{ not: { exact: 'a' } }, { anyOf: [{ exact: 'a' }, { length: { max: 20 } }] }],
  ...[{ each: { x: { present: true as const } } }, { each: { x: { not: { exact: 'b' } } } }],
  { each: { x: { exact: 'a' }, y: { present: true as const } } },
  ...[{ from: ['=a'] as const }, { every: { from: ['=a', 'own:iban'] as const } }],
  { each: { x: { from: ['#1', 'prompt'] as const } } },
  ...[{ eachHas: { x: { present: true as const } } }, { eachHas: { y: { exact: 'a' } } }],
];
const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...BOUNDING) },
  { weight: 2, arbitrary: fc.constantFrom(...OPEN) },
  { weight: 2, arbitrary: fc.constant<Constraint>({ absent: true }) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...BOUNDING, ...OPEN)
      .map((inner) => ({ optional: inner }) as Constraint),
  },
);
const POINTERS = ['/to', '/to/0', '/to/x', '/o', '/o/p', '/o/p/x', '/o/q', '/o/l', '/o/l/0'];
const byPointer = fc
  .dictionary(fc.constantFrom(...POINTERS), constraint, { maxKeys: 4 })
  .filter((input) => parseByPointer(input).ok);
const NAMES = ['to', 'o', 'n'];
const asked: fc.Arbitrary<ArgumentConstraints> = fc
  .record({ names: fc.subarray(NAMES, { minLength: 1 }), constraints: byPointer })
  .map(({ names, constraints }) => ({ arguments: names, constraints }))
  .filter((input) => parseArgumentConstraints(input).ok);

const SINKS = [
  '/to',
  '/to/*',
  '/to/*/x',
  '/to/*/y',
  '/o/l/*/x',
  '/o',
  '/o/p',
  '/o/p/*',
  '/o/l/*',
  '/o/*',
  '/n',
];

const leaf = fc.constantFrom<Json>(
  'a',
  UNRELATED,
  1,
  null,
  ['a'],
  [UNRELATED],
  ['a', UNRELATED],
  [],
);
const inner = fc.oneof(
  leaf,
  fc.dictionary(fc.constantFrom('x', 'x', 'y', '0', EACH_ELEMENT), leaf, { maxKeys: 2 }),
);
const value: fc.Arbitrary<Json> = fc.oneof(
  leaf,
  fc.dictionary(fc.constantFrom('p', 'q', 'l', 'x', '0', EACH_ELEMENT), inner, { maxKeys: 2 }),
  fc.array(inner, { maxLength: 2 }),
);
const call = fc
  .dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 3 })
  .map((args) => args as JsonObject);

/** The values that the tool may find at a sink: of a value without elements, the whole value. */
function atSink(found: Json | undefined, [segment, ...rest]: readonly string[]): readonly Json[] {
  if (found === undefined) return [];
  if (segment === undefined) return [found];
  if (segment === EACH_ELEMENT) {
    const items: readonly Json[] = Array.isArray(found) ? found : [];
    return Array.isArray(found) ? items.flatMap((item) => atSink(item, rest)) : [found];
  }
  return isJsonObject(found) && Object.hasOwn(found, segment) ? atSink(found[segment], rest) : [];
}

/** Null and what is empty are no destination, so an absent sink may have them. */
const isSomething = (value: Json): boolean =>
  value !== null && !['""', '[]', '{}'].includes(JSON.stringify(value));

const hasUnrelated = (values: readonly Json[]): boolean =>
  JSON.stringify(values).includes(UNRELATED);

test(
  'a sink that counts as bounded gets no unrelated value, also from a member named *',
  async () => {
    const seen: Record<string, number> = {};
    const calls = fc.array(call, { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(asked, byPointer, calls, async (wanted, required, each) => {
        const joined = joinConstraints(wanted, required);
        if (!joined.ok) return;
        const tool = { action: 'read', sinks: SINKS, datasets: [] } as const;
        const given = { dataset: 'd', constraints: joined.value };
        const bounds = boundSinks(tool, given, required);
        const allows = compiled(joined.value);
        for (const args of each) {
          if ((await allows(args)) !== true) continue;
          for (const { pointer, bound } of bounds) {
            const values = atSink(args, readPointer(pointer) ?? []);
            const what = JSON.stringify({ pointer, bound, joined: joined.value, required, args });
            if (bound === 'absent') expect(values.filter(isSomething), what).toEqual([]);
            else if (bound !== 'nothing') expect(hasUnrelated(values), what).toBe(false);
            if (values.length > 0) seen[bound] = (seen[bound] ?? 0) + 1;
          }
        }
      }),
      { numRuns: RUNS, seed: Number(process.env.CONSTRAINT_SEED ?? 17) },
    );
    for (const bound of ['policy', 'request', 'nothing']) {
      expect([bound, (seen[bound] ?? 0) > RUNS / 100]).toEqual([bound, true]);
    }
  },
  TIMEOUT,
);
