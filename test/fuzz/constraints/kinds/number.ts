import fc from 'fast-check';
import type { Range, ValueConstraint } from '../../../../src/capability/index.ts';
import type { Models } from './model.ts';

export const numbers = fc.constantFrom(
  0,
  1,
  -1,
  0.5,
  50,
  50.25,
  9000,
  -0.000001,
  9_223_372_036_854,
);

const ends = fc
  .tuple(numbers, numbers)
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const ranges = fc
  .tuple(ends, fc.constantFrom('both', 'min', 'max', 'none'))
  .map(([{ min, max }, kept]) => ({
    limits: {
      ...(kept !== 'max' && kept !== 'none' && { min }),
      ...(kept !== 'min' && kept !== 'none' && { max }),
    },
    values: [min, max, Math.trunc((min + max) / 2), min + 0.000001],
  }));

/** Ranges of counts, with at least one end. */
export const counts = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([min, more, kept]) => ({
    ...(kept !== 1 && { min }),
    ...(kept !== 2 && { max: min + more }),
  }));

export const isWithin = (value: number, { min, max }: Range): boolean =>
  (min === undefined || value >= min) && (max === undefined || value <= max);

export const NUMBERS: Pick<Models<ValueConstraint>, 'number' | 'integer'> = {
  number: {
    samples: ranges.map(({ limits, values }) => ({ constraint: { number: limits }, values })),
    isMet: (value, limits) => typeof value === 'number' && isWithin(value, limits),
  },
  integer: {
    samples: ranges
      .filter(({ limits }) => Object.values(limits).every(Number.isInteger))
      .map(({ limits, values }) => ({ constraint: { integer: limits }, values })),
    isMet: (value, limits) => Number.isInteger(value) && isWithin(Number(value), limits),
  },
};
