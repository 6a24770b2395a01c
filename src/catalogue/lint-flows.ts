import type { Catalogue, CatalogueTool } from './catalogue.ts';
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
    ...(secret && !all.some((one) => one.leaves)
      ? ['its answers are secret, and no tool is marked with leaves, so nothing keeps them here']
      : []),
  ];
}

const labelsOf = ({ answer, secret, labelled = [] }: CatalogueTool): readonly string[] => [
  ...(answer?.labels ?? []),
  ...(secret ? [SECRET] : []),
  ...labelled.flatMap(({ labels }) => labels),
];
