import * as v from 'valibot';
import { checkDataset, covers } from '../../capability/index.ts';
import { CALL_DATASETS_MAX } from '../../limits.ts';
import type {
  CatalogueTool,
  DatasetInArgument,
  DatasetNames,
  DatasetSource,
} from '../catalogue.ts';
import { type CatalogueKey, type KeyFault, nameFault, pointerFault, tableOf } from './key.ts';

const FORMS = 'must be { argument = "/…", under = "…" } or { fixed = "…" }';
const fixed = tableOf({ fixed: v.string() });
const NAMES = ['plain', 'natural', 'opaque', 'url'] as const satisfies readonly DatasetNames[];
const inArgument = tableOf({
  argument: v.string(),
  under: v.string(),
  names: v.exactOptional(v.picklist(NAMES)),
  root: v.exactOptional(v.string()),
  default: v.exactOptional(v.string()),
  emptyIsDefault: v.exactOptional(v.literal(true)),
});

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
  yield* rootFaults(one, `${index}.root`);
  yield* defaultFaults(one, index);
}

/** The root is compared with the text as it stands, so it must be spelt as a clean path is. */
function* rootFaults({ root, names }: DatasetInArgument, where: string): Generator<KeyFault> {
  if (root === undefined) return;
  if (names === 'opaque' || names === 'url') {
    yield { where, why: `names = "${names}" has no root` };
  }
  const segments = root.split('/').slice(1);
  const isClean = root === '/' || !segments.some((one) => ['', '.', '..'].includes(one));
  if (!root.startsWith('/') || !isClean) {
    yield {
      where,
      why: 'not an absolute path without empty or dot segments and a slash at its end',
    };
  }
}

function* defaultFaults(one: DatasetInArgument, index: number): Generator<KeyFault> {
  if (one.default === undefined) {
    const why = 'there is no default';
    if (one.emptyIsDefault) yield { where: `${index}.emptyIsDefault`, why };
    return;
  }
  const where = `${index}.default`;
  const checked = checkDataset(one.default);
  if (!checked.ok) yield* nameFault(checked, where);
  else if (!covers(one.under, one.default)) {
    yield { where, why: `not ${one.under}, and not below it` };
  }
}
