import { type Catalogue, type CatalogueTool, tools } from '../catalogue/index.ts';
import { groupBy } from '../group-by.ts';
import { pointerTo } from '../json-pointer.ts';
import type { ObservedCall } from './observed-call.ts';
import type { PartyCalls } from './profiles.ts';
import type { LearnedTool, LearnSettings } from './proposal.ts';

/** The reading tools that are proposed for all tasks of an agent, and the calls that support it. */
export interface SharedReads extends PartyCalls {
  readonly tools: ReadonlySet<string>;
  /** Reads of the same server and dataset that were not recorded. */
  readonly unseen: readonly UnseenReads[];
}

export interface UnseenReads {
  readonly server: string;
  readonly tools: readonly LearnedTool[];
  /** The tools of the server that were recorded. */
  readonly seen: readonly string[];
}

/**
 * Returns what the agents read in all their tasks: which tool a task reads with first varies from
 * run to run. Only tools that always read the same dataset are shared, because which files a task
 * reads belongs to the task. If an agent uses at least half of a server's reads of one dataset, the
 * others are shared too.
 */
export function sharedReads(
  groups: readonly PartyCalls[],
  catalogue: Catalogue,
  settings: LearnSettings,
): readonly SharedReads[] {
  const agents = groupBy(
    groups.filter(({ task }) => task !== undefined),
    ({ agent, userIssuer = '' }) => JSON.stringify([agent, userIssuer]),
  );
  return [...agents.values()].flatMap(([first, ...more]) => {
    if (!first) return [];
    const calls = [first, ...more].flatMap((group) => group.calls);
    const seen = seenReads(calls, catalogue, settings);
    if (seen.length === 0) return [];
    const { agent, userIssuer } = first;
    const names = new Set(seen.map(({ name }) => name));
    const read = calls.filter(({ tool = '' }) => names.has(tool));
    const unseen = unseenReads(seen, catalogue, settings);
    return [{ agent, userIssuer, tools: names, calls: read, unseen }];
  });
}

function seenReads(
  calls: readonly ObservedCall[],
  catalogue: Catalogue,
  { readers }: LearnSettings,
): readonly CatalogueTool[] {
  return [...groupBy(calls, ({ tool = '' }) => tool)].flatMap(([tool, own]) => {
    const entry = catalogue.get(tool);
    const isOneDataset = new Set(own.flatMap(({ datasets }) => datasets)).size === 1;
    const tasks = new Set(own.map(({ task }) => task)).size;
    const isShared = isOneDataset && tasks >= readers;
    return entry && isRead(entry) && isShared ? [entry] : [];
  });
}

const isRead = ({ action, sinks }: CatalogueTool): boolean =>
  action === 'read' && sinks.length === 0;

function unseenReads(
  seen: readonly CatalogueTool[],
  catalogue: Catalogue,
  { support }: LearnSettings,
): readonly UnseenReads[] {
  const names = new Set(seen.map(({ name }) => name));
  const reads = groupBy(tools(catalogue).filter(isRead), (tool) =>
    JSON.stringify([serverOf(tool), datasetOf(tool)]),
  );
  return [...reads].flatMap(([key, all]) => {
    const [server, dataset] = JSON.parse(key) as [string, string | null];
    const own = all.filter(({ name }) => names.has(name));
    const others = all.filter(({ name }) => !names.has(name));
    const isSupported = own.length >= support && own.length >= others.length;
    if (dataset === null || others.length === 0 || !isSupported) return [];
    const unbounded = others.map(({ name, arguments: args }) => ({
      tool: name,
      action: 'read' as const,
      datasets: [dataset],
      bounds: {},
      open: [],
      free: args.map((argument) => pointerTo('', argument)),
    }));
    return [{ server, tools: unbounded, seen: own.map(({ name }) => name) }];
  });
}

const serverOf = ({ name }: CatalogueTool): string => name.slice(0, name.lastIndexOf('/'));

/** The dataset that every call of the tool reads. Null if it depends on the call. */
function datasetOf({ datasets }: CatalogueTool): string | null {
  const [first, ...more] = datasets;
  return first && 'fixed' in first && more.length === 0 ? first.fixed : null;
}
