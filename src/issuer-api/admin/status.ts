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

const witness = v.object({
  name: v.string(),
  size: v.pipe(count, v.description('what it cosigned last')),
  at: v.pipe(v.optional(timestamp), v.description('when it did')),
  fault: v.pipe(v.optional(v.string()), v.description('why its last answer could not be used')),
});

export const STATUS_ROUTES = {
  showStatus: {
    method: 'GET',
    path: '/status',
    needs: 'read',
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
            v.description(
              'for readers of releases before 0.4.0. No size stops mints: another control log continues a full one',
            ),
          ),
        }),
      ),
      logs: v.pipe(
        v.optional(
          v.nullable(
            v.array(
              v.object({
                log: v.string(),
                fill: v.pipe(v.number(), v.description('how full its object is: 0 to 1')),
                faults: v.pipe(
                  v.array(v.string()),
                  v.description(
                    '`stopped`: its history and that of the archive differ; `unsigned`: no checkpoint covers its entries; `late`: a record waits too long for the archive; `filling`: it is 80 % full; `witness_silent`: a witness has not cosigned the newest checkpoint',
                  ),
                ),
                stopped: v.pipe(
                  v.optional(v.string()),
                  v.description('why it signs no checkpoint any more'),
                ),
                silent: v.pipe(
                  v.array(v.string()),
                  v.description('the witnesses that have not cosigned the newest checkpoint'),
                ),
                witnesses: v.pipe(
                  v.optional(v.array(witness)),
                  v.description('every witness that the log has asked'),
                ),
                pending_seconds: v.pipe(
                  v.optional(count),
                  v.description('how long the oldest record waits for the archive'),
                ),
              }),
            ),
          ),
        ),
        v.description('each audit log; absent from releases before 0.4.0'),
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
              tree: v.pipe(
                v.optional(
                  v.object({
                    size: v.pipe(count, v.description('what the newest checkpoint covers')),
                    seen_at: v.pipe(
                      v.optional(timestamp),
                      v.description('when a quorum of the witnesses saw it'),
                    ),
                    faults: v.pipe(
                      v.array(v.string()),
                      v.description(
                        '`stopped`: another history was found; `quorum_missing`: too few witnesses have seen the newest checkpoint; `witness_silent`: a witness has not',
                      ),
                    ),
                    stopped: v.pipe(
                      v.optional(v.string()),
                      v.description('why no checkpoint is signed any more'),
                    ),
                    silent: v.pipe(
                      v.array(v.string()),
                      v.description('the witnesses that have not cosigned the newest checkpoint'),
                    ),
                    witnesses: v.array(witness),
                  }),
                ),
                v.description('the tree of the shard; absent if the issuer has no witnesses'),
              ),
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
