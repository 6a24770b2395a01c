import type { JsonObject } from '../../../src/canonical-json.ts';
import { allowedInstead, type HistoryRefusal } from '../../../src/history/index.ts';

/**
 * Returns what an agent learns of a refusal by a rule over history: which rule, and what would be
 * allowed. Its workflow is proven: a call is charged only after it was allowed.
 */
export function aboutHistory(refusal: HistoryRefusal): JsonObject {
  const { code: _, ...about } = refusal;
  return { ...about, allowed: allowedInstead(refusal) } as unknown as JsonObject;
}
