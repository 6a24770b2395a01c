import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  announcesBody,
  followResponse,
  RequestBody,
  readRequest,
  sendResponse,
  sendStatus,
} from '../node-http/index.ts';
import type { ProtectedCall, Protection, Route } from '../verifier/index.ts';

/**
 * A request of Express, or of Node's own server. Without Express's `params` and `body`: with them,
 * the compiler would take the types of a handler's request from here, and not from its path.
 */
export type NodeRouteRequest = IncomingMessage & {
  /** The target as it arrived: a router that is mounted below a path shortens `url`. */
  readonly originalUrl?: string;
};

type RoutedRequest = NodeRouteRequest & {
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
  /** What a parser has made of the body. */
  body?: unknown;
};

type Next = (error?: unknown) => void;

/** By its request, so that a handler of an unprotected route cannot mistake another for it. */
const calls = new WeakMap<object, ProtectedCall>();

/**
 * Returns middleware for one route of Express 5, or for a handler of Node's HTTP server. It answers
 * a denied request itself. For an allowed one, `protectedCall(req)` has what was judged. Put it in
 * the route itself, before the handler: there it judges the parameters that the handler gets.
 *
 * A JSON body that no parser has read is read and judged, and `req.body` is the judged value. If a
 * parser has read the body, what it left in `req.body` is judged. Other bodies need
 * `body: 'unread'` in the route, and a route that observes leaves them unread. A GET with a body
 * that no parser has read is answered with 400: the body could not be judged. `next(error)` is
 * called only because of a bug. Throws a TypeError for a route that it cannot use.
 *
 * @example
 * ```ts
 * import express from 'express';
 * import { protectedCall, protectRoute } from 'hewn/express';
 *
 * const app = express();
 * const search = { tool: 'crm.search', action: 'read', tier: 1 } as const;
 * const contacts = protectRoute(protection, { ...search, dataset: 'crm/contacts/:region' });
 * app.get('/contacts/:region', contacts, (req, res) => {
 *   res.json({ region: protectedCall(req).args.region });
 * });
 * ```
 */
export function protectRoute(protection: Protection, route: Route) {
  const judge = protection.judge(route);
  const { origin } = new URL(protection.audience);
  return async (req: NodeRouteRequest, res: ServerResponse, next: Next): Promise<void> => {
    const body = new RequestBody(req);
    const isBodyJudged = judgesBody(route, req);
    try {
      const target = req.originalUrl ?? req.url;
      const request = readRequest(req, origin, isBodyJudged ? body : undefined, target);
      if (!request.ok) return await sendStatus(request.error, res, body);
      if (isBodyJudged && hasHiddenBody(route, req)) return await sendStatus(400, res, body);
      const judged = await judge({ request: request.value, params: paramsOf(req) });
      if (!judged.ok) {
        res.once('close', () => protection.afterResponse());
        return await sendResponse(judged.error, res, body, req.method === 'HEAD');
      }
      const { call, headers, close } = judged.value;
      calls.set(req, call);
      followResponse(res, { headers, close, afterResponse: () => protection.afterResponse() });
      if (isBodyJudged) keepJudgedBody(req, call);
    } catch (error) {
      return next(error);
    }
    next();
  };
}

/**
 * Returns what was judged before a handler of a protected route: arguments, body and decision.
 * Throws an Error for a request that no middleware of `protectRoute` has allowed.
 */
export function protectedCall(req: object): ProtectedCall {
  const call = calls.get(req);
  if (call) return call;
  throw new Error('protectedCall: this route has no `protectRoute` before its handler');
}

/** A route that observes must not take a body away that only its handler can read. */
const judgesBody = ({ body, mode }: Route, { headers }: NodeRouteRequest): boolean =>
  body !== 'unread' && (mode !== 'observe' || /json/i.test(headers['content-type'] ?? ''));

/**
 * A body of a GET or HEAD is not judged, because no `Request` of Fetch can have one. A parser after
 * this middleware would read it nevertheless.
 */
function hasHiddenBody({ mode }: Route, req: NodeRouteRequest): boolean {
  const { method, readableDidRead } = req;
  const hasNoBody = method === 'GET' || method === 'HEAD';
  return mode !== 'observe' && !readableDidRead && hasNoBody && announcesBody(req);
}

/**
 * Leaves the judged value in `req.body`, and nothing for a request whose body was not judged, such
 * as a GET. A parser of bytes or text keeps its own value: the judged one was read from it.
 */
function keepJudgedBody(req: RoutedRequest, { body, decision }: ProtectedCall): void {
  const isSource = typeof req.body === 'string' || req.body instanceof Uint8Array;
  const isObserved = decision.allowed && decision.observed !== undefined;
  if (body !== undefined ? isSource : isObserved) return;
  req.body = body;
}

/** Joins the segments of a wildcard. A slash inside one of them is denied with its path (`%2f`). */
const paramsOf = ({ params = {} }: RoutedRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.join('/'),
    ]),
  );
