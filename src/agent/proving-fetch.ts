import { readBounded } from '../body.ts';
import { isJsonObject } from '../canonical-json.ts';
import type { Clock } from '../clock.ts';
import { type DpopKey, signProof } from '../dpop/index.ts';

/**
 * Sends a request with a new proof of the key (RFC 9449), so that a retry never looks like a
 * replay. If the server requires a nonce, the request is sent once more with it.
 */
export type ProvingFetch = (
  request: Request,
  key: DpopKey,
  /** The token in the request's `Authorization`, exactly as it is sent. */
  token?: string,
) => Promise<Response>;

/**
 * Creates the `ProvingFetch` of one server. It keeps the latest nonce of that server, so it must
 * not be shared between origins.
 *
 * @example
 * ```ts
 * import { createDpopKey, provingFetch } from 'hewn/agent';
 *
 * const send = provingFetch(fetch, Date.now);
 * const response = await send(new Request(audience), await createDpopKey());
 * console.log(response.status);
 * ```
 */
export function provingFetch(send: typeof fetch, now: Clock): ProvingFetch {
  let nonce: string | undefined;
  const attempt = async (request: Request, key: DpopKey, token?: string): Promise<Response> => {
    const { method, url } = request;
    const bound = token === undefined ? {} : { token };
    const headers = new Headers(request.headers);
    const latest = nonce === undefined ? {} : { nonce };
    const proof = await signProof(key, { method, url, now: now(), ...latest, ...bound });
    headers.set('dpop', proof);
    const response = await send(new Request(request, { headers, redirect: 'manual' }));
    nonce = response.headers.get('dpop-nonce') ?? nonce;
    return response;
  };
  return async (request, key, token) => {
    const retry = request.clone();
    const before = nonce;
    const response = await attempt(request, key, token);
    const isRequired = await requiresNonce(response);
    // The server would refuse the same nonce again.
    if (!isRequired || nonce === undefined || nonce === before) return response;
    await response.body?.cancel();
    return attempt(retry, key, token);
  };
}

const ERROR_BYTES_MAX = 16 * 1024; // An OAuth error is two short texts.

/** RFC 9449 sections 8 and 9: an issuer asks for it in the body, a resource server in a header. */
async function requiresNonce(response: Response): Promise<boolean> {
  if (!response.headers.has('dpop-nonce')) return false;
  if (response.status === 401) {
    return /error="use_dpop_nonce"/.test(response.headers.get('www-authenticate') ?? '');
  }
  return response.status === 400 && (await errorOf(response)) === 'use_dpop_nonce';
}

async function errorOf(response: Response): Promise<unknown> {
  const body = await readBounded(response.clone(), ERROR_BYTES_MAX);
  try {
    const value: unknown = JSON.parse(body.ok ? body.value : '');
    return isJsonObject(value) ? value.error : undefined;
  } catch {
    return undefined;
  }
}
