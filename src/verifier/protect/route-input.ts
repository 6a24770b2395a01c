import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import type { RouteInput } from './route.ts';

/** What a request carries, before it is known whether its arguments are unambiguous. */
export interface ReadInput extends Omit<RouteInput, 'args'> {
  /** Parameters, query and the members of an object body. Of two with one name, the first. */
  readonly carried: JsonObject;
  /** Whether some name is given in more than one place. */
  readonly isAmbiguous: boolean;
}

/** Puts together what a request carries. `params` come from the router. */
export function readInput(
  request: Request,
  given: Readonly<Record<string, unknown>>,
  body: Json | undefined,
): ReadInput {
  const { method, headers } = request;
  const url = new URL(request.url);
  const params = stringsOf(given);
  const query = queryOf(url.searchParams);
  const members: readonly (readonly [string, Json])[] = [
    ...Object.entries(params),
    ...Object.entries(query),
    ...Object.entries(isJsonObject(body) ? body : {}),
  ];
  return {
    method,
    url,
    headers,
    params,
    query,
    body,
    // Not assigned one by one: `__proto__` must stay a member like any other.
    carried: Object.fromEntries(members.toReversed()),
    isAmbiguous: new Set(members.map(([name]) => name)).size < members.length,
  };
}

/** Leaves out the parameters of optional segments that the path does not have. */
const stringsOf = (params: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(params).filter((entry): entry is [string, string] => {
      const [, value] = entry;
      return typeof value === 'string';
    }),
  );

function queryOf(search: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of search) {
    const values = lists.get(name);
    if (values) values.push(value);
    else lists.set(name, [value]);
  }
  return Object.fromEntries(
    [...lists].map(([name, values]) => [name, values.length > 1 ? values : (values[0] ?? '')]),
  );
}
