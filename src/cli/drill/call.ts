import { readBounded } from '../../body.ts';
import { isJsonObject, type Json } from '../../canonical-json.ts';
import { DRILL_ANSWER_BYTES_MAX, DRILL_CALL_MILLISECONDS_MAX } from '../../limits.ts';
import type { DrilledVerifier } from './config.ts';

export type Outcome =
  | { readonly kind: 'allowed' }
  /** With the code of the denial: see docs/operations.md, "Codes". */
  | { readonly kind: 'denied'; readonly code: string }
  | { readonly kind: 'failed'; readonly why: string };

/** One call at a verifier with the token, and what became of it. Never throws. */
export async function callOnce(
  send: typeof fetch,
  verifier: DrilledVerifier,
  token: string,
): Promise<Outcome> {
  try {
    const response = await send(target(verifier), {
      ...requestOf(verifier, token),
      // Somebody else's host does not get the token.
      ...{ redirect: 'manual', signal: AbortSignal.timeout(DRILL_CALL_MILLISECONDS_MAX) },
    });
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

function requestOf(verifier: DrilledVerifier, token: string): RequestInit {
  const authorization = { authorization: `Bearer ${token}` };
  const json = { 'content-type': 'application/json' };
  if ('mcp' in verifier) {
    const params = { name: verifier.tool, arguments: verifier.arguments };
    return {
      method: 'POST',
      headers: {
        ...{ ...json, accept: 'application/json, text/event-stream' },
        ...{ ...verifier.headers, ...authorization },
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    };
  }
  const { method, body, headers } = verifier;
  if (body === undefined) return { method, headers: { ...headers, ...authorization } };
  return {
    ...{ method, headers: { ...json, ...headers, ...authorization } },
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
