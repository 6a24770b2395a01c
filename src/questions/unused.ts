import { covers } from '../capability/index.ts';
import type { UnixMilliseconds } from '../clock.ts';
import { type About, isAbout } from './held.ts';
import type { GivenGrant } from './seen.ts';

/** The calls of an agent with one tool and one dataset that were allowed. */
export interface Use {
  readonly agent: string;
  readonly tool: string;
  readonly dataset: string;
  readonly calls: number;
  readonly last: UnixMilliseconds;
}

/**
 * Returns the given grants of a question that no call has used, the one that was given most first.
 */
export function unusedGrants(
  given: readonly GivenGrant[],
  uses: readonly Use[],
  about: About,
): readonly GivenGrant[] {
  const used = new Map<string, Use[]>();
  for (const use of uses) {
    const key = JSON.stringify([use.agent, use.tool]);
    used.set(key, [...(used.get(key) ?? []), use]);
  }
  const isUsed = ({ agent, tool, dataset }: GivenGrant): boolean =>
    used.get(JSON.stringify([agent, tool]))?.some((use) => covers(dataset, use.dataset)) === true;
  return given
    .filter((one) => about.agent === undefined || about.agent === one.agent)
    .filter((one) => isAbout(one, about) && !isUsed(one))
    .sort((a, b) => b.given - a.given || b.last - a.last);
}
