import type { ProtectedCall, Protection, Route, RouteJudge } from '../verifier/index.ts';

/**
 * The variables of a Hono app with protected routes: `new Hono<{ Variables: HewnVariables }>()`.
 * `c.get('hewn')` is what was judged: the arguments, the body and the decision.
 */
export interface HewnVariables {
  readonly hewn: ProtectedCall;
}

/** The part of Hono's context that the middleware uses. Hono itself is not imported. */
export interface HonoContext {
  readonly req: {
    raw: Request;
    /** What earlier handlers have read of the body. */
    bodyCache: object;
    param(): Record<string, string>;
    arrayBuffer(): Promise<ArrayBuffer>;
  };
  readonly res: Response;
  /** What the handler threw, if Hono's error handler has answered for it. */
  readonly error: Error | undefined;
  /** Throws outside of Workers. */
  readonly executionCtx: { waitUntil(work: Promise<unknown>): void };
  header(name: string, value: string): void;
  set(name: 'hewn', value: ProtectedCall): void;
}

/**
 * Returns middleware for one route of a Hono app, in Workers and in Node. It answers a denied
 * request itself. For an allowed one, `c.get('hewn')` has what was judged, and `c.req.json()` reads
 * the same body. Put it in the route itself, before the handler: there it judges the parameters
 * that the handler gets. Throws a TypeError for a route that it cannot use.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono';
 * import { type HewnVariables, protectRoute } from 'hewn/hono';
 *
 * const app = new Hono<{ Variables: HewnVariables }>();
 * const search = { tool: 'crm.search', action: 'read', tier: 1 } as const;
 * const contacts = protectRoute(protection, { ...search, dataset: 'crm/contacts/:region' });
 * app.get('/contacts/:region', contacts, (c) => c.json({ region: c.get('hewn').args.region }));
 * const response = await app.fetch(request);
 * if (response.status !== 200) throw new Error(await response.text());
 * ```
 */
export function protectRoute(protection: Protection, route: Route) {
  const judge = protection.judge(route);
  const after = () => protection.afterResponse();
  return (c: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
    const answering = answer(c, judge, next);
    // Registered before the first `await`: if the client resets its connection, a Worker's runtime
    // ends the request, and only registered work continues.
    keepAlive(c, answering.then(after, after));
    return answering;
  };
}

async function answer(
  c: HonoContext,
  judge: RouteJudge,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  const request = await unreadRequest(c.req);
  const judged = await judge({ request, params: c.req.param() });
  if (!judged.ok) return judged.error;
  const { call, headers, close } = judged.value;
  c.req.raw = call.request;
  c.req.bodyCache = {};
  c.set('hewn', call);
  try {
    await next();
  } catch (error) {
    close({ status: 500, threw: true });
    throw error;
  }
  close({ status: c.res.status, threw: c.error !== undefined });
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return undefined;
}

/**
 * Returns the request with its whole body. If earlier middleware has read it, Hono keeps what it
 * read, and that is what is judged and handled.
 */
async function unreadRequest(req: HonoContext['req']): Promise<Request> {
  if (!req.raw.bodyUsed) return req.raw;
  const { method, headers, url, signal } = req.raw;
  return new Request(url, { method, headers, signal, body: await req.arrayBuffer() });
}

/** Without an execution context, as in Node, nothing ends the work after the response. */
function keepAlive(c: HonoContext, work: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(work);
  } catch {}
}
