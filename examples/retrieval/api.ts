/** Searches of a library: each reads exactly what the caller's token allows, and nothing before. */

import type { Protection, RetrievalScope, Route, SqlFilter } from 'hewn/verifier';
import { AutoRouter } from 'itty-router';
import type { Library, Passage } from './library.ts';

/** A search may touch the whole library, if the token allows that. */
const SEARCH: Route = {
  tool: 'library.search',
  action: 'read',
  tier: 1,
  dataset: 'library',
  scoped: true,
};

export const createApi = (hewn: Protection, library: Library) =>
  AutoRouter()
    .get(
      '/search',
      hewn.fetch(SEARCH, ({ args, scope }) =>
        answer(scope(), (filter) => library.find(String(args.query), filter)),
      ),
    )
    .get(
      '/similar',
      hewn.fetch(SEARCH, ({ args, scope }) =>
        answer(scope(), (filter) => library.similar(String(args.query), filter)),
      ),
    );

function answer(scope: RetrievalScope, read: (filter: SqlFilter) => readonly Passage[]): Response {
  const filter = scope.sqlite({
    dataset: 'dataset',
    arguments: { '/owner': 'owner' },
    table: 'passages',
  });
  // A bound that SQL cannot express: nothing is read.
  if (!filter.ok) return Response.json({ code: filter.error.code }, { status: 403 });
  return Response.json(read(filter.value));
}
