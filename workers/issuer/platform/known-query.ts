import type { IRequest } from 'itty-router';
import { isKnownQuery, parametersOf } from '../../../src/issuer-api/index.ts';
import { problem } from './http.ts';

/** Refuses a query that no route of this path reads. Runs before the routes. */
export function knownQuery(request: IRequest): Response | undefined {
  const { pathname, searchParams } = new URL(request.url);
  if (isKnownQuery(pathname, searchParams)) return undefined;
  const known = parametersOf(pathname);
  const allowed =
    known.length > 0
      ? `This route accepts each of these at most once: ${known.join(', ')}.`
      : 'This route accepts none.';
  return problem({
    code: 'invalid_request',
    message: `Unknown or repeated query parameter. ${allowed}`,
  });
}
