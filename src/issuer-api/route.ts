import type * as v from 'valibot';
import type { Permission } from '../operators/index.ts';
import type { ProblemCode } from './problems.ts';

type ObjectSchema = v.GenericSchema<Record<string, unknown>, Record<string, unknown>>;

/** One segment of a path. A segment that does not match the schema gets `problem`. */
export interface PathParameter {
  readonly schema: v.GenericSchema<string, string>;
  readonly problem: ProblemCode;
}

/**
 * The contract of one admin route: everything but its handler. The issuer's router and validation,
 * the client of the command line, OpenAPI and the reference page are all derived from it.
 */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/admin/v1`, with parameters as `:name`. */
  readonly path: `/${string}`;
  /** One line for the reference page, starting with a verb. */
  readonly summary: string;
  /** What the answer or an order means, where one line is not enough. */
  readonly description?: string;
  /**
   * What an operator must be allowed to do. The router checks it before it reads the request.
   * `none`: any operator may call it, whatever their roles.
   */
  readonly needs: Permission | 'none';
  /**
   * Set if the handler calls `requireScope`, once it knows which owner or tool an order is about.
   * Without it, the order is about everything: a role that is limited does not allow it, unless the
   * route only reads.
   */
  readonly scoped?: true;
  /**
   * Of a route that reads: where the only owner stands whose workflows it shows. An operator
   * capability that is limited to owners reads nothing else.
   */
  readonly readsOwner?: 'owner of the query' | 'owner of the workflow';
  /**
   * The members by which a body says that its order takes power away, on a route whose permission
   * opens something: such an order never waits for a second person. With an empty object, every
   * order of the route takes power away.
   */
  readonly stopsWith?: Readonly<Record<string, string>>;
  /** One entry for each parameter of the path, in the order in which they are checked. */
  readonly params: Readonly<Record<string, PathParameter>>;
  /** Each parameter is text on the wire. Unknown and repeated ones are refused. */
  readonly query?: ObjectSchema;
  /** JSON, at most 16 KiB. A route without one does not read the body. */
  readonly body?: ObjectSchema;
  /** Where a body is larger than an order. */
  readonly bodyBytesMax?: number;
  /** 200 unless stated otherwise. A route that answers 204 has no `answer`. */
  readonly status?: 201 | 204;
  readonly answer?: v.GenericSchema;
  /** Beside the problems that every route can answer with (`COMMON_PROBLEMS`). */
  readonly problems: readonly ProblemCode[];
}

export type AdminRoutes = Readonly<Record<string, AdminRoute>>;

/** What any admin route can answer with, depending on whether it reads a body. */
export const COMMON_PROBLEMS = {
  always: [
    'unauthorized',
    'nonce_required',
    'cross_site_refused',
    'not_for_your_role',
    'proposals_full',
    'invalid_request',
  ],
  withBody: ['body_too_large'],
} as const satisfies Readonly<Record<string, readonly ProblemCode[]>>;

export const ADMIN_PREFIX = '/admin/v1';

type Parsed<Schema> = Schema extends v.GenericSchema ? v.InferOutput<Schema> : undefined;

/** What a client passes for a schema: the form on the wire, before defaults. */
type Sent<Schema> = Schema extends v.GenericSchema ? v.InferInput<Schema> : undefined;

/** What a handler receives: every member validated, with defaults filled in. */
export interface RouteInput<Route extends AdminRoute> {
  readonly params: { readonly [Name in keyof Route['params']]: string };
  readonly query: Parsed<Route['query']>;
  readonly body: Parsed<Route['body']>;
}

/** What a handler returns, and what a client receives. */
export type RouteAnswer<Route extends AdminRoute> = Route['answer'] extends v.GenericSchema
  ? ReadonlyDeep<v.InferOutput<Route['answer']>>
  : undefined;

export type RouteProblem<Route extends AdminRoute> = Route['problems'][number];

/** What a client passes. A member that the route does not have cannot be passed. */
export type RouteCall<Route extends AdminRoute> = ParamsOf<Route> &
  Optional<'query', Sent<Route['query']>> &
  Required<'body', Sent<Route['body']>>;

type ParamsOf<Route extends AdminRoute> = keyof Route['params'] extends never
  ? unknown
  : { readonly params: { readonly [Name in keyof Route['params']]: string } };

type Optional<Name extends string, Value> = [Value] extends [undefined]
  ? unknown
  : { readonly [Member in Name]?: Value };
type Required<Name extends string, Value> = [Value] extends [undefined]
  ? unknown
  : { readonly [Member in Name]: Value };

/** Data of a Durable Object is readonly, and schemas infer arrays that are not. */
type ReadonlyDeep<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly ReadonlyDeep<Item>[]
    : { readonly [Member in keyof T]: ReadonlyDeep<T[Member]> };
