import { covers, type Grant } from '../../../src/capability/index.ts';
import { within } from '../../../src/within.ts';
import type { AsOf, LastUse } from '../activity/binding.ts';
import { describeAsOf } from '../activity/describe.ts';
import { activity, type IssuerEnv } from '../platform/env.ts';

/** A page that shows a workflow must not wait long for an index that is behind. */
const MILLISECONDS_MAX = 2_000;
/** As many as the index returns: a list of this length may be incomplete. */
const USES_MAX = 1_000;

export interface UsedGrants<G extends Grant> {
  readonly grants: readonly (G & { readonly used?: number; readonly last_use?: number })[];
  readonly as_of?: ReturnType<typeof describeAsOf>;
}

/** Adds to each grant how often its agent used it, as far as the index of the logs knows. */
export async function withUses<G extends Grant>(
  env: IssuerEnv,
  agent: string,
  grants: readonly G[],
): Promise<UsedGrants<G>> {
  const known = await within(readUses(env, agent), MILLISECONDS_MAX).catch(() => undefined);
  if (!known || known.uses.length >= USES_MAX) return { grants };
  return {
    grants: grants.map((grant) => ({ ...grant, ...useOf(grant, known.uses) })),
    as_of: describeAsOf(known.asOf),
  };
}

/** The position is read first: the uses are then at least as new. */
async function readUses(
  env: IssuerEnv,
  agent: string,
): Promise<{ readonly asOf: AsOf; readonly uses: readonly LastUse[] }> {
  const asOf = await activity(env).asOf();
  return { asOf, uses: await activity(env).lastUses({ agent, limit: USES_MAX }) };
}

function useOf(
  { tool, dataset }: Grant,
  uses: readonly LastUse[],
): { readonly used: number; readonly last_use?: number } {
  const own = uses.filter((use) => use.tool === tool && covers(dataset, use.dataset));
  const used = own.reduce((sum, { calls }) => sum + calls, 0);
  return own.length === 0 ? { used } : { used, last_use: Math.max(...own.map(({ at }) => at)) };
}
