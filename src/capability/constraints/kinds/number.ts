import * as v from 'valibot';
import { NUMBERS } from '../condition.ts';
import { type ConstraintAuthor, none, type SimpleKind } from './kind.ts';
import { inRange, type Range, range } from './range.ts';
import { number as numberSchema } from './scalar-schemas.ts';

/** In units, with up to six decimals. Integers are numbers, too. */
export const number: SimpleKind<Range> = {
  schema: range(numberSchema),
  condition: (limits, block) => inRange('arg_micros', limits, NUMBERS, block),
  boundsSink: isClosed,
  listedValues: none,
  numberRange: (limits) => limits,
};

export const integer: SimpleKind<Range> = {
  schema: range(v.pipe(numberSchema, v.integer())),
  condition: (limits, block) => inRange('arg_micros', limits, ['integer'], block),
  boundsSink: isClosed,
  listedValues: none,
  numberRange: (limits) => limits,
};

/** A missing minimum is a warning in a policy (lint.ts); in a request it means no bound at all. */
function isClosed({ min, max }: Range, author: ConstraintAuthor): boolean {
  return max !== undefined && (min !== undefined || author === 'policy');
}
