import {
  describeRule,
  type HistoryRule,
  type HistoryUse,
  mostOf,
} from '../../../src/history/index.ts';
import { rootWorkflowOf } from '../../../src/root-workflow.ts';
import { within } from '../../../src/within.ts';
import { type IssuerEnv, tallyOf, workflowOf } from '../platform/env.ts';
import { historyOfAll } from '../version/in-force.ts';
import type { WorkflowView } from './binding.ts';
import { partyOf } from './scopes.ts';

/** A page that shows a workflow must not wait long for an object that is busy. */
const MILLISECONDS_MAX = 2_000;

type Subject = Pick<WorkflowView, 'id' | 'grants' | 'agent' | 'subject' | 'owner'>;

/** Describes each rule over history in force that bounds a tool of the workflow, with its use. */
export async function describeHistory(env: IssuerEnv, workflow: Subject) {
  const tools = new Set(workflow.grants.map(({ tool }) => tool));
  const rules = (await historyOfAll(env, tools)).filter((rule) =>
    rule.tools.some((tool) => tools.has(tool)),
  );
  const scopes = [...new Set(rules.map(({ scope }) => scope))];
  const uses = await Promise.all(
    scopes.map((scope) => {
      const own = rules.filter((rule) => rule.scope === scope);
      return within(usesIn(env, workflow, own, scope), MILLISECONDS_MAX).catch(() => []);
    }),
  );
  const used = new Map(uses.flat().map((use) => [use.rule, use]));
  return rules.map((rule) => describe(rule, workflow, used.get(rule.id)));
}

async function usesIn(
  env: IssuerEnv,
  workflow: Subject,
  rules: readonly HistoryRule[],
  scope: HistoryRule['scope'],
): Promise<readonly HistoryUse[]> {
  return scope === 'workflow'
    ? workflowOf(env, workflow.id).uses(rules)
    : tallyOf(env, scope, partyOf(workflow, scope)).uses(rules);
}

function describe(rule: HistoryRule, workflow: Subject, use: HistoryUse | undefined) {
  const { id, kind, scope, within: seconds, reason } = rule;
  const most = mostOf(rule);
  return {
    rule: id,
    kind,
    words: describeRule(rule),
    reason,
    scope,
    of: scope === 'workflow' ? rootWorkflowOf(workflow.id) : partyOf(workflow, scope),
    ...(use && { used: use.used, reserved: use.reserved }),
    ...(most !== undefined && { most }),
    ...(seconds !== undefined && { within: seconds }),
  };
}
