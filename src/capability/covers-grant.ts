import { canonicalJson, type Json } from '../canonical-json.ts';
import { coversConstraints } from './constraints/index.ts';
import type { Grant } from './grant.ts';
import { covers } from './names.ts';

/**
 * Returns whether one of the `granted` grants allows everything that `asked` allows: the same tool
 * and action, the same dataset or one below it, and constraints at least as strict.
 *
 * All other members must be equal, so that a grant with a member of a newer release is never taken
 * for one without it.
 */
export const coversGrant = (granted: readonly Grant[], asked: Grant): boolean =>
  granted.some(
    (grant) =>
      grant.tool === asked.tool && // Before the costly comparisons.
      covers(grant.dataset, asked.dataset) &&
      otherMembers(grant) === otherMembers(asked) &&
      coversConstraints(grant.constraints, asked.constraints),
  );

/** The grant without its dataset and constraints, as canonical text. */
const otherMembers = ({ dataset: _dataset, constraints: _constraints, ...rest }: Grant): string =>
  canonicalJson(rest as unknown as Json);
