import * as v from 'valibot';
import { STATUS_SHARDS_MAX } from '../../limits.ts';
import type { AdminRoutes } from '../route.ts';
import { count, timestamp } from '../values.ts';

const schemaVersion = {
  object: v.pipe(v.string(), v.description('the class of the Durable Object')),
  stored: v.pipe(
    v.nullable(count),
    v.description('the version of its storage; null if the object did not answer'),
  ),
  known: v.pipe(count, v.description('the version that this code writes')),
};

export const STATUS_ROUTES = {
  showStatus: {
    method: 'GET',
    path: '/status',
    summary: 'Shows the state of the issuer, for `hewn doctor`.',
    description: `Asks each part within a bound of time. A part that does not answer is null. At most ${STATUS_SHARDS_MAX} shards are shown.`,
    params: {},
    answer: v.object({
      now: v.pipe(timestamp, v.description('the clock of the issuer')),
      issuer: v.string(),
      audiences: v.array(v.string()),
      shards: count,
      keys: v.object({
        mint: v.array(
          v.object({
            id: count,
            active: v.boolean(),
            public_key: v.pipe(v.string(), v.description('the public half, in hex')),
          }),
        ),
        feed: v.pipe(v.string(), v.description('the public half of the feed key, in hex')),
      }),
      storage: v.array(v.object(schemaVersion)),
      audit: v.nullable(
        v.object({
          records: count,
          bytes: count,
          traffic_bytes_max: v.pipe(
            count,
            v.description('above it, decisions and refusals are no longer recorded'),
          ),
          grants_bytes_max: v.pipe(
            count,
            v.description('above it, nothing that grants power is recorded, so nothing is minted'),
          ),
        }),
      ),
      feed: v.array(
        v.object({
          shard: count,
          state: v.nullable(
            v.object({
              epoch: count,
              seq: count,
              verifiers: v.object({
                seen: v.pipe(count, v.description('verifiers that reported within five minutes')),
                confirmed: v.pipe(count, v.description('those that have the newest entry')),
                waiting: v.pipe(v.array(v.string()), v.description('up to 20 of the others')),
              }),
            }),
          ),
        }),
      ),
      providers: v.pipe(
        v.array(
          v.object({
            name: v.string(),
            kind: v.picklist(['oidc', 'spiffe', 'client']),
            keys: v.pipe(
              v.picklist(['static', 'reachable', 'unreachable']),
              v.description('whether the issuer could fetch the keys now'),
            ),
            why: v.optional(v.string()),
          }),
        ),
        v.description('the identity providers, as the issuer sees them'),
      ),
    }),
    problems: [],
  },
} as const satisfies AdminRoutes;
