import type { OrderVia } from '../../../src/audit/index.ts';
import type { Operator } from '../../../src/operators/index.ts';

/** Returns how an order came, for its record: never a token, and the keys of its hops by name. */
export const viaOf = ({ source, capability }: Operator, second?: Operator): OrderVia => ({
  source,
  ...(second && { second: second.name }),
  ...(capability && {
    capability: { id: capability.id, blocks: capability.blocks, hops: capability.hops },
  }),
});
