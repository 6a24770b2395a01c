import * as v from 'valibot';
import { count } from '../values.ts';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';
const BYTES = 'application/octet-stream';

const unknown = {
  description: 'The feed does not have this part, or no longer has it',
  contentType: JSON_TYPE,
  schema: v.object({ error: v.string(), message: v.string() }),
};
const tooMany = { description: 'Too many requests; see `Retry-After`', contentType: JSON_TYPE };

export const FEED_ROUTES = {
  head: {
    method: 'GET',
    path: '/feed/v2/:shard/head',
    summary: 'Returns the signed head of a shard: position, watermarks and root keys.',
    specification: 'docs/reference/feed.md',
    caller: 'anyone',
    query: v.object({
      polled: v.optional(
        v.pipe(v.string(), v.description('answer from the cache, which is at most a second old')),
      ),
    }),
    answers: {
      200: { description: 'The signed head', contentType: JSON_TYPE },
      404: unknown,
      429: tooMany,
    },
  },
  delta: {
    method: 'GET',
    path: '/feed/v2/:shard/:epoch/deltas/:range',
    summary: 'Returns the entries `(from, to]` of an epoch; `range` is `from-to`.',
    specification: 'docs/reference/feed.md',
    caller: 'anyone',
    answers: {
      200: { description: 'Entries, immutable', contentType: BYTES },
      404: unknown,
      429: tooMany,
    },
  },
  snapshot: {
    method: 'GET',
    path: '/feed/v2/:shard/:epoch/snapshots/:name',
    summary: 'Returns a snapshot that a head names; `name` is `seq-hash`.',
    specification: 'docs/reference/feed.md',
    caller: 'anyone',
    answers: {
      200: { description: 'The snapshot, immutable', contentType: BYTES },
      404: unknown,
      429: tooMany,
    },
  },
  checkpoint: {
    method: 'GET',
    path: '/feed/:shard/checkpoint',
    summary:
      "Returns the newest checkpoint of a shard's tree, signed by the issuer and by its witnesses.",
    specification: 'https://c2sp.org/tlog-tiles',
    caller: 'anyone',
    answers: {
      200: { description: 'A signed note', contentType: 'text/plain; charset=utf-8' },
      404: unknown,
      429: tooMany,
    },
  },
  tile: {
    method: 'GET',
    path: '/feed/:shard/tile/:tile+',
    summary:
      'Returns hashes or leaves of the tree of a shard. `tile` is the path after `tile/`: `0/x001/234` for hashes, `entries/x001/234` for leaves, with `.p/7` for a partial one.',
    specification: 'https://c2sp.org/tlog-tiles',
    caller: 'anyone',
    answers: {
      200: { description: 'Hashes or leaves, immutable', contentType: BYTES },
      404: unknown,
      429: tooMany,
    },
  },
  subscribe: {
    method: 'GET',
    path: '/feed/v2/:shard/subscribe',
    summary: 'Opens a WebSocket that sends every entry as it is written.',
    specification: 'docs/reference/feed.md',
    caller: 'anyone',
    query: v.object({
      since: v.optional(v.pipe(v.string(), v.description('the position that the caller has'))),
    }),
    answers: {
      101: { description: 'The socket' },
      404: unknown,
      426: { description: 'Not an upgrade to a WebSocket', contentType: JSON_TYPE },
      429: tooMany,
    },
  },
  confirm: {
    method: 'POST',
    path: '/feed/v2/:shard/confirm',
    summary: 'Reports how far a verifier has applied the feed.',
    caller: 'verifier',
    request: {
      contentType: JSON_TYPE,
      schema: v.object({
        verifier: v.pipe(v.string(), v.description('the name of this process or isolate')),
        epoch: count,
        seq: count,
        records: v.optional(v.array(v.object({ origin: v.string(), n: count }))),
      }),
    },
    answers: {
      204: { description: 'Noted' },
      400: unknown,
      401: { description: 'Not the credential of a verifier', contentType: JSON_TYPE },
      404: unknown,
      429: tooMany,
    },
  },
} as const satisfies PublicRoutes;
