import type { CatalogueTool } from './catalogue.ts';
import { TOOL_KEY_ENTRIES } from './keys/index.ts';

/**
 * Returns where two catalogues differ about one tool, a phrase for each difference. The first is
 * the earlier one; undefined if the tool is not in it. The phrases quote only the catalogues.
 */
export function toolDifferences(
  before: CatalogueTool | undefined,
  after: CatalogueTool | undefined,
): readonly string[] {
  if (!before && !after) return [];
  if (!after) return [`${before?.name} is no longer in the catalogue`];
  if (!before) return [`${after.name} is new in the catalogue`];
  const ofKeys = TOOL_KEY_ENTRIES.flatMap(([key, { differences }]) =>
    isSame(before[key], after[key]) ? [] : differences(before[key], after[key]),
  );
  const isOther = !isSame(before.history, after.history);
  return isOther ? [...ofKeys, 'other rules over the history of its calls'] : ofKeys;
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
