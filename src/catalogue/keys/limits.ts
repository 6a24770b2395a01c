import { limitsSchema, type StatedLimits } from '../../call-limits.ts';
import type { CatalogueKey } from './key.ts';

/** What one call of the tool may take, where it is less than its server allows. */
export const limits: CatalogueKey<StatedLimits> = {
  schema: limitsSchema,
  absent: 'nothing',
  differences: (_, after) => [
    after === undefined
      ? 'the limits are those of its server'
      : `the limits are ${Object.entries(after)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
  ],
};
