import { setTimeout as sleep } from 'node:timers/promises';
import { readBounded } from '../body.ts';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { encodeHeader, nameOf } from '../mcp-headers/index.ts';

/** Where the messages of one server go: through a `fetch` that narrows and proves each. */
export interface GatewayRoute {
  readonly url: URL;
  readonly fetch: typeof fetch;
}

/** What a message is sent with besides its body. */
export interface Envelope {
  readonly revision?: string | undefined;
  readonly session?: string | undefined;
  /** Headers that repeat arguments of a call. */
  readonly parameters?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Since this revision, headers repeat the method and the name. */
const REPEATING_SINCE = '2026-07-28';

const TRIES_MAX = 3;
const PAUSES_MILLISECONDS = [250, 1_000] as const;
const RETRY_AFTER_SECONDS_MAX = 5; // For longer, the model decides whether to wait.
const REFUSAL_BYTES_MAX = 64 * 1024;

/** A refusal of the gateway, with what its body says. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly code?: string;
  readonly data?: JsonObject;
  /** Whether nothing was carried out for certain. */
  readonly hasNoEffect: boolean;
  readonly retryAfterSeconds?: number;
}

export type Sent =
  | { readonly response: Response; readonly refusal?: undefined }
  | { readonly response?: undefined; readonly refusal: Refusal };

/**
 * Posts one message. What was certainly not carried out is sent again, up to three times in all:
 * no coding agent repeats anything by itself.
 */
export async function post(
  route: GatewayRoute,
  message: JsonObject,
  envelope: Envelope,
): Promise<Sent> {
  for (let tries = 1; ; tries += 1) {
    const sent = await postOnce(route, message, envelope, tries === TRIES_MAX);
    if (sent === undefined) {
      await sleep(PAUSES_MILLISECONDS[tries - 1] ?? 0, undefined, signalOf(envelope));
      continue;
    }
    const { refusal } = sent;
    const { retryAfterSeconds = 1, hasNoEffect = false, status = 0 } = refusal ?? {};
    const isWorthIt = hasNoEffect && (status === 503 || status === 429);
    if (!isWorthIt || tries === TRIES_MAX || retryAfterSeconds > RETRY_AFTER_SECONDS_MAX) {
      return sent;
    }
    await sleep(retryAfterSeconds * 1_000, undefined, signalOf(envelope));
  }
}

const signalOf = ({ signal }: Envelope): { signal?: AbortSignal } => (signal ? { signal } : {});

/** Returns undefined if the gateway was not reached at all. Throws at the last try. */
async function postOnce(
  { url, fetch: send }: GatewayRoute,
  message: JsonObject,
  envelope: Envelope,
  isLast: boolean,
): Promise<Sent | undefined> {
  let response: Response;
  try {
    response = await send(url, {
      method: 'POST',
      headers: headersOf(message, envelope),
      body: JSON.stringify(message),
      ...signalOf(envelope),
    });
  } catch (error) {
    if (isLast || !wasRefused(error)) throw error;
    return undefined;
  }
  return response.ok ? { response } : { refusal: await readRefusal(response) };
}

/** Whether no connection was made, so that nothing was sent. */
function wasRefused(error: unknown): boolean {
  const { code } = (Object(error).cause ?? {}) as { readonly code?: unknown };
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** Returns the headers of a message, which since 2026-07-28 repeat parts of it. */
export function headersOf(message: JsonObject, envelope: Envelope): Headers {
  const { revision, session, parameters = [] } = envelope;
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  });
  if (session !== undefined) headers.set('mcp-session-id', session);
  if (revision === undefined) return headers;
  headers.set('mcp-protocol-version', revision);
  const { method, params } = message;
  if (revision < REPEATING_SINCE || typeof method !== 'string') return headers;
  headers.set('mcp-method', method);
  const name = nameOf(method, isJsonObject(params) ? params : undefined);
  if (typeof name === 'string') headers.set('mcp-name', encodeHeader(name));
  for (const [header, value] of parameters) headers.set(header, value);
  return headers;
}

/** Reads a refusal. Its body is a JSON-RPC error if it comes from a gateway. */
async function readRefusal(response: Response): Promise<Refusal> {
  const { status, headers } = response;
  const body = await readBounded(response, REFUSAL_BYTES_MAX).catch(() => undefined);
  const error = errorIn(body?.ok ? body.value : '');
  const data = isJsonObject(error?.data) ? error.data : undefined;
  const message = typeof error?.message === 'string' ? error.message : `HTTP ${status}`;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  // A denial is sent before anything is forwarded; a failure says whether it had an effect.
  const hasNoEffect = data !== undefined && (data.effect === undefined || data.effect === 'none');
  return {
    status,
    message,
    hasNoEffect,
    ...(typeof data?.code === 'string' && { code: data.code }),
    ...(data !== undefined && { data }),
    ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
  };
}

function errorIn(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const error = isJsonObject(value) ? value.error : undefined;
    return isJsonObject(error) ? error : undefined;
  } catch {
    return undefined;
  }
}
