import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import type { RouteInput } from './route.ts';

/** A request's input, and what is wrong with its arguments as one object. */
export interface ReadInput {
  readonly input: RouteInput;
  readonly argsFault?: string;
}

/** Puts together what a request carries. `params` come from the router. */
export function routeInput(
  request: Request,
  params: Readonly<Record<string, unknown>>,
  body: Json | undefined,
): ReadInput {
  const url = new URL(request.url);
  const given = stringsOf(params);
  const query = queryOf(url.searchParams);
  const members = isJsonObject(body) ? body : {};
  const lists: readonly JsonObject[] = [given, query, members];
  const names = lists.flatMap((list) => Object.keys(list));
  const argsFault = argsFaultOf(names, body);
  return {
    input: {
      method: request.method.toUpperCase(),
      url,
      headers: request.headers,
      params: given,
      query,
      body,
      // Not spread one by one: `__proto__` must stay a member like any other.
      args: Object.fromEntries(lists.flatMap((list) => Object.entries(list))),
    },
    ...(argsFault !== undefined && { argsFault }),
  };
}

/** One name with two values would be read as one by us and as the other by the handler. */
function argsFaultOf(names: readonly string[], body: Json | undefined): string | undefined {
  if (new Set(names).size < names.length) return 'an argument is given in two places';
  return body === undefined || isJsonObject(body) ? undefined : 'the body is not an object';
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
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      const [only] = values;
      return [name, values.length === 1 && only !== undefined ? only : values];
    }),
  );
}
