import { provingFetch } from '../../agent/index.ts';
import { readBounded } from '../../body.ts';
import { isJsonObject, type Json } from '../../canonical-json.ts';
import type { Clock } from '../../clock.ts';
import type { DrilledVerifier } from './config.ts';
import type { Drilled } from './obtain.ts';

const DRILL_CALL_MILLISECONDS_MAX = 5_000; // A slower answer is none.
const DRILL_ANSWER_BYTES_MAX = 64 * 1024; // A denial.

export type Outcome =
  | { readonly kind: 'allowed' }
  /** With the code of the denial: see docs/reference/codes.md. */
  | { readonly kind: 'denied'; readonly code: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Calls a verifier with the token, and with a proof of its key where it is bound to one. */
export function callerOf(
  send: typeof fetch,
  verifier: DrilledVerifier,
  { token, holder }: Drilled,
  now: Clock,
): () => Promise<Outcome> {
  const prove = provingFetch(send, now);
  const authorization = `${holder ? 'DPoP' : 'Bearer'} ${token}`;
  return () =>
    callOnce(() => {
      const request = new Request(target(verifier), {
        ...requestOf(verifier, { authorization }),
        // Somebody else's host does not get the token.
        redirect: 'manual',
        signal: AbortSignal.timeout(DRILL_CALL_MILLISECONDS_MAX),
      });
      return holder ? prove(request, holder, token) : send(request);
    });
}

/** What became of one call. Never throws. */
async function callOnce(call: () => Promise<Response>): Promise<Outcome> {
  try {
    const response = await call();
    if (response.ok) {
      await response.body?.cancel();
      return { kind: 'allowed' };
    }
    const body = await readBounded(response, DRILL_ANSWER_BYTES_MAX);
    const code = body.ok ? codeIn(body.value) : undefined;
    if (code !== undefined) return { kind: 'denied', code };
    return { kind: 'failed', why: `HTTP ${response.status}` };
  } catch (error) {
    return { kind: 'failed', why: (error as Error).name };
  }
}

export const target = (verifier: DrilledVerifier): string =>
  'mcp' in verifier ? verifier.mcp : verifier.url;

function requestOf(
  verifier: DrilledVerifier,
  authorization: { readonly authorization: string },
): RequestInit {
  const json = { 'content-type': 'application/json' };
  if ('mcp' in verifier) {
    const params = { name: verifier.tool, arguments: verifier.arguments };
    return {
      method: 'POST',
      headers: {
        ...json,
        accept: 'application/json, text/event-stream',
        ...verifier.headers,
        ...authorization,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    };
  }
  const { method, body, headers } = verifier;
  if (body === undefined) return { method, headers: { ...headers, ...authorization } };
  return {
    method,
    headers: { ...json, ...headers, ...authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** Of a verifier behind `guard`, or of the gateway's JSON-RPC error. */
function codeIn(text: string): string | undefined {
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(body)) return undefined;
  const { error } = body;
  const data = isJsonObject(error) && isJsonObject(error.data) ? error.data.code : body.code;
  return typeof data === 'string' && /^[a-z_]{1,64}$/.test(data) ? data : undefined;
}
