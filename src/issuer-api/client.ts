/** The admin API from a caller's side: what to send for a call, and how to read the answer. */
import * as v from 'valibot';
import type { JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Proposal, proposal } from './admin/index.ts';
import { ADMIN_PREFIX, type AdminRoute, type RouteAnswer, type RouteCall } from './route.ts';
import { jsonObject } from './values.ts';

export interface AdminRequest {
  readonly method: AdminRoute['method'];
  /** With the prefix and the query. */
  readonly path: string;
  readonly body?: string;
}

interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
}

/** Returns the request of a call. Parameters are encoded, so that none of them adds a segment. */
export function requestOf<Route extends AdminRoute>(
  { method, path }: Route,
  call: RouteCall<Route>,
): AdminRequest {
  const { params = {}, query = {}, body } = call as Parts;
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, value);
  }
  const suffix = search.size > 0 ? `?${search}` : '';
  return {
    method,
    path: `${ADMIN_PREFIX}${filled}${suffix}`,
    ...(body && { body: JSON.stringify(body) }),
  };
}

/** Why an answer is not used. */
export type AnswerFault =
  | {
      readonly kind: 'problem';
      readonly code: string;
      readonly message: string;
      readonly detail?: JsonObject | undefined;
    }
  /** The order has no effect yet: it waits for a second person. */
  | { readonly kind: 'proposed'; readonly proposal: Proposal }
  | { readonly kind: 'unreadable'; readonly status: number };

const problemBody = v.object({
  error: v.string(),
  message: v.string(),
  detail: v.optional(jsonObject),
});

/** Reads an answer, whose members are checked against the contract; unknown ones are dropped. */
export function readAnswer<Route extends AdminRoute>(
  route: Route,
  status: number,
  text: string,
): Result<RouteAnswer<Route>, AnswerFault> {
  const isDone = status >= 200 && status < 300;
  if (status === 202) return refuse(proposedOf(parse(text)));
  if (isDone && !route.answer) return ok(undefined as RouteAnswer<Route>);
  const value = parse(text);
  if (!isDone) {
    const problem = v.safeParse(problemBody, value);
    if (!problem.success) return refuse({ kind: 'unreadable', status });
    const { error: code, message, detail } = problem.output;
    return refuse({ kind: 'problem', code, message, detail });
  }
  const answer = v.safeParse(route.answer ?? v.undefined(), value);
  return answer.success
    ? ok(answer.output as RouteAnswer<Route>)
    : refuse({ kind: 'unreadable', status });
}

/** An order that waits for a second person was accepted and has no effect yet. */
function proposedOf(value: unknown): AnswerFault {
  const read = v.safeParse(v.object({ proposal }), value);
  return read.success
    ? { kind: 'proposed', proposal: read.output.proposal }
    : { kind: 'unreadable', status: 202 };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
