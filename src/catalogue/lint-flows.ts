import { covers } from '../capability/index.ts';
import type { Catalogue, CatalogueTool } from './catalogue.ts';
import { datasetRoots } from './dataset-roots.ts';
import { SECRET, URL_KIND } from './keys/index.ts';

/**
 * Returns what to ask about the labels of a tool: rules that can never hold, rules that hold by
 * assumption, and secrets that no rule keeps.
 */
export function flowWarnings(tool: CatalogueTool, catalogue: Catalogue): readonly string[] {
  const { action, tier, secret, leaves, flow = [], sink = [] } = tool;
  const all = [...catalogue.values()];
  const carried = new Set(all.flatMap(labelsOf));
  const unread = flow
    .flatMap(({ when }) => when)
    .filter((label) => label !== SECRET && !carried.has(label));
  const isReadable = flow.some(({ when }) => when.every((label) => carried.has(label)));
  const hasOwner = sink.some(({ sameOwner }) => sameOwner !== undefined);
  return [
    ...[...new Set(unread)].map(
      (label) => `a flow reads the label ${label}, which no tool carries`,
    ),
    ...(tier < 2 && flow.some(({ lasts }) => lasts !== undefined)
      ? [
          `it leaves at tier ${tier}, where a label that lasts is always assumed: use tier 2 or 3, or no call leaves`,
        ]
      : []),
    ...(tier < 2 && isReadable
      ? [
          `it leaves at tier ${tier}, where what a workflow has read is only assumed from its grants: tier 2 or 3 knows it`,
        ]
      : []),
    ...(flow.some(({ exceptSameOwner }) => exceptSameOwner) && !hasOwner
      ? ['a flow excepts the same owner, and no sink states sameOwner']
      : []),
    ...(action === 'read' && !leaves && sink.some(({ kind }) => kind === URL_KIND)
      ? ['it requests URLs of the caller, and its URLs are not bounded: mark it with leaves']
      : []),
    ...laundering(tool, all, carried),
    ...(secret && !all.some((one) => one.leaves)
      ? ['its answers are secret, and no tool is marked with leaves, so nothing keeps them here']
      : []),
  ];
}

/**
 * Returns where a workflow that carries labels may write what another one reads without them. No
 * label follows the data into a dataset that no one labelled.
 */
function laundering(
  tool: CatalogueTool,
  all: readonly CatalogueTool[],
  carried: ReadonlySet<string>,
): readonly string[] {
  const isHeld = all.some(({ flow = [] }) =>
    flow.some(({ when }) => when.every((label) => carried.has(label))),
  );
  if (tool.action === 'read' || tool.leaves || !isHeld) return [];
  const overlaps = (one: string, other: string) => covers(one, other) || covers(other, one);
  return datasetRoots(tool).flatMap((root) => {
    const isLabelled = tool.labelled?.some(({ dataset }) => overlaps(dataset, root));
    const reader = all.find(
      (one) =>
        one.action === 'read' &&
        labelsOf({ ...one, labelled: [] }).length === 0 &&
        datasetRoots(one).some((read) => overlaps(read, root)),
    );
    return isLabelled || !reader
      ? []
      : [
          `what it writes to ${root}, ${reader.name} reads without the labels of the writer: label the dataset, or mark the tool with leaves`,
        ];
  });
}

const labelsOf = ({ answer, secret, labelled = [] }: CatalogueTool): readonly string[] => [
  ...(answer?.labels ?? []),
  ...(secret ? [SECRET] : []),
  ...labelled.flatMap(({ labels }) => labels),
];
