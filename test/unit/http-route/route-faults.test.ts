import { describe, expect, test } from 'vitest';
import { findCatalogueFaults, parseCatalogue } from '../../../src/catalogue/index.ts';

const tool = (route: string, { name = 'http/api/x', args = '[]' } = {}): string => `
[[tool]]
name = "${name}"
action = "read"
tier = 1
arguments = ${args}
datasets = [{ fixed = "api" }]
route = { ${route} }
`;

const GET = 'server = "api", methods = ["GET"]';
const POST = 'server = "api", methods = ["POST"]';

const faults = (toml: string) =>
  findCatalogueFaults(toml).map(({ where = '', why }) => `${where}: ${why}`);

test('a route that says everything once is accepted', () => {
  const args = '["id", "tag", "tenant"]';
  const places =
    'arguments = { id = { in = "path", type = "integer" }, tag = { in = "query", list = true }, tenant = { in = "header", name = "X-Tenant" } }';
  const parsed = parseCatalogue(tool(`${GET}, path = "/orders/:id", ${places}`, { args }));
  expect(parsed).toMatchObject({ ok: true });
});

describe('a route is refused', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [`${GET}, path = "/a", body = "json"`, '[]', 'a GET request has no body'],
    [`${GET}, path = "a"`, '[]', 'must begin with /'],
    [`${GET}, path = "/a/:id"`, '[]', 'the parameter id is not one of the listed arguments'],
    [`${GET}, path = "/a"`, '["q"]', 'does not say where the argument q is'],
    [`${GET}, path = "/a", arguments = { q = { in = "query" } }`, '[]', 'not one of the listed'],
    [`${GET}, path = "/a/:id", arguments = { id = { in = "query" } }`, '["id"]', 'is a parameter'],
    [`${GET}, path = "/a", arguments = { id = { in = "path" } }`, '["id"]', 'is not a parameter'],
    [
      `${GET}, path = "/a", arguments = { a = { in = "query", name = "q" }, b = { in = "query", name = "q" } }`,
      '["a", "b"]',
      'another argument has the same place',
    ],
    [
      `${GET}, path = "/a", arguments = { a = { in = "header", name = "X-A" }, b = { in = "header", name = "x-a" } }`,
      '["a", "b"]',
      'another argument has the same place',
    ],
    [
      `${GET}, path = "/a", arguments = { a = { in = "header", name = "Authorization" } }`,
      '["a"]',
      'never passes on',
    ],
    [`${GET}, path = "/a", headers = ["X-Forwarded-For"]`, '[]', 'never passes on'],
    [`${GET}, path = "/a", headers = ["X-HTTP-Method-Override"]`, '[]', 'never passes on'],
    [`${GET}, path = "/a", answerHeaders = ["Set-Cookie"]`, '[]', 'never passes on'],
    [`${POST}, path = "/a", arguments = { q = { in = "body" } }`, '["q"]', 'needs a body'],
    [
      `${POST}, path = "/a", body = "json", arguments = { q = { in = "body", list = true } }`,
      '["q"]',
      'only a query and a form',
    ],
    [
      `${POST}, path = "/a", body = "json", arguments = { q = { in = "body", whole = true }, r = { in = "body" } }`,
      '["q", "r"]',
      'another argument has the same place',
    ],
    [`${POST}, path = "/a", body = "bytes", bytes = 5`, '[]', 'list its types'],
    [`${POST}, path = "/a", body = "bytes", contentTypes = ["image/png"]`, '[]', 'bound its size'],
    [
      `${POST}, path = "/a", body = "bytes", bytes = 5, contentTypes = ["application/json"]`,
      '[]',
      'is read',
    ],
    [`${POST}, path = "/a", body = "form"`, '[]', 'no argument is in the body'],
    [`${POST}, path = "/a", body = "xml"`, '[]', 'Allowed: json, form, bytes'],
    [`server = "api", methods = ["get"], path = "/a"`, '[]', 'Allowed: GET'],
    [`server = "other", methods = ["GET"], path = "/a"`, '[]', 'called http/other/'],
    [`${GET}, path = "/a", extra = 1`, '[]', 'unknown key. Allowed: server'],
  ];

  test.each(cases)('%s', (route, args, why) => {
    expect(faults(tool(route, { args }))).toContainEqual(expect.stringContaining(why));
  });
});

test('a route beside a key of MCP is a fault: nothing would hold the API to it', () => {
  const text = `${tool(`${GET}, path = "/a"`)}prompt = "summarize"\n`;
  expect(faults(text)).toContain(
    'tool.0.route: cannot stand beside prompt, which is for a server of MCP',
  );
});

describe('two routes for which one request could be taken are a fault', () => {
  const both = (one: string, other: string) =>
    faults(
      tool(`${GET}, path = "${one}"`, { name: 'http/api/one', args: argsOf(one) }) +
        tool(`${GET}, path = "${other}"`, { name: 'http/api/other', args: argsOf(other) }),
    );
  const argsOf = (path: string) =>
    JSON.stringify([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));

  test.each([
    ['/a/:x', '/a/:y'],
    ['/a/:x/c', '/a/b/:y'],
    ['/v:x', '/:y.json'],
    ['/files/:x+', '/files/:y+'],
  ])('%s and %s', (one, other) => {
    expect(both(one, other)).toEqual(['tool.1.route: overlaps the route of http/api/one']);
  });

  test.each([
    ['/a/:x', '/a/search'],
    ['/a/:x', '/a/:x/b'],
    ['/files/:x+', '/files/:y'],
  ])('%s and %s do not overlap', (one, other) => {
    expect(both(one, other)).toEqual([]);
  });

  test('other methods do not overlap', () => {
    const text =
      tool(`${GET}, path = "/a"`, { name: 'http/api/one' }) +
      tool(`${POST}, path = "/a"`, { name: 'http/api/other' });
    expect(faults(text)).toEqual([]);
  });

  test('the fault of a route hides none of a later one', () => {
    const text = ['/a/:x', '/a/:y', '/a/:z', '/b/:z']
      .map((path, index) => {
        const args = `["${path.at(-1)}"]`;
        return tool(`${GET}, path = "${path}"`, { name: `http/api/${index}`, args });
      })
      .join('');
    expect(faults(text)).toEqual([
      'tool.1.route: overlaps the route of http/api/0',
      'tool.2.route: overlaps the route of http/api/0',
    ]);
  });
});
