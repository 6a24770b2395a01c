import { readBounded } from '../body.ts';
import { isJsonObject } from '../canonical-json.ts';
import type { Clock } from '../clock.ts';
import { type DpopKey, signProof } from '../dpop/index.ts';

/**
 * Sends a request with a proof of the key (RFC 9449): a fresh one each time, so that a retry is
 * never taken for a replay. Where the server asks for a nonce, once more with that nonce.
 */
export type ProvingFetch = (
  request: Request,
  key: DpopKey,
  /** The very token in the request's `Authorization`, where there is one. */
  token?: string,
) => Promise<Response>;

/**
 * One server's `ProvingFetch`: it keeps the newest nonce that this server handed out, and must not
 * be shared between origins, because a nonce is for the one that made it.
 */
export function provingFetch(send: typeof fetch, now: Clock): ProvingFetch {
  let nonce: string | undefined;
  const attempt = async (request: Request, key: DpopKey, token?: string): Promise<Response> => {
    const { method, url } = request;
    const bound = token === undefined ? {} : { token };
    const headers = new Headers(request.headers);
    const asked = nonce === undefined ? {} : { nonce };
    const proof = await signProof(key, { method, url, now: now(), ...asked, ...bound });
    headers.set('dpop', proof);
    const response = await send(new Request(request, { headers, redirect: 'manual' }));
    nonce = response.headers.get('dpop-nonce') ?? nonce;
    return response;
  };
  return async (request, key, token) => {
    const again = request.clone();
    const before = nonce;
    const response = await attempt(request, key, token);
    const asked = await isNonceAsked(response);
    // The same nonce again would be refused again.
    if (!asked || nonce === undefined || nonce === before) return response;
    await response.body?.cancel();
    return attempt(again, key, token);
  };
}

const ERROR_BYTES_MAX = 16 * 1024; // An OAuth error is two texts.

/** RFC 9449 sections 8 and 9: an issuer says so in its body, a resource server in a header. */
async function isNonceAsked(response: Response): Promise<boolean> {
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
