import { readBounded } from '../body.ts';
import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { DENIAL_META } from '../denial-meta.ts';
import type { CallApproval } from './approve-call.ts';

/** More than any denial has. */
const DENIAL_BYTES_MAX = 256 * 1024;

/**
 * Returns a denial that says what became of the question about this call, for a model that reads
 * it. What a wider capability would need is left out: the same person would be asked twice.
 */
export async function withApprovalNote(
  denied: Response,
  approval: Extract<CallApproval, { state: 'pending' | 'refused' }>,
): Promise<Response> {
  const body = await readBounded(denied.clone(), DENIAL_BYTES_MAX);
  const message = body.ok ? parse(body.value) : undefined;
  if (message === undefined) return denied;
  await denied.body?.cancel();
  const { status, statusText } = denied;
  const headers = new Headers(denied.headers);
  headers.delete('content-length');
  headers.delete('content-encoding');
  return new Response(JSON.stringify(noted(message, approval)), { status, statusText, headers });
}

function noted(message: JsonObject, approval: Parameters<typeof withApprovalNote>[1]): JsonObject {
  const { state } = approval;
  const told =
    state === 'pending' ? { state, id: approval.pending.id } : { state, error: approval.error };
  const { result, error } = message;
  if (isJsonObject(result)) {
    const meta = isJsonObject(result._meta) ? result._meta : {};
    const content = Array.isArray(result.content) ? result.content : [];
    const [first, ...others] = content;
    const shown =
      isJsonObject(first) && typeof first.text === 'string'
        ? [{ ...first, text: `${withoutRequest(first.text)}\n${wordsOf(approval)}` }, ...others]
        : content;
    const data = detailOf(meta[DENIAL_META], told);
    return {
      ...message,
      result: { ...result, content: shown, _meta: { ...meta, [DENIAL_META]: data } },
    };
  }
  if (isJsonObject(error)) {
    return { ...message, error: { ...error, data: detailOf(error.data, told) } };
  }
  return detailOf(message, told);
}

function detailOf(value: Json | undefined, approval: JsonObject): JsonObject {
  const { authorization_details: _, ...rest } = isJsonObject(value) ? value : {};
  return { ...rest, approval };
}

/** The lines that tell a model to request something itself, which the connection has done. */
const withoutRequest = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(?:To be allowed, request|A person can approve)/.test(line))
    .join('\n');

const wordsOf = (approval: Parameters<typeof withApprovalNote>[1]): string =>
  approval.state === 'pending'
    ? `A person was asked to approve exactly this call (${approval.pending.id}). Call it again with the same arguments once they have answered.`
    : 'It was not approved. Do not try again.';

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
