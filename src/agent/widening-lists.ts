import { readBounded } from '../body.ts';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { widerList } from '../wider-list.ts';

/** A gateway accepts no longer list from a server. */
const LIST_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Returns a `fetch` whose lists of tools let a model try what is not granted yet: see `widerList`.
 * A list that is a stream of events stays as it is.
 */
export const wideningLists =
  (send: typeof fetch): typeof fetch =>
  async (input, init) => {
    const response = await send(input, init);
    const asked = init?.body;
    if (typeof asked !== 'string' || methodOf(asked) !== 'tools/list') return response;
    if (!isJson(response)) return response;
    const body = await readBounded(response.clone(), LIST_BYTES_MAX);
    const answer = body.ok ? parse(body.value) : undefined;
    if (answer === undefined) return response;
    await response.body?.cancel();
    const { status, statusText } = response;
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    headers.delete('content-encoding');
    return new Response(JSON.stringify(widerList(answer)), { status, statusText, headers });
  };

const isJson = ({ headers }: Response): boolean =>
  /^application\/json\b/i.test(headers.get('content-type') ?? '');

const methodOf = (body: string): unknown => parse(body)?.method;

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
