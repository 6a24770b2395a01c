import { ADMIN_API } from './admin/index.ts';
import { membersOf } from './describe.ts';
import type { PublicRoute } from './public/index.ts';
import { PUBLIC_API } from './public/index.ts';
import { ADMIN_PREFIX, type AdminRoute } from './route.ts';

interface Path {
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

const PATHS: readonly Path[] = [
  ...Object.values(ADMIN_API).flatMap((routes) =>
    Object.values(routes).map((route: AdminRoute) => ({
      ...route,
      path: `${ADMIN_PREFIX}${route.path}`,
    })),
  ),
  ...Object.values(PUBLIC_API).flatMap((routes) => Object.values(routes) as PublicRoute[]),
].map(({ path, query }) => ({
  pattern: new RegExp(
    `^${path
      .replace(/[.]/g, '\\.')
      .replace(/:\w+\+/g, '.+')
      .replace(/:\w+/g, '[^/]+')}$`,
  ),
  names: query ? [...membersOf(query).keys()] : [],
}));

/** Returns the query parameters that the routes of this path read, whatever their method. */
export const parametersOf = (pathname: string): readonly string[] =>
  PATHS.filter(({ pattern }) => pattern.test(pathname)).flatMap(({ names }) => names);

/**
 * Whether every parameter is read by a route of this path, and occurs once. A misspelt filter would
 * otherwise answer with everything, and look like an answer.
 */
export function isKnownQuery(pathname: string, query: URLSearchParams): boolean {
  const known = parametersOf(pathname);
  const names = [...query.keys()];
  return new Set(names).size === names.length && names.every((name) => known.includes(name));
}
