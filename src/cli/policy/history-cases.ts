import * as v from 'valibot';
import { type Catalogue, historyRules } from '../../catalogue/index.ts';
import {
  HISTORY_SECONDS_MAX,
  type HistoryRule,
  rulesOf,
  TRIAL_ENDS,
  type TrialCall,
} from '../../history/index.ts';
import { didYouMean, likely } from '../../likely.ts';
import { toolFault } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readDuration } from '../duration.ts';

/** One case is for a person to read. */
const CALLS_MAX = 200;

const text = v.pipe(v.string(), v.minLength(1));
const historyCall = v.strictObject({
  tool: text,
  args: v.optional(v.record(v.string(), v.unknown())),
  at: v.optional(text),
  workflow: v.optional(text),
  agent: v.optional(text),
  subject: v.optional(text),
  owner: v.optional(text),
  ends: v.optional(v.picklist(TRIAL_ENDS)),
  denied_by: v.optional(text),
});
/** A `[[history]]` of a file of cases. */
export const historyCase = v.strictObject({
  name: text,
  calls: v.pipe(v.array(historyCall), v.minLength(1), v.maxLength(CALLS_MAX)),
});

/** A story of calls, and which rule over history is expected to deny which of them. */
export interface HistoryCase {
  readonly name: string;
  readonly calls: readonly (TrialCall & { readonly deniedBy?: string })[];
}

/** Reads the stories of a file. What cannot happen is an error, with the number of the call. */
export function settleHistory(
  stories: readonly v.InferOutput<typeof historyCase>[],
): Result<readonly HistoryCase[], string> {
  const settled: HistoryCase[] = [];
  for (const { name, calls } of stories) {
    const parties = new Map<string, string>();
    const made: HistoryCase['calls'][number][] = [];
    for (const [index, written] of calls.entries()) {
      const place = `the history "${name}", call ${index + 1}`;
      const call = settleCall(written, made.at(-1)?.at ?? 0);
      if (!call.ok) return refuse(`${place}: ${call.error}`);
      const { workflow, agent, subject, owner } = call.value;
      const party = JSON.stringify({ agent, subject, owner });
      const before = parties.get(workflow) ?? party;
      if (before !== party) {
        return refuse(
          `${place}: the workflow "${workflow}" is ${before} before, and here ${party}`,
        );
      }
      parties.set(workflow, party);
      made.push(call.value);
    }
    settled.push({ name, calls: made });
  }
  return ok(settled);
}

function settleCall(
  { denied_by: deniedBy, at, ...call }: v.InferOutput<typeof historyCall>,
  before: number,
): Result<HistoryCase['calls'][number], string> {
  const seconds = at === undefined ? ok(before) : readDuration('at', at, HISTORY_SECONDS_MAX);
  if (!seconds.ok) return seconds;
  if (seconds.value < before) {
    return refuse(
      `at = "${at}" is before the call above it. List calls in the order of their times`,
    );
  }
  if (deniedBy !== undefined && call.ends !== undefined) {
    return refuse(`a call that ${deniedBy} denies has no end: leave out "ends" or "denied_by"`);
  }
  const { tool, args = {}, ends = 'ok', workflow = 'wf', agent = 'agent' } = call;
  const { subject = 'subject', owner = 'owner' } = call;
  const made = { at: seconds.value, tool, args, ends, workflow, agent, subject, owner };
  return ok({ ...made, ...(deniedBy !== undefined && { deniedBy }) });
}

/** Finds a name that the catalogue does not have: such a story passes, and tests nothing. */
export function findHistoryMisspelling(one: HistoryCase, catalogue: Catalogue): string | undefined {
  const rules = historyRules(catalogue);
  for (const [index, call] of one.calls.entries()) {
    const fault = nameFault(call, catalogue, rules);
    if (fault !== undefined) return `the history "${one.name}", call ${index + 1}: ${fault}`;
  }
  return undefined;
}

function nameFault(
  { tool, args, deniedBy }: HistoryCase['calls'][number],
  catalogue: Catalogue,
  rules: readonly HistoryRule[],
): string | undefined {
  const entry = catalogue.get(tool);
  if (!entry) return toolFault(tool, { catalogue }) ?? `the catalogue has no tool "${tool}"`;
  if (rulesOf(rules, tool).length === 0) return `no rule over history names the tool ${tool}`;
  for (const name of Object.keys(Object(args))) {
    if (entry.arguments.includes(name)) continue;
    return `${tool} has no argument "${name}"${didYouMean(likely(name, entry.arguments))}`;
  }
  if (deniedBy === undefined) return undefined;
  const rule = rules.find(({ id }) => id === deniedBy);
  const ids = rules.map(({ id }) => id);
  if (!rule) return `no rule over history is "${deniedBy}"${didYouMean(likely(deniedBy, ids))}`;
  if (rule.tools.includes(tool)) return undefined;
  return `the rule ${deniedBy} does not bound ${tool}. It bounds ${rule.tools.join(', ')}`;
}
