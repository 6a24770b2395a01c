/**
 * The service behind `caches.default` on a server of one's own. workerd has the Cache API and no
 * store for it: it sends a PUT with a whole HTTP response as its body, and a GET to read it back.
 *
 * This file becomes a Worker by itself, so it imports nothing.
 */

interface Entry {
  readonly status: number;
  readonly headers: readonly [string, string][];
  readonly body: Uint8Array<ArrayBuffer>;
  readonly expiresAt: number;
}

/** The heads of the feed are the only entries, one for each shard. */
const ENTRIES_MAX = 256;
const ENTRY_BYTES_MAX = 256 * 1024;
/** Nothing is cached for longer, whatever `max-age` says. */
const AGE_SECONDS_MAX = 60;

const entries = new Map<string, Entry>();

export default {
  async fetch(request: Request): Promise<Response> {
    const key = `${request.headers.get('cf-cache-namespace') ?? ''} ${request.url}`;
    switch (request.method) {
      case 'GET':
        return read(key);
      case 'PUT': {
        const entry = await parse(request);
        if (entry !== undefined) store(key, entry);
        return new Response(null, { status: 204 });
      }
      case 'PURGE':
        return new Response(null, { status: entries.delete(key) ? 200 : 404 });
      default:
        return new Response(null, { status: 405 });
    }
  },
};

/** The answer to a miss is 504, as RFC 9111 section 5.2.1.7 has it for `only-if-cached`. */
function read(key: string): Response {
  const entry = entries.get(key);
  if (entry === undefined || entry.expiresAt <= Date.now()) {
    entries.delete(key);
    return new Response(null, { status: 504, headers: { 'cf-cache-status': 'MISS' } });
  }
  const { status, headers, body } = entry;
  return new Response(body, { status, headers: [...headers, ['cf-cache-status', 'HIT']] });
}

/** The oldest entry makes room, because a map keeps the order of insertion. */
function store(key: string, entry: Entry): void {
  entries.delete(key);
  for (const oldest of entries.keys()) {
    if (entries.size < ENTRIES_MAX) break;
    entries.delete(oldest);
  }
  entries.set(key, entry);
}

/** Returns undefined for what must not be stored, or is no response. */
async function parse(request: Request): Promise<Entry | undefined> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > ENTRY_BYTES_MAX) return undefined;
  const end = endOfHeaders(bytes);
  if (end === undefined) return undefined;
  const [first = '', ...lines] = new TextDecoder().decode(bytes.subarray(0, end)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const control = headers.find(([name]) => name.toLowerCase() === 'cache-control')?.[1] ?? '';
  const age = Math.min(Number(/max-age=(\d+)/.exec(control)?.[1] ?? 0), AGE_SECONDS_MAX);
  if (status !== 200 || age === 0 || /no-store|private/.test(control)) return undefined;
  const kept = headers.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  const body = bytes.slice(end + 4);
  return { status, headers: kept, body, expiresAt: Date.now() + age * 1000 };
}

/** Returns where the empty line begins. */
function endOfHeaders(bytes: Uint8Array): number | undefined {
  const [cr, lf] = [13, 10];
  for (let at = 0; at + 3 < bytes.length; at++) {
    const isEnd = bytes[at] === cr && bytes[at + 1] === lf;
    if (isEnd && bytes[at + 2] === cr && bytes[at + 3] === lf) return at;
  }
  return undefined;
}
