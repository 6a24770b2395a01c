import { provingFetch } from '../../agent/index.ts';
import { readBounded } from '../../body.ts';
import { isJsonObject, type Json } from '../../canonical-json.ts';
import type { Clock } from '../../clock.ts';
import { DENIAL_META } from '../../denial-meta.ts';
import type { DrilledVerifier } from './config.ts';
import type { DrillCapability } from './obtain.ts';

const DRILL_CALL_MILLISECONDS_MAX = 5_000; // A slower answer counts as a failure.
const DRILL_ANSWER_BYTES_MAX = 64 * 1024; // A denial.

export type Outcome =
  | { readonly kind: 'allowed' }
  /** With the code of the denial: see docs/reference/codes.md. */
  | { readonly kind: 'denied'; readonly code: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Returns a call to a verifier with the token, and with a DPoP proof if it is bound to a key. */
export function callerOf(
  send: typeof fetch,
  verifier: DrilledVerifier,
  { token, holder }: DrillCapability,
  now: Clock,
): () => Promise<Outcome> {
  const prove = provingFetch(send, now);
  const authorization = `${holder ? 'DPoP' : 'Bearer'} ${token}`;
  return () =>
    callOnce(() => {
      const request = new Request(urlOf(verifier), {
        ...requestOf(verifier, { authorization }),
        // A redirect leads to another host, which must not get the token.
        redirect: 'manual',
        signal: AbortSignal.timeout(DRILL_CALL_MILLISECONDS_MAX),
      });
      return holder ? prove(request, holder, token) : send(request);
    });
}

/** Makes one call. Never throws. */
async function callOnce(call: () => Promise<Response>): Promise<Outcome> {
  try {
    const response = await call();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    if (response.ok && !isJson) {
      await response.body?.cancel();
      return { kind: 'allowed' };
    }
    const body = await readBounded(response, DRILL_ANSWER_BYTES_MAX);
    const code = body.ok ? codeIn(body.value) : undefined;
    if (code !== undefined) return { kind: 'denied', code };
    if (response.ok) return { kind: 'allowed' };
    return { kind: 'failed', why: `HTTP ${response.status}` };
  } catch (error) {
    return { kind: 'failed', why: (error as Error).name };
  }
}

export const urlOf = (verifier: DrilledVerifier): string =>
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

/** Reads the code from the answer of `guard`, or from the gateway's result or error. */
function codeIn(text: string): string | undefined {
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(body)) return undefined;
  const { error, result } = body;
  const meta = isJsonObject(result) && isJsonObject(result._meta) ? result._meta : {};
  const places = [isJsonObject(error) && error.data, meta[DENIAL_META], body];
  const data = places.find(isJsonObject)?.code;
  return typeof data === 'string' && /^[a-z_]{1,64}$/.test(data) ? data : undefined;
}
