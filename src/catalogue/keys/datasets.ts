import * as v from 'valibot';
import { checkDataset } from '../../capability/index.ts';
import { CALL_DATASETS_MAX } from '../../limits.ts';
import type { CatalogueTool, DatasetSource } from '../catalogue.ts';
import { type CatalogueKey, type KeyFault, nameFault, pointerFault, tableOf } from './key.ts';

const FORMS = 'must be { argument = "/…", under = "…" } or { fixed = "…" }';
const fixed = tableOf({ fixed: v.string() });
const inArgument = tableOf({ argument: v.string(), under: v.string() });

// The form is chosen by its first member, so that a fault is about the members of that form.
const source = v.lazy((written) => {
  const members = Object(written);
  if ('fixed' in members) return fixed;
  return 'argument' in members ? inArgument : v.never(FORMS);
}) as v.GenericSchema<unknown, DatasetSource>;

export const datasets: CatalogueKey<readonly DatasetSource[]> = {
  // Invariant 6: a tool without a dataset would be authorized for all datasets.
  schema: v.pipe(v.array(source), v.minLength(1), v.maxLength(CALL_DATASETS_MAX)),
  absent: 'fault',
  *faults(sources = [], tool) {
    for (const [index, one] of sources.entries()) yield* sourceFaults(one, tool, index);
  },
  differences: () => ['the datasets are found in another way'],
};

function* sourceFaults(
  one: DatasetSource,
  tool: CatalogueTool,
  index: number,
): Generator<KeyFault> {
  if ('fixed' in one) {
    yield* nameFault(checkDataset(one.fixed), `${index}.fixed`);
    return;
  }
  const why = pointerFault(one.argument, tool);
  if (why !== undefined) yield { where: `${index}.argument`, why };
  yield* nameFault(checkDataset(one.under), `${index}.under`);
}
