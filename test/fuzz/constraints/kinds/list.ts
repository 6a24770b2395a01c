import type { Json } from '../../../../src/canonical-json.ts';
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
