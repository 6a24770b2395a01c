import { canonicalJson, type Json } from '../canonical-json.ts';
import { keepsConstraints } from './constraints/index.ts';
import type { Grant } from './grant.ts';
import { covers } from './names.ts';

/**
 * True where one of the grants `held` allows all that `asked` allows: the same tool and action, a
 * dataset at or below, and every constraint kept; more of them are fine. Whatever else a grant says
 * must be the same on both sides, so that a grant with a further member is never taken for one
 * without.
 */
export const isHeld = (held: readonly Grant[], asked: Grant): boolean =>
  held.some(
    (grant) =>
      covers(grant.dataset, asked.dataset) &&
      apart(grant) === apart(asked) &&
      keepsConstraints(grant.constraints, asked.constraints),
  );

/** The grant apart from its dataset and constraints. */
const apart = ({ dataset: _dataset, constraints: _constraints, ...rest }: Grant): string =>
  canonicalJson(rest as unknown as Json);
