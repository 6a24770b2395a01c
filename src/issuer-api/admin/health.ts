import * as v from 'valibot';
import type { AdminRoutes } from '../route.ts';
import { asOf, count, timestamp } from '../values.ts';

/** Verifiers that one answer describes; the others are only counted. */
export const VERIFIERS_SHOWN_MAX = 500;

const verifier = v.object({
  name: v.pipe(v.string(), v.description('one process or isolate, as it names itself')),
  audience: v.pipe(
    v.optional(v.string()),
    v.description('the server that it guards; absent if it has not reported one'),
  ),
  shard: count,
  epoch: count,
  seq: v.pipe(count, v.description('the newest entry of the feed that it has applied')),
  behind: v.pipe(
    v.nullable(count),
    v.description('entries that it lacks; null if it is in another epoch'),
  ),
  seen_at: v.pipe(timestamp, v.description('when it reported last')),
  head_age: v.pipe(
    v.optional(v.number()),
    v.description('how old its head was when it reported, in seconds'),
  ),
  version: v.pipe(v.optional(v.string()), v.description('the release of Hewn that it runs')),
  error: v.pipe(
    v.optional(v.string()),
    v.description('why its last attempt to read the feed failed; absent if it did not'),
  ),
  state: v.pipe(
    v.picklist(['current', 'behind', 'silent']),
    v.description(
      '`current`: it has the newest entry; `behind`: it does not; `silent`: it has not reported for over two minutes',
    ),
  ),
});

const key = v.object({
  use: v.picklist(['mint', 'feed', 'log', 'signal']),
  id: v.pipe(v.optional(count), v.description('of a mint key')),
  state: v.pipe(
    v.picklist(['active', 'published']),
    v.description('`active`: it signs; `published`: only its tokens are accepted'),
  ),
  public_key: v.pipe(v.string(), v.description('the public half, in hex')),
  since: v.pipe(
    v.optional(timestamp),
    v.description(
      'when a head of the feed first named it or was signed with it, at the earliest with release 0.4.0; absent for the keys of logs and signals',
    ),
  ),
});

const witness = v.object({
  of: v.pipe(v.string(), v.description('the log or the shard of the feed, as in `feed-0`')),
  name: v.string(),
  size: v.pipe(count, v.description('what it cosigned last')),
  at: v.optional(timestamp),
  silent: v.pipe(v.boolean(), v.description('whether it lacks the newest checkpoint')),
  fault: v.optional(v.string()),
});

const drill = v.object({
  bound_ms: v.pipe(count, v.description('the longest that a stop may take to arrive')),
  runs: v.pipe(
    v.array(
      v.object({
        at: timestamp,
        verdict: v.picklist(['in_time', 'late', 'unproven', 'failed']),
        ms: v.pipe(
          v.nullable(count),
          v.description('until the last verifier reported the stop; null if one did not'),
        ),
      }),
    ),
    v.description('the newest hour, oldest first'),
  ),
});

export const HEALTH_ROUTES = {
  showHealth: {
    method: 'GET',
    path: '/health',
    needs: 'read',
    summary: 'Shows whether stops arrive at the verifiers, and what needs attention.',
    description: `Asks each part within a bound of time; a part that does not answer is null. At most ${VERIFIERS_SHOWN_MAX} verifiers are described, those with a fault first. The issuer knows verifiers only by their reports, so one that never reported is not listed.`,
    params: {},
    answer: v.object({
      as_of: asOf,
      issuer: v.string(),
      head: v.pipe(
        v.array(
          v.object({
            shard: count,
            epoch: count,
            seq: count,
            age: v.pipe(
              v.nullable(count),
              v.description(
                'seconds since a head was signed; verifiers ask for one, so it grows while none asks; null before the first',
              ),
            ),
            stops: v.pipe(count, v.description('live revocations of workflows and blocks')),
            watermarks: count,
          }),
        ),
        v.description('each shard of the feed that answered'),
      ),
      verifiers: v.array(verifier),
      verifiers_seen: v.pipe(count, v.description('that reported within five minutes')),
      verifiers_current: v.pipe(count, v.description('those of them with the newest entry')),
      drill: v.pipe(v.nullable(drill), v.description('null if no drill is scheduled')),
      logs: v.nullable(
        v.array(
          v.object({
            log: v.string(),
            size: v.pipe(count, v.description('its records')),
            fill: v.pipe(v.number(), v.description('how full its object is: 0 to 1')),
            pending_bytes: count,
            checkpoint: v.optional(v.object({ size: count, at: timestamp })),
            faults: v.array(v.string()),
          }),
        ),
      ),
      storage: v.array(
        v.object({
          object: v.pipe(v.string(), v.description('the class of the Durable Object')),
          stored: v.nullable(count),
          known: count,
        }),
      ),
      keys: v.array(key),
      identity: v.array(
        v.object({
          name: v.string(),
          kind: v.picklist(['oidc', 'spiffe', 'client']),
          keys: v.picklist(['static', 'reachable', 'unreachable']),
          why: v.optional(v.string()),
        }),
      ),
      witnesses: v.array(witness),
      problems: v.pipe(
        v.array(v.object({ severity: v.picklist(['stop', 'deny', 'wait']), words: v.string() })),
        v.description('what needs attention, the worst first, in words'),
      ),
    }),
    problems: [],
  },
  listKeys: {
    method: 'GET',
    path: '/keys',
    needs: 'read',
    summary: 'Lists the public halves of the keys that the issuer signs with.',
    params: {},
    answer: v.object({ as_of: asOf, keys: v.array(key) }),
    problems: [],
  },
} as const satisfies AdminRoutes;
