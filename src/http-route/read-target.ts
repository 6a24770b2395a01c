import { ok, type Result, refuse } from '../result.ts';
import type { HttpCallError } from './error.ts';
import type { HttpRequest } from './read-call.ts';

/** The path and query of a URL, as they were received. */
const TARGET = /^https?:\/\/[^/?#\\]*([^?#]*)(?:\?([^#]*))?(?:#.*)?$/is;

/**
 * Returns the path and query of a URL below `root`. Some runtimes pass the target on as it arrived:
 * a path that the parser changes, such as one with a dot segment, has two readings.
 */
export function readTarget(
  url: string,
  root: string,
): Result<Pick<HttpRequest, 'path' | 'query'>, HttpCallError> {
  const [, path = '', query = ''] = TARGET.exec(url) ?? [];
  const isPlain = URL.canParse(url) && new URL(url).pathname === path;
  if (!isPlain || (path !== root && !path.startsWith(`${root}/`))) {
    return refuse({ code: 'name_invalid', kind: 'path', why: 'has two readings' });
  }
  return ok({ path: path.slice(root.length) || '/', query });
}
