import type { Catalogue, CatalogueTool } from '../catalogue/index.ts';
import { tools } from '../catalogue/index.ts';
import { readPointer } from '../json-pointer.ts';
import { isSameAgent } from './profiles.ts';
import type { LearnedTool, Profile, Proposal } from './proposal.ts';

/**
 * How much a proposal allows of everything that the catalogue describes. The space has a dimension
 * for each tool and each of its datasets and arguments. A capability leaves a dimension open,
 * bounds it, or closes it because it does not grant the tool. Averages over profiles.
 */
export interface Measure {
  readonly tools: number;
  readonly dimensions: number;
  /** Tools that one workflow may be granted. */
  readonly grantedTools: number;
  readonly openDimensions: number;
  readonly boundedDimensions: number;
  /** `openDimensions / dimensions`: 1 is everything. */
  readonly openShare: number;
}

/** Returns the measure of a proposal; undefined for one without profiles. */
export function measure({ profiles }: Proposal, catalogue: Catalogue): Measure | undefined {
  if (profiles.length === 0) return undefined;
  const all = tools(catalogue);
  const dimensions = sum(all.map(dimensionsOf));
  const counted = workflowKinds(profiles).map((tools) => countTools(tools, catalogue));
  const average = (of: (one: Counted) => number) => sum(counted.map(of)) / counted.length;
  const openDimensions = average(({ open }) => open);
  return {
    tools: all.length,
    dimensions,
    grantedTools: average(({ granted }) => granted),
    openDimensions,
    boundedDimensions: average(({ bounded }) => bounded),
    openShare: dimensions === 0 ? 0 : openDimensions / dimensions,
  };
}

interface Counted {
  readonly granted: number;
  readonly open: number;
  readonly bounded: number;
}

const dimensionsOf = ({ datasets, arguments: args }: CatalogueTool): number =>
  1 + datasets.length + args.filter((name) => !isMapped(datasets, name)).length;

const isMapped = (datasets: CatalogueTool['datasets'], name: string): boolean =>
  datasets.some((source) => 'argument' in source && readPointer(source.argument)?.[0] === name);

/** What a workflow may be granted: the tools of its task, and those of every task of its agent. */
function workflowKinds(profiles: readonly Profile[]): readonly (readonly LearnedTool[])[] {
  const isShared = (one: Profile) =>
    one.task === undefined &&
    profiles.some((other) => other.task !== undefined && isSameAgent(one, other));
  return profiles
    .filter((profile) => !isShared(profile))
    .map((profile) => [
      ...profile.tools,
      ...profiles
        .filter((other) => isShared(other) && isSameAgent(other, profile))
        .flatMap(({ tools: shared }) => shared),
    ]);
}

function countTools(learned: readonly LearnedTool[], catalogue: Catalogue): Counted {
  const counted = learned.map((tool) => countTool(tool, catalogue.get(tool.tool)));
  return {
    granted: learned.length,
    open: sum(counted.map(({ open }) => open)),
    bounded: sum(counted.map(({ bounded }) => bounded)),
  };
}

/** A dataset is bounded if the grant is below its root; an argument, if a constraint is on it. */
function countTool({ datasets, free, open }: LearnedTool, entry: CatalogueTool | undefined) {
  if (!entry) return { open: 0, bounded: 0 };
  const roots = entry.datasets.map((source) => ('fixed' in source ? source.fixed : source.under));
  const wholeRoots = roots.filter((root) => datasets.includes(root)).length;
  const openSinks = open.filter(({ bound }) => bound === 'nothing').length;
  const openCount = 1 + wholeRoots + free.length + openSinks;
  return { open: openCount, bounded: Math.max(0, dimensionsOf(entry) - openCount) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
