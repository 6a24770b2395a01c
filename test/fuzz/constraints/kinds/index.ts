/** For each kind of constraint: samples to fuzz with, and what the kind means. */
import fc from 'fast-check';
import type { Json } from '../../../../src/canonical-json.ts';
import type { Constraint, ConstraintKind } from '../../../../src/capability/index.ts';
import { LISTS } from './list.ts';
import type { Sample, Samples } from './model.ts';
import { meetsOne, VALUES, values } from './value.ts';

export type { Sample } from './model.ts';

const lists: Samples = fc.oneof(...Object.values(LISTS).map(({ samples }) => samples as Samples));
const parts: Samples = fc.oneof(
  { weight: 1, arbitrary: values as Samples },
  { weight: Object.keys(LISTS).length, arbitrary: lists },
);
const allOf: Samples = fc.array(parts, { minLength: 1, maxLength: 2 }).map((all) => ({
  constraint: { allOf: all.map(({ constraint }) => constraint) } as Constraint,
  values: all.flatMap((part) => part.values),
}));
const present: Samples = fc.constant<Sample>({
  constraint: { present: true },
  values: [0, '', [], {}, false, [null], { x: 1 }],
});

const samplesOf = (models: Readonly<Record<string, { readonly samples: unknown }>>) =>
  Object.fromEntries(
    Object.entries(models).map(([name, { samples }]) => [name, samples as Samples]),
  ) as Readonly<Record<string, Samples>>;

const COMBINING: Readonly<
  Record<Exclude<ConstraintKind, keyof typeof VALUES | keyof typeof LISTS>, Samples>
> = {
  allOf,
  present,
  optional: fc
    .oneof(parts, allOf, present)
    .map((inner) => ({ ...inner, constraint: { optional: inner.constraint } as Constraint })),
  absent: fc.constant<Sample>({ constraint: { absent: true }, values: [null, '', 0] }),
};

/** Constraints of every kind. */
export const KINDS: Readonly<Record<string, Samples>> = {
  ...samplesOf(VALUES),
  ...samplesOf(LISTS),
  ...COMBINING,
};

const PARTS = { ...VALUES, ...LISTS };

/** Whether an argument, which may be missing, meets the constraint. */
export function meets(value: Json | undefined, constraint: Constraint): boolean {
  if ('absent' in constraint) return value === undefined;
  if ('optional' in constraint) return value === undefined || meets(value, constraint.optional);
  if ('allOf' in constraint) return constraint.allOf.every((part) => meets(value, part));
  if (value === undefined) {
    if ('anyOf' in constraint) return constraint.anyOf.some((one) => meets(undefined, one));
    return 'empty' in constraint || 'orEmpty' in constraint;
  }
  if ('present' in constraint) return value !== null;
  return meetsOne(PARTS, value, constraint);
}
