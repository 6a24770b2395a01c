import type { CatalogueTool } from './catalogue.ts';

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
  const differences: string[] = [];
  if (before.action !== after.action) {
    differences.push(`the action is ${after.action} instead of ${before.action}`);
  }
  if (before.tier !== after.tier) {
    differences.push(`the tier is ${after.tier} instead of ${before.tier}`);
  }
  for (const name of before.arguments.filter((one) => !after.arguments.includes(one))) {
    differences.push(`the argument ${name} is no longer listed`);
  }
  for (const name of after.arguments.filter((one) => !before.arguments.includes(one))) {
    differences.push(`the argument ${name} is listed now`);
  }
  if (!isSame(before.datasets, after.datasets)) {
    differences.push('the datasets are found in another way');
  }
  if (!isSame(before.sinks, after.sinks)) differences.push('the sinks are others');
  return differences;
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
