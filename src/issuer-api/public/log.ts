import * as v from 'valibot';
import type { PublicRoutes } from './route.ts';

const unknown = {
  description: 'The log does not have this part, or no longer has it',
  contentType: 'application/json',
  schema: v.object({ error: v.string(), message: v.string() }),
};
const tooMany = {
  description: 'Too many requests; see `Retry-After`',
  contentType: 'application/json',
};
const LIST = 'https://c2sp.org/tlog-tiles';

export const LOG_ROUTES = {
  checkpoint: {
    method: 'GET',
    path: '/audit/:log/checkpoint',
    summary: 'Returns the newest checkpoint of a log, signed by the log and by its witnesses.',
    specification: LIST,
    caller: 'anyone',
    answers: {
      200: { description: 'A signed note', contentType: 'text/plain; charset=utf-8' },
      404: unknown,
      429: tooMany,
    },
  },
  tile: {
    method: 'GET',
    path: '/audit/:log/tile/:tile+',
    summary:
      'Returns hashes of the tree of a log. `tile` is the path after `tile/`: `0/x001/234`, with `.p/7` for a partial tile. `entries/000` returns entries, to holders of the credential of an operator or an auditor.',
    specification: LIST,
    caller: 'anyone',
    answers: {
      200: { description: 'Hashes or entries, immutable', contentType: 'application/octet-stream' },
      401: unknown,
      404: unknown,
      429: tooMany,
    },
  },
} as const satisfies PublicRoutes;
