import * as v from 'valibot';
import { WATERMARK_SCOPES } from '../../feed/index.ts';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../../limits.ts';
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

const scoped = {
  scope: v.pipe(
    v.picklist(WATERMARK_SCOPES),
    v.description(`what the watermark stops: ${WATERMARK_SCOPES.join(', ')}`),
  ),
  value: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX),
      v.description('which one of the scope; none for `all`'),
    ),
    '',
  ),
};
const watermark = {
  scope: v.picklist(WATERMARK_SCOPES),
  value: v.pipe(v.string(), v.description('as tokens spell it')),
  before: v.pipe(unixSeconds, v.description('what was issued before is stopped')),
};
const place = { shard: v.optional(count), ...entryPosition };

export const WATERMARK_ROUTES = {
  listWatermarks: {
    method: 'GET',
    path: '/watermarks',
    needs: 'read',
    summary: 'Lists the watermarks in force.',
    params: {},
    answer: v.object({
      watermarks: v.array(v.object({ ...watermark, expires: v.optional(unixSeconds) })),
    }),
    problems: [],
  },
  addWatermark: {
    method: 'POST',
    path: '/watermarks',
    needs: 'deny',
    scoped: true,
    summary: 'Stops everything in a scope that was issued before a time, with one entry.',
    description:
      'Tokens issued later are not stopped; a denial does that. A watermark ends by itself 61 minutes after `before`.',
    params: {},
    query: v.object({ wait: waitSeconds }),
    body: v.strictObject({
      ...scoped,
      before: v.optional(
        v.pipe(
          v.number(),
          v.safeInteger(),
          // 1 marks a withdrawal in the records of the feed.
          v.minValue(2),
          v.description('Unix seconds: stop what was issued before; now if absent'),
        ),
      ),
      reason,
      even_unknown: evenUnknown,
      dry_run: dryRun,
    }),
    answer: v.union([
      v.object({ ...watermark, dry_run: v.literal(true), matches }),
      v.object({ ...watermark, ...place, ...written, matches, ...effect }),
    ]),
    problems: ['scope_unknown', 'watermarks_full'],
  },
  withdrawWatermark: {
    method: 'POST',
    path: '/watermarks/withdraw',
    needs: 'lift',
    scoped: true,
    summary: 'Withdraws a watermark that no longer stops an unexpired token, and frees its place.',
    description: '`wait` is accepted and has no effect.',
    params: {},
    query: v.object({ wait: waitSeconds }),
    body: v.strictObject({ ...scoped, reason }),
    answer: v.object({
      scope: v.picklist(WATERMARK_SCOPES),
      value: v.string(),
      withdrawn: v.optional(v.literal(true)),
      ...place,
      ...written,
    }),
    problems: ['watermark_unknown', 'watermark_needed'],
  },
} as const satisfies AdminRoutes;
