import { readBounded } from '../body.ts';
import { type Result, refuse } from '../result.ts';
import { type AnswerFault, readAnswer, requestOf } from './client.ts';
import type { AdminRoute, RouteAnswer, RouteCall } from './route.ts';

const ADMIN_MILLISECONDS_MAX = 20_000; // One request: half of it may be a wait for verifiers.
const ADMIN_ANSWER_BYTES_MAX = 8 * 1024 * 1024; // A page of 50 questions, each of them twice.

export interface AdminCallerOptions {
  /** The issuer, without a slash at the end. The credential is sent to no other host. */
  readonly url: string;
  /** A credential or the token of a session; or a capability with its proofs. */
  readonly credential: string | BoundToken;
  readonly fetch: typeof fetch;
}

/** A token that counts with a proof of its key for each request (RFC 9449). */
export interface BoundToken {
  readonly token: string;
  readonly prove: (request: {
    readonly method: string;
    readonly url: string;
    readonly nonce?: string;
  }) => Promise<string>;
}

/** Why a call has no answer. */
export type CallFault =
  | AnswerFault
  /** The URL is neither https nor loopback, so the credential was not sent. */
  | { readonly kind: 'url_unsafe' }
  | { readonly kind: 'unreachable'; readonly why: string };

/** Calls one route of the admin API. Never rejects. */
export type AdminCaller = <Route extends AdminRoute>(
  route: Route,
  call: RouteCall<Route>,
) => Promise<Result<RouteAnswer<Route>, CallFault>>;

/** Returns a function that calls the admin API of one issuer. */
export const createAdminCaller =
  ({ url, credential, fetch }: AdminCallerOptions): AdminCaller =>
  async (route, call) => {
    if (!isSafeUrl(url) || /[?#]/.test(url)) return refuse({ kind: 'url_unsafe' });
    const { method, path, body } = requestOf(route, call);
    const send = async (nonce?: string): Promise<Response> =>
      fetch(`${url}${path}`, {
        method,
        headers: await authorize(credential, method, `${url}${path}`, nonce),
        // A redirect leads to another host, which must not get the credential.
        redirect: 'manual',
        signal: AbortSignal.timeout(ADMIN_MILLISECONDS_MAX),
        ...(body !== undefined && { body }),
      });
    try {
      const first = await send();
      const nonce = first.headers.get('dpop-nonce');
      const isAsked = first.status === 401 && nonce !== null && typeof credential !== 'string';
      const response = isAsked ? await send(nonce) : first;
      const text = await readBounded(response, ADMIN_ANSWER_BYTES_MAX);
      return readAnswer(route, response.status, text.ok ? text.value : '');
    } catch (error) {
      return refuse({ kind: 'unreachable', why: (error as Error).message });
    }
  };

async function authorize(
  credential: AdminCallerOptions['credential'],
  method: string,
  url: string,
  nonce: string | undefined,
): Promise<Record<string, string>> {
  if (typeof credential === 'string') return { authorization: `Bearer ${credential}` };
  const { token, prove } = credential;
  const request = { method, url, ...(nonce !== undefined && { nonce }) };
  return { authorization: `DPoP ${token}`, dpop: await prove(request) };
}

/** Whether a request to this URL is encrypted, or stays on this machine. */
export function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username } = new URL(url);
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && isLocal));
}
