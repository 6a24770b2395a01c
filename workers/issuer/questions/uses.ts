import { covers, type Grant } from '../../../src/capability/index.ts';
import type { About, Use } from '../../../src/questions/index.ts';
import { within } from '../../../src/within.ts';
import { activity, type IssuerEnv } from '../platform/env.ts';
import { rootOf } from '../workflow/id.ts';

/** The index follows the logs first, which can take a while after many calls. */
const MILLISECONDS_MAX = 5_000;
/** As many as the index returns: a list of this length may be incomplete. */
const USES_MAX = 1_000;

/** A use, and the root workflow of the last call. */
export interface RootedUse extends Use {
  readonly root: string;
}

export interface Uses {
  readonly uses: readonly RootedUse[];
  /** False if the index did not answer, or has more than one answer lists. */
  readonly isKnown: boolean;
}

/** Returns which tools and datasets agents have called, as the index of the logs knows. */
export async function usesOf(env: IssuerEnv, { agent, tool }: About): Promise<Uses> {
  const filter = { ...(agent !== undefined && { agent }), ...(tool !== undefined && { tool }) };
  try {
    const found = await within(
      activity(env).lastUses({ ...filter, limit: USES_MAX }),
      MILLISECONDS_MAX,
    );
    const uses = found.map(({ at, ...use }): RootedUse => ({ ...use, last: at }));
    return { uses, isKnown: uses.length < USES_MAX };
  } catch {
    return { uses: [], isKnown: false };
  }
}

/** Returns when the agent of a workflow last called by a grant, as far as that is its last use. */
export const lastUseOf = (
  uses: readonly RootedUse[],
  workflow: string,
  agent: string,
  { tool, dataset }: Grant,
): number | undefined =>
  uses.find(
    (use) =>
      use.root === rootOf(workflow) &&
      use.agent === agent &&
      use.tool === tool &&
      covers(dataset, use.dataset),
  )?.last;
