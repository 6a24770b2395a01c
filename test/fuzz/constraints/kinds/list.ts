import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../../../src/canonical-json.ts';
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
type ListOrEmpty = Extract<ListConstraint, { orEmpty: unknown }>['orEmpty'];

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

/** Constraints on members, and lists of objects that have these members, or nearly. */
const objects = fc
  .dictionary(fc.constantFrom('sku', 'n', 'a/b', 'x~y', 'é', 'constructor'), members, {
    minKeys: 1,
    maxKeys: 3,
  })
  .map((each) => {
    const all = Object.entries(each);
    const rules = Object.fromEntries(all.map(([name, { rule }]) => [name, rule]));
    const item = (index: number) =>
      Object.fromEntries(all.map(([name, { values }]) => [name, values[index] ?? 0]));
    const [first, second] = [item(0), item(1)];
    const [name = ''] = Object.keys(each);
    const { [name]: own = 0, ...rest } = first;
    return {
      rules: rules as EachConstraint,
      values: [
        ...[[first], [first, second], [], [rest], [{}], [first, {}], [first, 'x'], [[first]]],
        ...[[{ ...first, more: 1 }], [{ ...first, more: {} }], [{ ...first, more: first }]],
        ...[[{ ...first, [name]: [] }], [{ ...first, [name]: { [name]: own } }]],
        ...[[null], [{ ...first, [name]: null }], first, { 0: first }, { 0: first, 1: first }],
        ...[[{ ...rest, '': { [name]: own } }], [{ ...rest, more: [{ [name]: own }] }]],
      ] as readonly Json[],
    };
  });

const everyObject = (value: Json, isMet: (item: JsonObject) => boolean): boolean =>
  Array.isArray(value) &&
  (value as readonly Json[]).every((item) => isJsonObject(item) && isMet(item));

const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (isJsonObject(value) && Object.keys(value).length === 0);

function isMetBy(value: Json, list: ListOrEmpty): boolean {
  if ('subsetOf' in list) return LISTS.subsetOf.isMet(value, list.subsetOf);
  if ('every' in list) return LISTS.every.isMet(value, list.every);
  return 'each' in list
    ? LISTS.each.isMet(value, list.each)
    : LISTS.eachHas.isMet(value, list.eachHas);
}

const hasMembers = (item: JsonObject, wanted: EachConstraint): boolean =>
  Object.entries(wanted).every(([name, rule]) =>
    meetsMember(Object.hasOwn(item, name) ? item[name] : undefined, rule),
  );

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
    samples: objects.map(({ rules, values }) => ({
      constraint: { each: rules } as { readonly each: EachConstraint },
      values,
    })),
    isMet: (value, wanted) =>
      everyObject(
        value,
        (item) =>
          Object.keys(item).every((name) => Object.hasOwn(wanted, name)) &&
          hasMembers(item, wanted),
      ),
  },
  eachHas: {
    samples: objects.map(({ rules, values }) => ({
      constraint: { eachHas: rules } as { readonly eachHas: EachConstraint },
      values,
    })),
    isMet: (value, wanted) => everyObject(value, (item) => hasMembers(item, wanted)),
  },
  orEmpty: {
    samples: objects.map(({ rules, values }) => ({
      constraint: { orEmpty: { eachHas: rules } } as { readonly orEmpty: ListOrEmpty },
      values: [...values, null, '', {}, ' ', 0, false],
    })),
    isMet: (value, list) => isEmpty(value) || isMetBy(value, list),
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
