import * as v from 'valibot';
import type { PublicRoutes } from './route.ts';

const JSON_TYPE = 'application/json';

export const CATALOGUE_ROUTES = {
  catalogue: {
    method: 'GET',
    path: '/catalogue/:hash',
    summary: 'Returns the text of the tool catalogue with this SHA-256, in lower-case hex.',
    specification: 'docs/reference/feed.md',
    caller: 'anyone',
    answers: {
      200: { description: 'The catalogue in TOML, immutable', contentType: 'application/toml' },
      304: { description: 'The caller has it: see `If-None-Match`' },
      404: {
        description: 'No stored catalogue has this hash',
        contentType: JSON_TYPE,
        schema: v.object({ error: v.string(), message: v.string() }),
      },
      503: { description: 'The store does not answer', contentType: JSON_TYPE },
      429: { description: 'Too many requests; see `Retry-After`', contentType: JSON_TYPE },
    },
  },
} as const satisfies PublicRoutes;
