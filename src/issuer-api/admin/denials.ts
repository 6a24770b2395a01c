import * as v from 'valibot';
import { FEED_WATERMARK_VALUE_BYTES_MAX, TIME_MILLISECONDS_MAX } from '../../limits.ts';
import { effect, matches, written } from '../effect.ts';
import type { AdminRoutes } from '../route.ts';
import {
  count,
  dryRun,
  entryPosition,
  evenUnknown,
  reason,
  unixSeconds,
  waitSeconds,
} from '../values.ts';

/** What an operator can deny. */
export const DENIAL_SCOPES = ['agent', 'subject', 'owner', 'tool'] as const;

const scoped = {
  scope: v.pipe(
    v.picklist(DENIAL_SCOPES),
    v.description(`what to deny: ${DENIAL_SCOPES.join(', ')}`),
  ),
  value: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX),
    v.description('which one of the scope'),
  ),
  reason,
};
const named = {
  scope: v.picklist(DENIAL_SCOPES),
  value: v.pipe(v.string(), v.description('as tokens spell it')),
};
const denial = {
  ...named,
  until: v.pipe(v.optional(unixSeconds), v.description('its end; absent: until it is lifted')),
};
const before = v.pipe(unixSeconds, v.description('what was issued before is stopped permanently'));
const place = { shard: v.optional(count), ...entryPosition };

export const DENIAL_ROUTES = {
  listDenials: {
    method: 'GET',
    path: '/denials',
    needs: 'read',
    summary: 'Lists what is denied now.',
    params: {},
    answer: v.object({
      denials: v.array(
        v.object({
          ...denial,
          before,
          at: v.pipe(unixSeconds, v.description('when it was ordered')),
          reason: v.pipe(v.optional(v.string()), v.description('absent after a restore')),
        }),
      ),
    }),
    problems: [],
  },
  addDenial: {
    method: 'POST',
    path: '/denials',
    needs: 'deny',
    scoped: true,
    summary: 'Denies an agent, a subject, an owner or a tool until its end or a lift.',
    description:
      'Nothing is minted for it, and the tokens it has are stopped. For a tool, verifiers reject the calls and tokens keep their other tools. Adding the same denial again replaces its reason and its end.',
    params: {},
    query: v.object({ wait: waitSeconds }),
    body: v.strictObject({
      ...scoped,
      until: v.optional(
        v.pipe(
          v.number(),
          v.safeInteger(),
          v.maxValue(Math.floor(TIME_MILLISECONDS_MAX / 1000)),
          v.description('Unix seconds in the future: the end of the denial'),
        ),
      ),
      even_unknown: evenUnknown,
      dry_run: dryRun,
    }),
    answer: v.union([
      v.object({ ...denial, dry_run: v.literal(true), matches }),
      v.object({ ...denial, before, ...place, ...written, matches, ...effect }),
    ]),
    problems: ['scope_unknown', 'denials_full', 'watermarks_full'],
  },
  liftDenial: {
    method: 'POST',
    path: '/denials/lift',
    needs: 'lift',
    scoped: true,
    summary: 'Lifts a denial. Tokens that it stopped stay invalid.',
    description: '`wait` is accepted and has no effect.',
    params: {},
    query: v.object({ wait: waitSeconds }),
    body: v.strictObject(scoped),
    answer: v.object({ ...named, lifted: v.optional(v.literal(true)), ...place, ...written }),
    problems: ['denial_unknown', 'audit_unavailable'],
  },
} as const satisfies AdminRoutes;
