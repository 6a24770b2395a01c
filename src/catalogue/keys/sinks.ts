import * as v from 'valibot';
import { CATALOGUE_SINKS_MAX } from '../../limits.ts';
import { type CatalogueKey, pointerFault } from './key.ts';

export const sinks: CatalogueKey<readonly string[]> = {
  schema: v.pipe(v.array(v.string()), v.maxLength(CATALOGUE_SINKS_MAX)),
  absent: { value: [] },
  *faults(written, tool) {
    // A tool that changes something sends it somewhere, so an empty list must be explicit.
    if (written === undefined && tool.sink === undefined && tool.action !== 'read') {
      yield { why: 'missing: a tool that does more than read must list its sinks, or []' };
    }
    for (const [index, sink] of (written ?? []).entries()) {
      const where = String(index);
      const why = pointerFault(sink, tool);
      if (why !== undefined) yield { where, why };
      if (written?.indexOf(sink) !== index) yield { where, why: 'appears twice' };
    }
  },
  differences: () => ['the sinks are others'],
};
