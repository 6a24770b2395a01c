import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import {
  readHttpCall,
  readTarget,
  receiveBody,
  routesOf,
  writeRequest,
} from '../../../src/http-route/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

const catalogue = unwrap(
  parseCatalogue(`
[[tool]]
name = "http/api/call"
action = "write"
tier = 2
arguments = ["id", "path", "q", "tags", "h", "text", "any"]
datasets = [{ fixed = "api" }]
sinks = []
route = { server = "api", methods = ["POST"], path = "/a/:id/b/:path+", body = "json", arguments = { q = { in = "query" }, tags = { in = "query", list = true }, h = { in = "header", name = "X-H" }, text = { in = "body", type = "string" }, any = { in = "body" } } }`),
);
const routes = routesOf(catalogue);

async function read(target: string, headers: Headers, body: string) {
  const url = `http://gateway.test/http/api${target}`;
  const request = new Request(url, { method: 'POST', headers, body });
  const received = await receiveBody(request, { bytesMax: 100_000, millisecondsMax: 5_000 });
  const at = readTarget(url, '/http/api');
  if (!at.ok) return at;
  return readHttpCall(routes, {
    server: 'api',
    method: 'POST',
    headers,
    body: received,
    ...at.value,
  });
}

const JSON_HEADERS = { 'content-type': 'application/json' };
const anyText = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text.isWellFormed());

/** The request that leaves is read as the same call: there is no second reading of it. */
test('a request that was read is written as the same call', async () => {
  const raw = fc.record({
    path: fc.oneof(
      fc.webPath({ size: 'small' }),
      fc
        .array(anyText.map(encodeURIComponent), { maxLength: 5 })
        .map((parts) => `/${parts.join('/')}`),
      fc.webSegment({ size: 'small' }).map((segment) => `/${segment || 'x'}/b/y`),
      fc.constantFrom('/x/b/y', '/x/b/y/z', '/%78/b/y', '/é/b/y', '/x/b/y.z'),
    ),
    query: fc.oneof(
      fc.webQueryParameters({ size: 'small' }),
      fc
        .array(fc.tuple(fc.constantFrom('q', 'tags', 'tags', 'tags', 'Q'), anyText), {
          maxLength: 4,
        })
        .map((pairs) => new URLSearchParams(pairs).toString()),
    ),
    header: fc.option(fc.string({ maxLength: 8 })),
    body: fc.oneof(
      fc.constantFrom('{}', '[]', '{"text":1}', '{"text":"a","text":"b"}'),
      fc.record({ text: anyText, any: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    ),
  });
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(raw, async ({ path, query, header, body }) => {
      const headers = new Headers(JSON_HEADERS);
      try {
        if (header !== null) headers.set('x-h', header);
      } catch {
        return;
      }
      const prefixed = path.includes('/b/') ? `/a${path}` : `/a/1/b${path}`;
      const target = query === '' ? prefixed : `${prefixed}?${query}`;
      const first = await read(target, headers, body);
      if (!first.ok) return;
      accepted += 1;
      const written = writeRequest(first.value, headers);
      expect(new URL(written.path, 'http://x').href).toBe(`http://x${written.path}`);
      const second = await read(written.path, written.headers, written.body ?? '');
      expect(second).toMatchObject({ ok: true, value: { args: first.value.args } });
    }),
    { numRuns: 2_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test.each([
  ['resolution=merge-duplicates', undefined],
  ['return=minimal, resolution=merge-duplicates,missing=default', 'return=minimal'],
  ['return=minimal;resolution=merge-duplicates', undefined],
  ['respond-async, wait=10', 'respond-async, wait=10'],
])('of `Prefer: %s`, what changes the call does not reach the API', async (prefer, expected) => {
  const headers = new Headers({ ...JSON_HEADERS, prefer });
  const call = unwrap(await read('/a/1/b/2', headers, '{}'));
  expect(writeRequest(call, headers).headers.get('prefer') ?? undefined).toBe(expected);
  const listing = { ...call, route: { ...call.route, headers: ['Prefer'] } };
  expect(writeRequest(listing, headers).headers.get('prefer')).toBe(prefer);
});
