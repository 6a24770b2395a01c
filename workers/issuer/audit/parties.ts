import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import type { WorkflowParties } from '../workflow/binding.ts';
import { isWorkflowId, rootOf } from '../workflow/id.ts';

export type Parties = Omit<WorkflowParties, 'workflow'>;

/** Workflows whose parties an isolate remembers: about 4 MB. */
const PARTIES_KNOWN_MAX = 10_000;

/** By the configuration of a deployment. They never change while a workflow exists. */
const known = new WeakMap<object, Map<string, Parties>>();

/** Returns for whom workflows began. Leaves out those that never began. */
export async function readParties(
  env: IssuerEnv,
  workflows: readonly string[],
): Promise<ReadonlyMap<string, Parties>> {
  const config = readConfig(env);
  const remembered = known.get(config) ?? new Map<string, Parties>();
  known.set(config, remembered);
  const missing = [...new Set(workflows)].filter((id) => isWorkflowId(id) && !remembered.has(id));
  const byRoot = Map.groupBy(missing, rootOf);
  const answers = await Promise.all(
    [...byRoot].map(async ([root, ids]) => await workflowOf(env, root).parties(ids)),
  );
  const found = new Map(workflows.flatMap((id) => entryOf(id, remembered.get(id))));
  if (remembered.size + missing.length > PARTIES_KNOWN_MAX) remembered.clear();
  for (const { workflow, ...parties } of answers.flat()) {
    found.set(workflow, parties);
    remembered.set(workflow, parties);
  }
  return found;
}

const entryOf = (id: string, parties: Parties | undefined): [string, Parties][] =>
  parties ? [[id, parties]] : [];
