import type { HistoryRule } from '../../../src/history/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { DeployedPolicy, type PolicySources } from './deployed-policy.ts';

/**
 * What decides in this isolate. The entry file makes it with `createIssuer`; the objects and the
 * entrypoint that it exports beside it have no other way to its sources.
 */
let deployed = new DeployedPolicy(undefined);

/** Makes the version of an entry file decide in this isolate, until one is activated. */
export function decideBy(sources: PolicySources | undefined): DeployedPolicy {
  deployed = new DeployedPolicy(sources);
  return deployed;
}

/**
 * Returns the rules over history of a tool that are in force. Rejects if no version loads: a call
 * that a rule may bound is not made.
 */
export async function historyOf(env: IssuerEnv, tool: string): Promise<readonly HistoryRule[]> {
  const version = await deployed.load(env);
  if (!version) throw new Error('no version is in force, so its rules over history are unknown');
  return version.catalogue.get(tool)?.history ?? [];
}

/** Returns the rules in force that these tools have; none for tools of a version that fails. */
export async function historyOfAll(
  env: IssuerEnv,
  tools: Iterable<string>,
): Promise<readonly HistoryRule[]> {
  const version = await deployed.load(env);
  const rules = [...tools].flatMap((tool) => version?.catalogue.get(tool)?.history ?? []);
  return [...new Set(rules)];
}
