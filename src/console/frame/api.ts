import type { JsonObject } from '../../canonical-json.ts';
import type { AdminApi, AdminRoute, RouteAnswer, RouteCall } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { heardFrom } from './issuer-clock.ts';
import { type WaitsForPerson, waitingOf } from './waits.ts';

/** Every admin route of the contract. Its schemas stay out of the browser: only types come in. */
type Route = {
  [Feature in keyof AdminApi]: AdminApi[Feature][keyof AdminApi[Feature]];
}[keyof AdminApi];

type Method = Route['method'];
type PathOf<M extends Method> = Extract<Route, { readonly method: M }>['path'];
type RouteOf<M extends Method, P> = Extract<Route, { readonly method: M; readonly path: P }>;

/** Why there is no answer. Each has a screen of its own, and none looks like an empty list. */
export type Fault =
  | { readonly kind: 'signed_out' }
  | {
      readonly kind: 'not_for_your_role';
      readonly message: string;
      readonly detail?: JsonObject | undefined;
    }
  | { readonly kind: 'not_found'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly detail?: JsonObject | undefined;
    }
  | WaitsForPerson
  | { readonly kind: 'unreachable'; readonly message: string };

export type Answer<Value> = Result<Value, Fault>;

const unreadable: Fault = {
  kind: 'unreachable',
  message: 'The issuer took the order, and its answer cannot be read.',
};

const ANSWER_MILLISECONDS_MAX = 20_000;

interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
}

/**
 * Calls an admin route, by its method and its path as the contract writes it. The browser sends the
 * session's cookie, and the page itself has no token. Never rejects.
 */
export async function callIssuer<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  call: RouteCall<Extract<RouteOf<M, P>, AdminRoute>>,
): Promise<Answer<RouteAnswer<Extract<RouteOf<M, P>, AdminRoute>>>> {
  const { params = {}, query = {}, body } = call as Parts;
  const filled = (path as string).replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : '';
  const answer = await send(`/admin/v1${filled}${search}`, method, body);
  return answer as Answer<RouteAnswer<Extract<RouteOf<M, P>, AdminRoute>>>;
}

/** Sends a request to the issuer, and reads the answer as it is. Never rejects. */
export async function send(url: string, method: string, body?: object): Promise<Answer<unknown>> {
  try {
    const response = await fetch(url, {
      method,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    heardFrom(response.headers.get('date'));
    if (response.status === 204) return ok(undefined);
    const value: unknown = await response.json().catch(() => undefined);
    if (response.status === 202) return refuse(waitingOf(value) ?? unreadable);
    return response.ok ? ok(value) : refuse(faultOf(response.status, value));
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    const late = `The issuer did not answer within ${ANSWER_MILLISECONDS_MAX / 1000} s.`;
    return refuse({ kind: 'unreachable', message: isLate ? late : 'The issuer did not answer.' });
  }
}

function faultOf(status: number, value: unknown): Fault {
  const problem = (value ?? {}) as { error?: unknown; message?: unknown; detail?: JsonObject };
  const code = typeof problem.error === 'string' ? problem.error : `http_${status}`;
  const message =
    typeof problem.message === 'string' ? problem.message : `The issuer answered ${status}.`;
  const { detail } = problem;
  if (status === 401) return { kind: 'signed_out' };
  if (status === 403) return { kind: 'not_for_your_role', message, detail };
  if (status === 404) return { kind: 'not_found', code, message };
  if (status >= 500 && code.startsWith('http_')) return { kind: 'unreachable', message };
  return { kind: 'refused', code, message, detail };
}
