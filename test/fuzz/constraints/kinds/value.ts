import fc from 'fast-check';
import type { Json } from '../../../../src/canonical-json.ts';
import type { ElementConstraint, ValueConstraint } from '../../../../src/capability/index.ts';
import { ADDRESSES } from './address.ts';
import type { Models, Samples } from './model.ts';
import { NUMBERS } from './number.ts';
import { PATHS } from './path.ts';
import { TEXTS } from './text.ts';
import { URLS } from './url.ts';

/** A kind of `VALUE_KINDS` without a model does not compile. */
export const VALUES: Models<ValueConstraint> = {
  ...TEXTS,
  ...PATHS,
  ...URLS,
  ...ADDRESSES,
  ...NUMBERS,
};

export const values: Samples<ValueConstraint> = fc.oneof(
  ...Object.values(VALUES).map(({ samples }) => samples as Samples<ValueConstraint>),
);

export interface ElementSample {
  readonly constraint: ElementConstraint;
  readonly values: readonly Json[];
}

export const elements: fc.Arbitrary<ElementSample> = fc.oneof(
  { weight: 3, arbitrary: values as fc.Arbitrary<ElementSample> },
  {
    weight: 1,
    arbitrary: fc.tuple(values, values).map(([a, b]) => ({
      constraint: { allOf: [a.constraint, b.constraint] },
      values: [...a.values, ...b.values],
    })),
  },
);

/** Whether the value meets the constraint, according to the model of its kind. */
export function meetsOne(
  models: Readonly<Record<string, { readonly isMet: (value: Json, wanted: never) => boolean }>>,
  value: Json,
  constraint: object,
): boolean {
  const [[name, wanted] = ['', undefined]] = Object.entries(constraint);
  const model = models[name];
  if (!model) throw new Error(`no model of ${name}`);
  return model.isMet(value, wanted as never);
}

export const meetsElement = (value: Json, element: ElementConstraint): boolean =>
  'allOf' in element
    ? element.allOf.every((part) => meetsOne(VALUES, value, part))
    : meetsOne(VALUES, value, element);
