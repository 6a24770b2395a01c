import { never, none, type SimpleKind } from './kind.ts';
import { countRange, inRange, type Range } from './range.ts';

/** The length of a string, in code points. */
export const length: SimpleKind<Range> = {
  schema: countRange,
  condition: (limits, block) => inRange('arg_length', limits, ['string'], block),
  boundsSink: never,
  listedValues: none,
  numberRange: none,
};
