import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import {
  type AdminRoute,
  type AdminRoutes,
  describeFault,
  type Refusal,
  type RouteAnswer,
  type RouteInput,
  type RouteProblem,
} from '../../../src/issuer-api/index.ts';
import type { Operator } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { authenticate } from '../operators/authenticate.ts';
import { noteBreakGlass } from '../operators/break-glass.ts';
import { permit } from '../operators/permit.ts';
import { describeProposal, needsSecondPerson, propose } from '../operators/propose.ts';
import { requirePermission } from '../operators/scope.ts';
import { viaOf } from '../operators/via.ts';
import type { AdminContext } from './admin-context.ts';
import type { IssuerEnv } from './env.ts';
import { problem, readJson } from './http.ts';

/**
 * A route's own part: it receives what the contract has validated, and can only answer with the
 * contract's answer or with one of its problems.
 */
export type AdminHandler<Route extends AdminRoute> = (
  input: RouteInput<Route>,
  context: AdminContext,
) => Promise<Result<RouteAnswer<Route>, Refusal<RouteProblem<Route> | HandlerProblem<Route>>>>;

/** What a handler may refuse with beside the problems of its route. */
type HandlerProblem<Route extends AdminRoute> =
  | 'invalid_request'
  | (Route extends { readonly scoped: true } ? 'not_for_your_role' : never);

/** A handler for each route of a feature: one that is missing does not compile. */
export type AdminHandlers<Routes extends AdminRoutes> = {
  readonly [Name in keyof Routes]: AdminHandler<Routes[Name]>;
};

export interface BoundRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: `/${string}`;
  readonly handle: (request: IRequest, env: IssuerEnv) => Promise<Response>;
  /** Whether an operator may call it at all. */
  readonly permit: (operator: Operator) => ReturnType<typeof requirePermission>;
  /** Carries out an order that was checked before, and confirmed. */
  readonly execute: (
    input: RouteInput<AdminRoute>,
    context: AdminContext,
  ) => Promise<Result<unknown, Refusal>>;
}

export type BoundRoutes<Routes extends AdminRoutes> = {
  readonly [Name in keyof Routes]: BoundRoute;
};

/** Binds the routes of one feature to their handlers. */
export function bindAdmin<Routes extends AdminRoutes>(
  routes: Routes,
  handlers: AdminHandlers<Routes>,
): BoundRoutes<Routes> {
  const bound = Object.entries(routes).map(([name, route]) => [
    name,
    bind(route, handlers[name] as unknown as AdminHandler<AdminRoute>),
  ]);
  return Object.fromEntries(bound) as BoundRoutes<Routes>;
}

function bind(route: AdminRoute, handler: AdminHandler<AdminRoute>): BoundRoute {
  const { method, path, status = 200 } = route;
  return {
    method,
    path,
    permit: (operator) => requirePermission(operator, route),
    execute: handler,
    handle: async (request, env) => {
      const authenticated = await authenticate(request, env);
      if (!authenticated.ok) return problem(authenticated.error);
      const { operator, session } = authenticated.value;
      const permitted = await permit(operator, route, request, env);
      if (!permitted.ok) return problem(permitted.error);
      await noteBreakGlass(env, operator, route);
      const input = await readInput(route, request);
      if (!input.ok) return problem(input.error);
      if (needsSecondPerson(env, operator, route, input.value)) {
        const proposed = await propose(env, operator, route, input.value);
        return proposed.ok
          ? Response.json({ proposal: describeProposal(proposed.value, operator) }, { status: 202 })
          : problem(proposed.error);
      }
      const answer = await handler(input.value, {
        env,
        operator,
        actor: operator.name,
        via: viaOf(operator),
        session,
      });
      if (!answer.ok) return problem(answer.error);
      // A poll that finds nothing new has no answer.
      return route.answer && answer.value !== undefined
        ? Response.json(answer.value, { status })
        : new Response(null, { status: 204 });
    },
  };
}

/** Query, body and path, in this order: a wrong body is named before an id that is unknown. */
async function readInput(
  route: AdminRoute,
  request: IRequest,
): Promise<Result<RouteInput<AdminRoute>, Refusal>> {
  const query = route.query && readQuery(route.query, request.url);
  if (query && !query.ok) return query;
  const body = route.body && (await readJson(request, route.body, route.bodyBytesMax));
  if (body && !body.ok) return body;
  for (const [name, { schema, problem: code }] of Object.entries(route.params)) {
    if (!v.is(schema, String(request.params[name]))) {
      const expected = v.getDescription(schema as never);
      return refuse({
        code,
        ...(code === 'invalid_request' && {
          message: `The path is invalid at "${name}". Expected: ${expected}.`,
        }),
      });
    }
  }
  return ok({
    params: request.params as Readonly<Record<string, string>>,
    query: query?.value,
    body: body?.value,
  } as RouteInput<AdminRoute>);
}

/** Unknown and repeated parameters were refused before (`knownQuery`). */
function readQuery(
  schema: v.GenericSchema,
  url: string,
): Result<unknown, Refusal<'invalid_request'>> {
  const parameters = Object.fromEntries(new URL(url).searchParams);
  const read = v.safeParse(schema, parameters, { abortEarly: true });
  return read.success
    ? ok(read.output)
    : refuse({ code: 'invalid_request', message: describeFault('query', schema, read.issues) });
}
