import { fromUtf8 } from './encoding.ts';
import { ok, type Result, refuse } from './result.ts';

export type BodyError = { readonly code: 'body_too_large' } | { readonly code: 'body_not_utf8' };

const SECOND_BYTES = 16 * 1024; // For a body of several pieces, most of which fit in this.

/**
 * Reads a body and gives up at the first byte over the limit. `content-length` is only a claim, and
 * a body that is decoded first and measured later has already filled the isolate.
 */
export async function readBytes(
  body: Request | Response,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, { readonly code: 'body_too_large' }>> {
  if (Number(body.headers.get('content-length') ?? 0) > bytesMax) {
    abandon(body.body);
    return refuse({ code: 'body_too_large' });
  }
  // Doubles its size as needed: a client that sends one byte at a time would leave a million
  // arrays.
  let bytes = new Uint8Array();
  let length = 0;
  const reader = (body.body as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    const before = length;
    length += value.length;
    if (length > bytesMax) {
      abandon(reader);
      return refuse({ code: 'body_too_large' });
    }
    // Most bodies are one piece, which is not copied.
    if (before === 0) {
      bytes = value;
      continue;
    }
    if (length > bytes.length) {
      const grown = Math.max(length, 2 * bytes.length, SECOND_BYTES);
      const larger = new Uint8Array(Math.min(bytesMax, grown));
      larger.set(bytes.subarray(0, before));
      bytes = larger;
    }
    bytes.set(value, before);
  }
  return ok(length === bytes.length ? bytes : bytes.slice(0, length));
}

/**
 * Reads no further. No one waits for the end of it: the cancellation of a clone ends only when the
 * other copy is cancelled too, which the caller has yet to read.
 */
function abandon(body: Pick<ReadableStream, 'cancel'> | null): void {
  body?.cancel().catch(() => undefined);
}

/** Reads a body as UTF-8 text, with the same limit. */
export async function readBounded(
  body: Request | Response,
  bytesMax: number,
): Promise<Result<string, BodyError>> {
  const bytes = await readBytes(body, bytesMax);
  if (!bytes.ok) return bytes;
  const text = fromUtf8(bytes.value);
  return text === undefined ? refuse({ code: 'body_not_utf8' }) : ok(text);
}
