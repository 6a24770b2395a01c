import { NarrowingFailed } from '../agent/index.ts';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { DENIAL_META } from '../denial-meta.ts';
import { errorOf, RPC_CODES, type RpcRequest, resultOf, statedRevision } from './message.ts';
import { UnreadableAnswer } from './read-messages.ts';
import type { Refusal } from './send.ts';

/** A call that was not carried out, or whose fate is unknown, in words for a model. */
interface Failure {
  readonly text: string;
  readonly data: JsonObject;
}

/**
 * Answers a request that failed. A failed call is a result with `isError`: of all forms, coding
 * agents show that one to the model unchanged. Everything else is an error of JSON-RPC.
 */
function failed(request: RpcRequest, { text, data }: Failure): JsonObject {
  if (request.method !== 'tools/call') return errorOf(request.id, RPC_CODES.denied, text, data);
  return resultOf(request.id, {
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [DENIAL_META]: data },
    ...(statedRevision(request) !== undefined && { resultType: 'complete' }),
  });
}

/** Answers with a refusal of the gateway: never with its status, which clients act upon. */
export function refused(request: RpcRequest, refusal: Refusal): JsonObject {
  const { status, message, code, data, hasNoEffect } = refusal;
  const shown = code === undefined ? `HTTP ${status}` : code;
  const was = hasNoEffect ? 'Denied: nothing was carried out.' : 'Failed.';
  const advice = status === 401 ? ' The capability of this run is no longer accepted.' : '';
  return failed(request, {
    text: `${was} ${message} (${shown})${advice}`,
    data: data ?? { code: shown, message },
  });
}

/** Answers with what a `fetch` threw. */
export function thrown(request: RpcRequest, error: unknown): JsonObject {
  if (error instanceof NarrowingFailed) {
    const text = NOT_SENT[error.code] ?? `The call was not sent: ${error.code}.`;
    return failed(request, { text, data: { code: error.code, message: text } });
  }
  if (error instanceof UnreadableAnswer) {
    const text = `The gateway gave no readable answer: ${error.message}. Whether the call was carried out is unknown.`;
    return failed(request, { text, data: { code: 'answer_unreadable', message: text } });
  }
  const { cause } = Object(error) as { readonly cause?: unknown };
  const why = [error, cause].flatMap((one) => (one instanceof Error ? [one.message] : []));
  return lost(request, why.join(': '));
}

/** Answers a request whose connection was lost before the answer came. */
export function lost(request: RpcRequest, why = 'the stream ended early'): JsonObject {
  const text = `The connection to the gateway was lost (${why}). Whether the call was carried out is unknown.`;
  return failed(request, { text, data: { code: 'connection_lost', message: text } });
}

const NOT_SENT: Readonly<Record<string, string>> = {
  workflow_ended: 'The call was not sent: the workflow of this run has ended. Stop.',
  unreachable: 'The call was not sent: the issuer cannot be reached. Try again later.',
  approval_pending: 'The call was not sent: a person has not approved the task yet.',
};

/** Returns the code of a denial in an answer; undefined if the call was not denied. */
export function denialCodeOf(answer: JsonObject): string | undefined {
  const { result, error } = answer;
  const meta = isJsonObject(result) ? result._meta : undefined;
  const denial = isJsonObject(meta) ? meta[DENIAL_META] : undefined;
  const data = isJsonObject(error) ? error.data : undefined;
  for (const one of [denial, data]) {
    if (isJsonObject(one) && typeof one.code === 'string') return one.code;
  }
  return undefined;
}

/** Adds a line that the model reads to a denied result. */
export function withNote(answer: JsonObject, note: string): JsonObject {
  const { result, error } = answer;
  if (isJsonObject(result) && Array.isArray(result.content)) {
    const content = [...result.content, { type: 'text', text: note }];
    return { ...answer, result: { ...result, content } };
  }
  if (!isJsonObject(error)) return answer;
  return { ...answer, error: { ...error, message: `${String(error.message)} ${note}` } };
}
