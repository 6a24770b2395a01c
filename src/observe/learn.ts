import type { Json } from '../canonical-json.ts';
import type { Catalogue, CatalogueTool } from '../catalogue/index.ts';
import { groupBy } from '../group-by.ts';
import { GRANTS_MAX } from '../limits.ts';
import { boundArguments } from './bound-arguments.ts';
import { coverDatasets } from './cover-datasets.ts';
import type { ObservedCall } from './observed-call.ts';
import { groupByParty, isSameAgent, type PartyCalls, workflowsOf } from './profiles.ts';
import {
  type Generalisation,
  LEARN_SETTINGS,
  type LearnedTool,
  type LearnSettings,
  type Party,
  type Profile,
  type Proposal,
  QUOTED_RECORDS_MAX,
  QUOTED_VALUES_MAX,
  type Undecided,
} from './proposal.ts';
import { type SharedReads, sharedReads } from './shared-reads.ts';

/**
 * Proposes the smallest grants that allow the calls: for each kind of workflow the tools, datasets
 * and arguments that it used. It goes beyond them only where several records support that, and says
 * so. Every call must be of an agent; give calls without a token an agent first. Calls of a tool
 * that the catalogue lacks, and calls that were stopped, are left out.
 *
 * Reads are shared: a reading tool that an agent used in several workflows is proposed for all its
 * tasks, because which of them a task reads first varies from run to run.
 */
export function learn(
  calls: readonly ObservedCall[],
  catalogue: Catalogue,
  settings: LearnSettings = LEARN_SETTINGS,
): Proposal {
  const usable = calls.filter(
    ({ agent, tool, verdict, datasets }) =>
      verdict !== 'denied' && agent !== undefined && tool !== undefined && datasets.length > 0,
  );
  const known = usable.filter(({ tool = '' }) => catalogue.has(tool));
  const notes: Notes = { generalisations: [], undecided: [] };
  const groups = groupByParty(known, settings);
  const shared = sharedReads(groups, catalogue, settings);
  const isShared = (party: Party, tool: string): boolean =>
    party.task !== undefined &&
    shared.some((read) => isSameAgent(read, party) && read.tools.has(tool));
  const own = groups.map(({ calls: all, ...party }) => ({
    ...party,
    calls: all.filter(({ tool = '' }) => !isShared(party, tool)),
  }));
  const profiles = [...shared, ...own].map((group) => profileOf(group, catalogue, settings, notes));
  noteShared(shared, notes);
  return { profiles: profiles.filter(({ tools }) => tools.length > 0), ...notes };
}

interface Notes {
  generalisations: Generalisation[];
  undecided: Undecided[];
}

function noteShared(shared: readonly SharedReads[], notes: Notes): void {
  for (const { calls, tools, unseen, ...party } of shared) {
    for (const tool of [...tools].sort()) {
      const own = calls.filter((call) => call.tool === tool);
      const why = `${tasksOf(own).length} tasks of the agent read with it`;
      const what = { tool, what: 'task', from: tasksOf(own), to: 'every task', why };
      notes.generalisations.push(noted(party, what, own));
    }
    for (const { server, tools: others, seen } of unseen) {
      const own = calls.filter((call) => seen.includes(call.tool ?? ''));
      const why = `the agent reads with ${seen.length} of its ${seen.length + others.length} tools`;
      for (const { tool } of others) {
        const what = { tool, what: 'server', from: seen, to: `all reads of ${server}`, why };
        notes.generalisations.push(noted(party, what, own));
      }
    }
  }
}

function profileOf(
  group: PartyCalls & Partial<SharedReads>,
  catalogue: Catalogue,
  settings: LearnSettings,
  notes: Notes,
): Profile {
  const { calls, tools: _, unseen = [], ...party } = group;
  const used = groupBy(calls, ({ tool = '' }) => tool);
  const tools = [...used]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([tool, own]) => {
      const entry = catalogue.get(tool);
      return (entry && learnTool(party, entry, own, settings, notes)) ?? [];
    });
  const [owner] = calls.flatMap((call) => call.owner ?? []);
  return {
    ...party,
    ...(owner !== undefined && { owner }),
    calls: calls.length,
    workflows: workflowsOf(calls).size,
    tools: withinGrants(party, [...tools, ...unseen.flatMap((one) => one.tools)], notes),
  };
}

function learnTool(
  party: Party,
  entry: CatalogueTool,
  calls: readonly ObservedCall[],
  settings: LearnSettings,
  notes: Notes,
): LearnedTool | undefined {
  const { name: tool, action } = entry;
  // A sink that a dataset is read out of is bounded only below the dataset that is its root.
  const roots = entry.datasets.flatMap((source) =>
    'argument' in source && entry.sinks.includes(source.argument) ? [source.under] : [],
  );
  const cover = coverDatasets(calls, settings.support, roots);
  for (const { to, from, records } of cover.generalised) {
    const why = `${from.length} different datasets below it were recorded`;
    notes.generalisations.push(
      noted(party, { tool, what: 'dataset', from, to, why }, calls, records),
    );
  }
  const { generalised, undecided, ...bounds } = boundArguments(
    entry,
    calls,
    settings,
    ({ id, workflow = id, task = workflow }) => (party.task === undefined ? task : workflow),
  );
  for (const { pointer, to, why, recorded } of generalised) {
    const from = recorded.map(({ value }) => value);
    const records = recorded.map(({ record }) => record);
    const text = JSON.stringify(to);
    notes.generalisations.push(
      noted(party, { tool, what: pointer, from, to: text, why }, calls, records),
    );
  }
  for (const { pointer, why, records } of undecided) {
    notes.undecided.push({
      ...party,
      tool,
      pointer,
      why,
      records: records.slice(0, QUOTED_RECORDS_MAX),
    });
  }
  // A grant with an open sink would be refused, and no one decided to leave it open.
  return undecided.length > 0 ? undefined : { tool, action, datasets: cover.datasets, ...bounds };
}

/** A capability has at most 32 grants: what does not fit is a person's decision. */
function withinGrants(
  party: Party,
  tools: readonly LearnedTool[],
  notes: Notes,
): readonly LearnedTool[] {
  let room = GRANTS_MAX;
  return tools.filter(({ tool, datasets }) => {
    if (datasets.length <= room) {
      room -= datasets.length;
      return true;
    }
    const why = `its ${datasets.length} datasets do not fit into the ${GRANTS_MAX} grants of a capability`;
    notes.undecided.push({ ...party, tool, pointer: '', why, records: [] });
    return false;
  });
}

const tasksOf = (calls: readonly ObservedCall[]): readonly string[] => [
  ...new Set(calls.map(({ task = '' }) => task)),
];

function noted(
  party: Party,
  what: Pick<Generalisation, 'tool' | 'what' | 'to' | 'why'> & { readonly from: readonly Json[] },
  calls: readonly ObservedCall[],
  records: readonly string[] = calls.map(({ id }) => id),
): Generalisation {
  const distinct = [...new Map(what.from.map((value) => [JSON.stringify(value), value])).values()];
  const supporting = [...new Set(records)];
  return {
    ...party,
    ...what,
    from: distinct.slice(0, QUOTED_VALUES_MAX),
    values: distinct.length,
    records: supporting.slice(0, QUOTED_RECORDS_MAX),
    support: supporting.length,
  };
}
