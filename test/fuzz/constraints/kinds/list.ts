import fc from 'fast-check';
import { isJsonObject, type Json } from '../../../../src/canonical-json.ts';
import type { ListConstraint } from '../../../../src/capability/index.ts';
import type { Models } from './model.ts';
import { counts, isWithin } from './number.ts';
import { valueLists } from './text.ts';
import { elements, meetsElement } from './value.ts';

const inLists = (values: readonly Json[]): readonly Json[] => [
  ...values.map((each) => [each]),
  [...values],
  values.slice(0, 2),
  [],
];

/** Returns the elements of an array of scalars; undefined for anything else. */
function scalarsIn(value: Json): readonly Json[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly Json[] = value;
  return items.some((item) => typeof item === 'object' && item !== null) ? undefined : items;
}

type EachConstraint = Extract<ListConstraint, { each: unknown }>['each'];
type MemberConstraint = EachConstraint[string];

const members = fc
  .oneof(
    { weight: 4, arbitrary: elements },
    {
      weight: 1,
      arbitrary: fc.constant({ constraint: { present: true as const }, values: ['x', 0] }),
    },
  )
  .chain(({ constraint, values }) =>
    fc.boolean().map((isOptional) => ({
      rule: (isOptional ? { optional: constraint } : constraint) as MemberConstraint,
      values: values as readonly Json[],
    })),
  );

function meetsMember(value: Json | undefined, rule: MemberConstraint): boolean {
  if ('optional' in rule) return value === undefined || meetsMember(value, rule.optional);
  if (value === undefined)
    return 'empty' in rule || ('anyOf' in rule && rule.anyOf.some((one) => 'empty' in one));
  if (typeof value === 'object' && value !== null) return false;
  return 'present' in rule ? value !== null : meetsElement(value, rule);
}

/** A kind of `LIST_KINDS` without a model does not compile. */
export const LISTS: Models<ListConstraint> = {
  subsetOf: {
    samples: valueLists.map((values) => ({
      constraint: { subsetOf: values },
      values: [...inLists(values), [values[0] ?? '', values[0] ?? '']],
    })),
    isMet: (value, listed) =>
      scalarsIn(value)?.every((item) => (listed as readonly Json[]).includes(item)) === true,
  },
  every: {
    samples: elements.map(({ constraint, values }) => ({
      constraint: { every: constraint },
      values: inLists(values),
    })),
    isMet: (value, element) =>
      scalarsIn(value)?.every((item) => meetsElement(item, element)) === true,
  },
  any: {
    samples: elements.map(({ constraint, values }) => ({
      constraint: { any: constraint },
      values: [...inLists(values), [5, null, ...values], ['x', ...values, [1]]],
    })),
    isMet: (value, element) =>
      scalarsIn(value)?.some((item) => meetsElement(item, element)) === true,
  },
  each: {
    samples: fc
      .dictionary(fc.constantFrom('sku', 'n', 'a/b', 'x~y', 'é', 'constructor'), members, {
        minKeys: 1,
        maxKeys: 3,
      })
      .map((each) => {
        const all = Object.entries(each);
        const constraint = Object.fromEntries(all.map(([name, { rule }]) => [name, rule]));
        const item = (index: number) =>
          Object.fromEntries(all.map(([name, { values }]) => [name, values[index] ?? 0]));
        const [first, second] = [item(0), item(1)];
        const [name = ''] = Object.keys(each);
        const { [name]: _, ...rest } = first;
        return {
          constraint: { each: constraint } as { readonly each: EachConstraint },
          values: [
            ...[[first], [first, second], [], [rest], [{}], [first, {}], [first, 'x'], [[first]]],
            ...[[{ ...first, more: 1 }], [{ ...first, more: {} }], [{ ...first, more: first }]],
            ...[[{ ...first, [name]: [] }], [{ ...first, [name]: { [name]: first[name] ?? 0 } }]],
            ...[[null], [{ ...first, [name]: null }], first, { 0: first }, { 0: first, 1: first }],
          ] as readonly Json[],
        };
      }),
    isMet: (value, wanted) =>
      Array.isArray(value) &&
      (value as readonly Json[]).every(
        (item) =>
          isJsonObject(item) &&
          Object.keys(item).every((name) => Object.hasOwn(wanted, name)) &&
          Object.entries(wanted).every(([name, rule]) =>
            meetsMember(Object.hasOwn(item, name) ? item[name] : undefined, rule),
          ),
      ),
  },
  count: {
    samples: counts.map((limits) => ({
      constraint: { count: limits },
      values: [
        [],
        [1],
        ['a', 'b'],
        [1, 1, 1],
        [[], [], []],
        [null, {}, 'x', 1],
        [1, 2, 3, 4, 5, 6],
      ],
    })),
    isMet: (value, limits) => Array.isArray(value) && isWithin(value.length, limits),
  },
};
