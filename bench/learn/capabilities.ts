/** Mints what a proposed policy grants to a workflow, and decides its calls with the verifier. */
import { sampleOf } from '../../src/audit/calls/index.ts';
import type { AuditRecord } from '../../src/audit/index.ts';
import type { JsonObject } from '../../src/canonical-json.ts';
import type { Constraint, Grant } from '../../src/capability/index.ts';
import { type Catalogue, describeCall } from '../../src/catalogue/index.ts';
import {
  type LearnedTool,
  type ObservedCall,
  observedCallOf,
  type Profile,
  type Proposal,
  renderPolicy,
} from '../../src/observe/index.ts';
import { loadPolicy, type Policy } from '../../src/policy/index.ts';
import { type TestIssuer, testIssuer } from '../../src/testing/index.ts';
import { toolName } from '../attacks/suite-catalogue.ts';
import { unwrap } from '../unwrap.ts';
import type { RecordedCall, RecordedRun, Recordings } from './recorded-runs.ts';

const ISSUER = 'https://idp.example';
const AUDIENCE = 'https://gateway.example';
const TASK_CHARACTERS_MAX = 200; // A token has 256 bytes for it.

const agentOf = (suite: string): string => `${ISSUER}#${suite}-agent`;
const nameOf = (agent: string) => ({
  issuer: 'idp',
  subject: agent.slice(agent.indexOf('#') + 1),
});

/** Returns the prompt of a task, as far as a token has it. */
export function taskOf({ suites }: Recordings, { suite, user_task: task }: Task): string {
  return promptOf({ suites }, suite, task)
    .trim()
    .replace(/\s+/g, ' ')
    .slice(0, TASK_CHARACTERS_MAX);
}

export interface Task {
  readonly suite: string;
  readonly user_task: string;
}

export const promptOf = (
  { suites }: Pick<Recordings, 'suites'>,
  suite: string,
  task: string,
): string => suites[suite]?.user_tasks.find(({ id }) => id === task)?.prompt ?? '';

/** Returns the observed calls of a run, as the records of a gateway have them. */
export function observedCalls(
  recordings: Recordings,
  catalogue: Catalogue,
  run: RecordedRun,
): readonly ObservedCall[] {
  const { suite, model, user_task: userTask, calls } = run;
  const workflow = `wf_${suite}_${userTask}_${model}`.slice(0, 64);
  return calls.flatMap(({ function: name, args }, index) => {
    const tool = toolName(suite, name);
    const described = describeCall(catalogue, tool, args);
    if (!described.ok) return [];
    const { action, tier, dataset } = described.value;
    const record: AuditRecord = {
      event: 'decision',
      id: `${suite}.${userTask}.${model}.${index}`,
      at: index,
      verifier: 'v',
      n: 1,
      blocks: [],
      workflow,
      agent: agentOf(suite),
      subject: `${ISSUER}#emma`,
      owner: `team:${suite}`,
      task: taskOf(recordings, run),
      tool,
      action,
      tier,
      datasets: [...dataset],
      allowed: false,
      mode: 'observe',
      observed: true,
      code: 'no_grant',
      sample: sampleOf(args),
    };
    return observedCallOf(record) ?? [];
  });
}

/** A policy that was proposed, and what mints and verifies under it. */
export interface Enforced {
  readonly catalogue: Catalogue;
  readonly proposal: Proposal;
  readonly policy: Policy;
  readonly issuer: TestIssuer;
}

export async function enforce(catalogue: Catalogue, proposal: Proposal): Promise<Enforced> {
  const files = renderPolicy(proposal, { nameOf, owner: 'team:agents', lifetimeSeconds: 300 });
  const sources = files.map((source, n) => ({ name: `learned-${n}.datalog`, source }));
  const policy = unwrap(loadPolicy(sources, catalogue));
  return { catalogue, proposal, policy, issuer: await testIssuer({ audience: AUDIENCE }) };
}

/** Decides the calls of one workflow. */
export type Judge = (call: RecordedCall) => Promise<boolean>;

/**
 * Begins a workflow for a task: requests all that its profile may have, and returns what decides
 * its calls. A sink that the agent must name gets the values of `named` that stand in the prompt:
 * the agent reads nothing else before it asks.
 */
export async function begin(
  { catalogue, proposal, policy, issuer }: Enforced,
  {
    suite,
    task,
    prompt,
    named,
  }: {
    readonly suite: string;
    readonly task: string;
    readonly prompt: string;
    readonly named: readonly RecordedCall[];
  },
): Promise<Judge> {
  const tools = profilesOf(proposal, suite, task).flatMap((profile) => profile.tools);
  const requests = tools.flatMap((tool) => requestsOf(suite, tool, prompt, named, catalogue));
  if (requests.length === 0) return async () => false;
  const decision = policy.decide({
    workload: { issuerName: 'idp', subject: `${suite}-agent` },
    user: { issuerName: 'idp', subject: 'emma' },
    task,
    audience: AUDIENCE,
    now: new Date(),
    requests,
  });
  const refused = decision.refused.map(({ grant, code }) => `${grant.tool}: ${code}`);
  if (refused.length > 0)
    throw new Error(`the proposal refuses its own grants: ${refused.join(', ')}`);
  const grants = decision.granted.map(({ grant }) => grant);
  const token = await issuer.mint({ grants, agent: agentOf(suite), task });
  return async ({ function: name, args }) => {
    const described = describeCall(catalogue, toolName(suite, name), args);
    if (!described.ok) return false;
    return (await issuer.verifier.verify(token, described.value)).allowed;
  };
}

const profilesOf = ({ profiles }: Proposal, suite: string, task: string): readonly Profile[] =>
  profiles.filter(
    (profile) =>
      profile.agent === agentOf(suite) && (profile.task === undefined || profile.task === task),
  );

function requestsOf(
  suite: string,
  { tool, action, datasets, open }: LearnedTool,
  prompt: string,
  named: readonly RecordedCall[],
  catalogue: Catalogue,
): readonly Grant[] {
  const constraints: Record<string, Constraint> = {};
  for (const { pointer, bound } of open) {
    if (bound !== 'request') continue;
    const values = named
      .filter((call) => toolName(suite, call.function) === tool)
      .flatMap(({ args }) => valuesAt(args, pointer))
      .filter((value) => value !== '' && prompt.includes(value));
    if (values.length === 0) return [];
    const oneOf = [...new Set(values)];
    const [, name] = pointer.split('/');
    constraints[`/${name}`] = pointer.endsWith('/*') ? { subsetOf: oneOf } : { oneOf };
  }
  const isConstrained = Object.keys(constraints).length > 0;
  const names = catalogue.get(tool)?.arguments ?? [];
  const bounds = isConstrained ? { constraints: { arguments: [...names], constraints } } : {};
  return datasets.map((dataset) => ({ tool, action, dataset, ...bounds }));
}

function valuesAt(args: JsonObject, pointer: string): readonly string[] {
  const [, name = '', each] = pointer.split('/');
  const value = args[name];
  if (each === '*')
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  return typeof value === 'string' ? [value] : [];
}
