import { covers, type Grant } from '../capability/index.ts';

/** What a question is about. All that is stated must hold. */
export interface About {
  readonly tool?: string;
  readonly dataset?: string;
  readonly agent?: string;
}

/** The grants that one party of a living workflow holds: its root, or a child. */
export interface LivingGrants {
  readonly agent: string;
  readonly grants: readonly Grant[];
}

/** Returns whether two datasets have anything in common: one contains the other. */
export const overlaps = (one: string, other: string): boolean =>
  covers(one, other) || covers(other, one);

/** Returns the grants of a workflow that a question is about. */
export const heldBy = ({ agent, grants }: LivingGrants, about: About): readonly Grant[] =>
  about.agent !== undefined && about.agent !== agent
    ? []
    : grants.filter((grant) => isAbout(grant, about));

/** Returns whether a grant is for the tool and the dataset of a question. */
export const isAbout = (
  { tool, dataset }: Pick<Grant, 'tool' | 'dataset'>,
  about: About,
): boolean =>
  (about.tool === undefined || about.tool === tool) &&
  (about.dataset === undefined || overlaps(dataset, about.dataset));
