import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { count, timestamp } from '../values.ts';

/** A day, one each minute. */
const RUNS_MAX = 1_440;
const RUNS_DEFAULT = 60;

export const DRILL_ROUTES = {
  showDrill: {
    method: 'GET',
    path: '/drill',
    needs: 'read',
    summary: 'Shows the newest runs of the scheduled drill.',
    description:
      'Each run stops a canary workflow in one shard of the feed, and measures when each verifier reports that it has the stop.',
    params: {},
    query: v.strictObject({
      limit: v.pipe(
        v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}$/)), String(RUNS_DEFAULT)),
        v.transform(Number),
        v.maxValue(RUNS_MAX),
        v.description(`at most this many runs, ${RUNS_DEFAULT} if absent and ${RUNS_MAX} at most`),
      ),
    }),
    answer: v.object({
      every_seconds: v.pipe(
        v.optional(count),
        v.description('between two runs; absent if no drill is scheduled'),
      ),
      bound_ms: v.pipe(count, v.description('how long a verifier may take')),
      runs: v.pipe(
        v.array(
          v.object({
            at: timestamp,
            shard: count,
            verdict: v.pipe(
              v.picklist(['in_time', 'late', 'unproven', 'failed']),
              v.description(
                '`in_time`: every verifier that reported has the stop. `late`: one reported after the bound without it, or got it after the bound. `unproven`: none reported it. `failed`: the feed did not take it.',
              ),
            ),
            epoch: v.pipe(v.optional(count), v.description('of the entry that stopped the canary')),
            seq: v.optional(count),
            in_feed_ms: v.pipe(v.optional(count), v.description('until the feed had the stop')),
            ms: v.pipe(
              v.optional(count),
              v.description('until the last verifier that confirmed; absent if none did'),
            ),
            confirmed: v.pipe(count, v.description('verifiers that reported the stop')),
            late: v.pipe(v.array(v.string()), v.description('verifiers that were too late')),
            silent: v.pipe(
              v.array(v.string()),
              v.description('verifiers that have not reported since the stop'),
            ),
          }),
        ),
        v.description('the newest first'),
      ),
    }),
    problems: [],
  },
} as const satisfies AdminRoutes;
