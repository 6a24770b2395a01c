import type { IRequest } from 'itty-router';
import { problem } from './http.ts';

const WAITING = ['wait'];
const NONE: readonly string[] = [];

/** What each route reads of its query; a route that is not here reads nothing. */
const PARAMETERS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/admin\/v1\/audit$/, ['workflow', 'after', 'limit']],
  [/^\/admin\/v1\/approvals$/, ['after']],
  [/^\/admin\/v1\/workflows\/[^/]+\/(revoke|suspend|resume)$/, WAITING],
  [/^\/admin\/v1\/workflows\/[^/]+\/blocks\/[^/]+\/revoke$/, WAITING],
  [/^\/admin\/v1\/(watermarks|denials)(\/|$)/, WAITING],
  [/^\/feed\/v2\/[^/]+\/head$/, ['polled']],
  [/^\/feed\/v2\/[^/]+\/subscribe$/, ['since']],
  [/^\/ssf\/v1\/(stream|status)$/, ['stream_id']],
];

/**
 * Refuses a parameter that the route does not read, or that stands twice: a filter that is misspelt
 * would otherwise answer with everything, and look like an answer. Runs before the routes.
 */
export function knownQuery(request: IRequest): Response | undefined {
  const { pathname, searchParams } = new URL(request.url);
  const [, known = NONE] = PARAMETERS.find(([path]) => path.test(pathname)) ?? [];
  const seen = new Set<string>();
  for (const name of searchParams.keys()) {
    if (!known.includes(name) || seen.has(name)) {
      const may = known.length > 0 ? `Once each: ${known.join(', ')}.` : 'This route has none.';
      return problem(400, 'invalid_request', `The query has a parameter too many. ${may}`);
    }
    seen.add(name);
  }
  return undefined;
}
