import { readBounded } from '../../../../src/body.ts';

const TOKEN_MILLISECONDS_MAX = 10_000;
const TOKEN_ANSWER_BYTES_MAX = 64 * 1024;

/** Sends a request for a token: within a bound of time and size, and to no other place. */
export async function fetchToken(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(TOKEN_MILLISECONDS_MAX);
  const response = await fetch(url, { ...init, redirect: 'manual', signal });
  const body = await readBounded(response, TOKEN_ANSWER_BYTES_MAX);
  if (!body.ok) throw new Error('the answer to a token request cannot be read');
  const { status, headers } = response;
  const type = headers.get('content-type') ?? '';
  return new Response(status === 204 ? null : body.value, {
    // A redirect of another origin has status 0 in some runtimes.
    status: status < 200 ? 502 : status,
    headers: { 'content-type': type },
  });
}
