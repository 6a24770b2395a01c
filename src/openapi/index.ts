/** Reads an OpenAPI document as the tools of an HTTP API, for the author of a catalogue. */
import { isJsonObject } from '../canonical-json.ts';
import { ok, type Result } from '../result.ts';
import type { ServerListing } from '../server-listing/index.ts';
import { readDocument } from './document.ts';
import { readOperations } from './operations.ts';

export { OPENAPI_BYTES_MAX } from './document.ts';

/**
 * Returns what an OpenAPI 3.0 or 3.1 document describes, as a listing of tools with routes below
 * `/http/<server>`. What cannot be one is in `leftOut`, with the reason.
 */
export async function listOpenApi(
  text: string,
  server: string,
): Promise<Result<ServerListing, string>> {
  const document = await readDocument(text);
  if (!document.ok) return document;
  const { info, paths } = document.value;
  const operations = readOperations({ ...document.value, paths: paths ?? {} }, server);
  if (!operations.ok) return operations;
  const { title = 'an API', version = '' } = isJsonObject(info) ? info : {};
  const { tools, leftOut } = operations.value;
  return ok({
    kind: 'http',
    server: { name: String(title), version: String(version) },
    tools: [...tools].sort((one, other) => (one.name < other.name ? -1 : 1)),
    resources: [],
    prompts: [],
    leftOut,
  });
}
