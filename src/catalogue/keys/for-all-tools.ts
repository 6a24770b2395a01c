/** What a catalogue states once, at the top of the file, for all of its tools. */
import * as v from 'valibot';
import type { CatalogueTool, FlowRule, LabelledDataset } from '../catalogue.ts';
import { flow, labelled } from './flows.ts';
import type { KeyFault } from './key.ts';

/** The label of what a tool with `secret = true` reads. */
export const SECRET = 'secret';

/** The members of a catalogue besides its tools. */
export const FOR_ALL_TOOLS = {
  flow: v.exactOptional(flow.schema),
  labelled: v.exactOptional(labelled.schema),
};

/** Holds for every tool without a rule for secrets, of the file or its own. */
const SECRETS_ASK: FlowRule = {
  when: [SECRET],
  leaving: 'ask',
  reason: 'the workflow has read a secret, and this call could carry it away',
};

interface Stated {
  readonly flow: readonly FlowRule[];
  readonly labelled: readonly LabelledDataset[];
  readonly faults: readonly Required<KeyFault>[];
}

/** Reads what a file states for all tools. The schema reports what cannot be read. */
export function statedForAll(table: unknown): Stated {
  const members = Object(table) as { readonly flow?: unknown; readonly labelled?: unknown };
  const rules = v.safeParse(flow.schema, members.flow);
  const datasets = v.safeParse(labelled.schema, members.labelled);
  const own = rules.success ? rules.output : [];
  const named = datasets.success ? datasets.output : [];
  return {
    flow: own,
    labelled: named,
    faults: [
      ...faultsIn('flow', flow.faults?.(own, ANY_TOOL) ?? []),
      ...faultsIn('labelled', labelled.faults?.(named, ANY_TOOL) ?? []),
    ],
  };
}

/** The rules at the top are for the tools that leave. */
const ANY_TOOL: CatalogueTool = {
  name: '',
  action: 'read',
  tier: 0,
  arguments: [],
  datasets: [],
  sinks: [],
  leaves: true,
};

const faultsIn = (key: string, faults: Iterable<KeyFault>): readonly Required<KeyFault>[] =>
  [...faults].map(({ where, why }) => ({
    where: where === undefined ? key : `${key}.${where}`,
    why,
  }));

/** Returns a tool with what the file states for all tools, so that nothing else has to be known. */
export function withStated(tool: CatalogueTool, stated: Stated): CatalogueTool {
  const rules = tool.leaves ? withSecrets(union(tool.flow, stated.flow)) : [];
  const datasets = joined([...(tool.labelled ?? []), ...stated.labelled]);
  return {
    ...tool,
    ...(rules.length > 0 && { flow: rules }),
    ...(datasets.length > 0 && { labelled: datasets }),
  };
}

const isOfSecrets = ({ when }: FlowRule): boolean => when.length === 1 && when[0] === SECRET;

/** Adds the rule for secrets, unless the file or the tool has one. */
const withSecrets = (rules: readonly FlowRule[]): readonly FlowRule[] =>
  rules.some(isOfSecrets) ? rules : [...rules, SECRETS_ASK];

const union = (own: readonly FlowRule[] = [], stated: readonly FlowRule[]): readonly FlowRule[] => {
  const texts = new Set(own.map((rule) => JSON.stringify(rule)));
  return [...own, ...stated.filter((rule) => !texts.has(JSON.stringify(rule)))];
};

/** Each dataset once, with all of its labels. */
function joined(entries: readonly LabelledDataset[]): readonly LabelledDataset[] {
  const byName = new Map<string, readonly string[]>();
  for (const { dataset, labels } of entries) {
    byName.set(dataset, [...new Set([...(byName.get(dataset) ?? []), ...labels])]);
  }
  return [...byName].map(([dataset, labels]) => ({ dataset, labels }));
}
