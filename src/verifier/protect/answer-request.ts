interface WaitUntil {
  waitUntil(work: Promise<unknown>): void;
}

const hasWaitUntil = (value: unknown): value is WaitUntil =>
  typeof (value as Partial<WaitUntil> | null | undefined)?.waitUntil === 'function';

/**
 * Returns the response, and runs `afterResponse` after it. `rest`: what the runtime passed besides
 * the request, such as the context of a Worker, which then keeps that work alive.
 */
export function thenSettle(
  answering: Promise<Response>,
  afterResponse: () => Promise<void>,
  rest: readonly unknown[],
): Promise<Response> {
  // Registered before the first `await` of the caller: if the client resets its connection, a
  // Worker's runtime ends the request, and only registered work continues.
  const settled = answering.then(afterResponse, afterResponse);
  rest.find(hasWaitUntil)?.waitUntil(settled);
  return answering;
}

/** Returns the response with further headers. */
export function withHeaders(
  response: Response,
  headers: Readonly<Record<string, string>>,
): Response {
  const added = Object.entries(headers);
  if (added.length === 0) return response;
  const answer = new Response(response.body, response);
  for (const [name, value] of added) answer.headers.set(name, value);
  return answer;
}
