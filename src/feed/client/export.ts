import { readBytes } from '../../body.ts';
import { FEED_FILE_BYTES_MAX } from '../../limits.ts';
import { readOptions } from '../../options.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { SignedHead } from '../format/head.ts';
import { parseJson } from '../format/shape.ts';
import { FEED_OPTIONS, FeedClient, type FeedOptions } from './client.ts';
import { encodeFeedFile, type FeedFile } from './file.ts';
import type { RefreshError } from './refresh-error.ts';

/** Why a feed cannot be exported. */
export type ExportError = RefreshError | { readonly code: 'file_too_large' };

type ExportOptions = Omit<FeedOptions, 'kill'>;
const { kill: _, ...OPTIONS } = FEED_OPTIONS;

/**
 * Fetches what a new verifier would fetch, verifies it in the same way, and returns it as one file:
 * the head, its snapshot, and the deltas from there to the head.
 *
 * @example
 * ```ts
 * import { exportFeed } from 'hewn/feed';
 *
 * const file = await exportFeed({
 *   issuer,
 *   feedKey,
 *   fetch: (path, init) => fetch(`${issuer}${path}`, init),
 * });
 * if (!file.ok) console.error(file.error.code);
 * ```
 */
export async function exportFeed(
  options: ExportOptions,
): Promise<Result<Uint8Array<ArrayBuffer>, ExportError>> {
  readOptions(options, 'exportFeed', OPTIONS);
  let head: unknown;
  let snapshot: Uint8Array | undefined;
  let deltas: Uint8Array[] = [];
  const keep = (path: string, bytes: Uint8Array<ArrayBuffer>): void => {
    if (path.endsWith('/head')) head = parseJson(bytes);
    else if (path.includes('/deltas/')) deltas.push(bytes);
    else {
      // Earlier deltas did not lead to the head, so the client starts again from this snapshot.
      snapshot = bytes;
      deltas = [];
    }
  };
  const client = new FeedClient({
    ...options,
    fetch: async (path, init) => {
      const response = await options.fetch(path, init);
      if (!response.ok) return response;
      const body = await readBytes(response, FEED_FILE_BYTES_MAX);
      if (!body.ok) return new Response(null, { status: 413 });
      keep(path, body.value);
      return new Response(body.value);
    },
  });
  const reached = await client.refresh();
  if (!reached.ok) return reached;
  const file: FeedFile = { head: head as SignedHead, deltas, ...(snapshot && { snapshot }) };
  const bytes = encodeFeedFile(file);
  return bytes.length > FEED_FILE_BYTES_MAX ? refuse({ code: 'file_too_large' }) : ok(bytes);
}
