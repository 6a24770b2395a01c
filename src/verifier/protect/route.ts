import type { Json, JsonObject } from '../../canonical-json.ts';
import { type Action, checkDataset, checkTool, isAction } from '../../capability/index.ts';
import {
  type Check,
  expecting,
  flag,
  type Members,
  oneOf,
  optional,
  readOptions,
} from '../../options.ts';
import { isTier, type Tier } from '../tiers.ts';

/**
 * What a route's functions see of a request. Its token was verified before, unless the route only
 * observes.
 */
export interface RouteInput {
  /** The HTTP method, as it was sent. */
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The router's parameters, as the handler gets them: itty-router does not decode them. */
  readonly params: Readonly<Record<string, string>>;
  /** The query. A name that is repeated has the list of its values. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** The JSON body; undefined if the request has none, or if the route leaves it unread. */
  readonly body: Json | undefined;
  /**
   * Parameters, query and the members of an object body, in one object. If a name is given in two
   * places, reading it throws, and the call is denied.
   */
  readonly args: JsonObject;
}

/** A member of a route: its value, or a function of the request that returns it. */
export type RouteValue<T> = T | ((input: RouteInput) => T);

/**
 * `enforce` denies what the token does not allow. `observe` decides and records in the same way,
 * and blocks only what an operator has stopped: use it while callers still have to get tokens.
 */
export type RouteMode = 'enforce' | 'observe';

/** What a request to one route does, as plain data. */
export interface Route {
  /** As policies and grants name it. */
  readonly tool: RouteValue<string>;
  readonly action: RouteValue<Action>;
  /** How fresh the feed must be, by how much damage a call can do: see `TIERS`. */
  readonly tier: RouteValue<Tier>;
  /**
   * What the call touches. A segment `:name` stands for the argument of that name, which must be
   * one segment: `crm/contacts/:region`.
   */
  readonly dataset: RouteValue<string | readonly string[]>;
  /**
   * Every argument that the handler reads. By default all that the request carries: parameters,
   * query, and the members of a JSON body. A name in two of them is denied.
   */
  readonly args?: RouteValue<JsonObject>;
  /** `enforce` by default. */
  readonly mode?: RouteMode;
  /**
   * The handler reads as much of `dataset` as the token allows, which it learns from `scope()` of
   * its call. Without it, a token must cover all of `dataset`. A scoped route cannot observe: what
   * would be denied has no scope.
   */
  readonly scoped?: boolean;
  /**
   * `json`, the default: a body is read to its end within a bound and must be JSON. `unread`: the
   * handler gets it as a stream, and nothing in it is judged.
   */
  readonly body?: 'json' | 'unread';
}

const orFunction = (wanted: string, isGood: (value: unknown) => boolean): Check =>
  expecting(`${wanted}, or a function`, (value) => typeof value === 'function' || isGood(value));

const isDataset = (value: unknown): boolean =>
  typeof value === 'string' && checkDataset(value.replace(PLACEHOLDER, '$1name')).ok;

/** A segment of a dataset that an argument fills in. No dataset has a colon. */
export const PLACEHOLDER = /(^|\/):([A-Za-z_]\w*)(?=\/|$)/g;

const ROUTE: Members<Route> = {
  tool: orFunction(
    'the name of a tool',
    (value) => typeof value === 'string' && checkTool(value).ok,
  ),
  action: orFunction('read, write, delete or execute', isAction),
  tier: orFunction('0, 1, 2 or 3', isTier),
  dataset: orFunction('a dataset such as crm/contacts/:region, or a list of them', (value) =>
    Array.isArray(value) ? value.length > 0 && value.every(isDataset) : isDataset(value),
  ),
  args: optional(
    orFunction('an object of arguments', (value) => typeof value === 'object' && value !== null),
  ),
  mode: optional(oneOf(['enforce', 'observe'])),
  scoped: optional(flag),
  body: optional(oneOf(['json', 'unread'])),
};

/** Returns the route. Throws a TypeError for a member that it does not know or cannot use. */
export function readRoute(route: Route): Route {
  const { mode, scoped } = readOptions(route, 'route', ROUTE);
  if (scoped && mode === 'observe') {
    throw new TypeError('route: a scoped route cannot observe. Set `mode` to enforce.');
  }
  return route;
}
