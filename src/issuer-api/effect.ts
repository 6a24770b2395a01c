import * as v from 'valibot';
import { count, timestamp } from './values.ts';

/**
 * The effect of an entry of the revocation log, as operators see it. Members that came with a later
 * release are optional, so that the command line also understands an issuer of the release before.
 */
export const effect = {
  standing: v.pipe(
    v.optional(v.picklist(['in_feed', 'confirmed', 'ended'])),
    v.description(
      '`in_feed`; `confirmed`: every verifier that reported lately has it, and there is at least one; `ended`: no token is left that it could stop',
    ),
  ),
  effective_by: v.pipe(
    timestamp,
    v.description(
      'when every verifier rejects on routes of tier 1 and above, by the clock of the issuer',
    ),
  ),
  by_tier: v.pipe(
    v.object({
      0: v.nullable(timestamp),
      1: v.nullable(timestamp),
      2: v.nullable(timestamp),
      3: v.nullable(timestamp),
    }),
    v.description(
      'the same for each tier; for tier 0 the end of the last token, null if it is unknown',
    ),
  ),
  verifiers: v.pipe(
    v.object({ seen: count, confirmed: count, waiting: v.array(v.string()) }),
    v.description(
      '`seen`: verifiers that reported within five minutes; `confirmed`: those that have this entry; `waiting`: up to 20 names of those that do not',
    ),
  ),
};

/** Whether the entry outlives a restore, and whether the audit log has its record already. */
export const written = {
  archived: v.pipe(
    v.optional(v.boolean()),
    v.description('whether the archive has the entry, so that it survives a restore of the log'),
  ),
  recorded: v.pipe(
    v.optional(v.boolean()),
    v.description('whether the audit log has the record yet; the order is in force either way'),
  ),
};

/** What a scope matches: zero and null usually mean a typo. */
export const matches = v.pipe(
  v.nullable(
    v.object({
      living: v.pipe(count, v.description('workflows in the scope that are known to be active')),
      named_until: v.pipe(
        v.nullable(timestamp),
        v.description(
          'until when a token that names the scope may be valid; null if no token does',
        ),
      ),
    }),
  ),
  v.description('null if it could not be counted; the order is in force either way'),
);
