// cspell:ignore earch
import { describe, expect, test } from 'vitest';
import { parseCatalogue, tools } from '../../../src/catalogue/index.ts';
import {
  RouteTable,
  readHttpCall,
  receiveBody,
  writeRequest,
} from '../../../src/http-route/index.ts';

const CATALOGUE = `
[[tool]]
name = "http/shop/get_order"
action = "read"
tier = 1
arguments = ["id", "expand", "tag", "limit", "tenant"]
datasets = [{ fixed = "orders" }]
[tool.route]
server = "shop"
methods = ["GET"]
path = "/orders/:id"
headers = ["x-request-id"]
[tool.route.arguments]
expand = { in = "query", type = "boolean" }
tag = { in = "query", list = true }
limit = { in = "query", type = "integer", name = "page[size]" }
tenant = { in = "header", name = "X-Tenant" }

[[tool]]
name = "http/shop/search_orders"
action = "read"
tier = 1
arguments = ["text"]
datasets = [{ fixed = "orders" }]
route = { server = "shop", methods = ["POST"], path = "/orders/search", body = "json", arguments = { text = { in = "body", type = "string" } } }

[[tool]]
name = "http/shop/place_order"
action = "write"
tier = 2
arguments = ["sku", "count", "note"]
datasets = [{ fixed = "orders" }]
sinks = []
route = { server = "shop", methods = ["POST"], path = "/orders", body = "json", arguments = { sku = { in = "body" }, count = { in = "body", type = "integer" }, note = { in = "body" } } }

[[tool]]
name = "http/shop/pay"
action = "write"
tier = 3
arguments = ["id", "amount", "to"]
datasets = [{ fixed = "orders" }]
sinks = ["/amount", "/to"]
route = { server = "shop", methods = ["POST"], path = "/orders/:id/payments", body = "form", arguments = { id = { in = "path", type = "integer" }, amount = { in = "body", type = "number" }, to = { in = "body", list = true } } }

[[tool]]
name = "http/shop/upload"
action = "write"
tier = 2
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]
route = { server = "shop", methods = ["PUT"], path = "/files/:path+", body = "bytes", contentTypes = ["image/png"], bytes = 100000 }

[[tool]]
name = "http/shop/patch"
action = "write"
tier = 2
arguments = ["id", "changes"]
datasets = [{ fixed = "orders" }]
sinks = []
route = { server = "shop", methods = ["PATCH"], path = "/orders/:id", body = "json", contentTypes = ["application/json-patch+json"], arguments = { changes = { in = "body", whole = true } } }
`;

const parsed = parseCatalogue(CATALOGUE);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const routes = new RouteTable(tools(parsed.value));

async function read(method: string, target: string, init: RequestInit = {}) {
  const request = new Request('http://gateway.test/', { method, duplex: 'half', ...init } as never);
  const [path = '', query = ''] = target.split('?');
  const body = await receiveBody(request, { bytesMax: 1_000, millisecondsMax: 1_000 });
  const { headers } = request;
  return readHttpCall(routes, { server: 'shop', method, path, query, headers, body });
}

async function written(method: string, target: string, init: RequestInit = {}) {
  const call = await read(method, target, init);
  if (!call.ok) throw new Error(JSON.stringify(call.error));
  return { ...call.value, sent: writeRequest(call.value, new Headers(init.headers)) };
}

const json = (body: string, type = 'application/json'): RequestInit => ({
  body,
  headers: { 'content-type': type },
});

const form = (body: string): RequestInit => json(body, 'application/x-www-form-urlencoded');

describe('a request is read as a call, and written again from it', () => {
  test('with arguments in path, query and header', async () => {
    const { tool, args, sent } = await written(
      'GET',
      '/orders/a%20b?expand=true&tag=x+y&tag=z%26&page%5Bsize%5D=5',
      { headers: { 'x-tenant': 'eu', 'x-request-id': 'r1', cookie: 'a=b', authorization: 'no' } },
    );
    expect(tool).toBe('http/shop/get_order');
    expect(args).toEqual({ id: 'a b', expand: true, tag: ['x y', 'z&'], limit: 5, tenant: 'eu' });
    expect(sent.path).toBe('/orders/a%20b?expand=true&tag=x%20y&tag=z%26&page%5Bsize%5D=5');
    expect(Object.fromEntries(sent.headers)).toEqual({ 'x-tenant': 'eu', 'x-request-id': 'r1' });
    expect(sent.body).toBeUndefined();
  });

  test('HEAD as GET', async () => {
    const { tool, sent } = await written('HEAD', '/orders/7');
    expect([tool, sent.method]).toEqual(['http/shop/get_order', 'HEAD']);
  });

  test('with members of a JSON body', async () => {
    const { args, sent } = await written('POST', '/orders', json('{"count":1e1,"sku":"a"}'));
    expect(args).toEqual({ sku: 'a', count: 10 });
    expect(sent.body).toBe('{"sku":"a","count":10}');
    expect(sent.headers.get('content-type')).toBe('application/json');
  });

  test('with a JSON body as one argument', async () => {
    const type = 'application/json-patch+json';
    const { args, sent } = await written('PATCH', '/orders/7', json('[{"op":"x"}]', type));
    expect(args).toEqual({ id: '7', changes: [{ op: 'x' }] });
    expect(sent.body).toBe('[{"op":"x"}]');
    expect(sent.headers.get('content-type')).toBe(type);
  });

  test('with the fields of a form', async () => {
    const { args, sent } = await written(
      'POST',
      '/orders/7/payments',
      form('to=a&amount=1.5&to=b'),
    );
    expect(args).toEqual({ id: 7, amount: 1.5, to: ['a', 'b'] });
    expect(sent.body).toBe('amount=1.5&to=a&to=b');
  });

  test('with a body that is not read', async () => {
    const { args, sent, sends } = await written('PUT', '/files/a/b.png', json('x', 'image/png'));
    expect([args, sends, sent.path]).toEqual([{ path: 'a/b.png' }, 'bytes', '/files/a/b.png']);
    expect(sent.headers.get('content-type')).toBe('image/png');
  });
});

describe('a path', () => {
  test.each([
    ['/orders/../files/x', 'name_invalid'],
    ['/orders/%2e%2e', 'name_invalid'],
    ['/orders/a%2fb', 'name_invalid'],
    ['/orders/a%5cb', 'name_invalid'],
    ['/orders/a%252fb', 'name_invalid'],
    ['/orders/a%3bb', 'name_invalid'],
    ['/orders/a;b', 'name_invalid'],
    ['/orders/a%3fb', 'name_invalid'],
    ['/orders/a%00b', 'name_invalid'],
    ['/orders/a%0ab', 'name_invalid'],
    ['/orders/a%c0%afb', 'name_invalid'],
    ['/orders//7', 'name_invalid'],
    ['/orders/7.', 'name_invalid'],
    ['/orders/7%20', 'name_invalid'],
    ['/orders/search.', 'name_invalid'],
    ['/orders/Search', 'name_invalid'],
    ['/orders/%73earch', 'route_method_unlisted'],
    ['/orders/%ef%bd%93earch', 'name_invalid'],
    ['/orders/search', 'route_method_unlisted'],
    ['/orders/7/', 'route_unknown'],
    ['/Orders/7', 'route_unknown'],
    ['/orders', 'route_method_unlisted'],
    ['/other', 'route_unknown'],
    ['/files/a/', 'route_unknown'],
  ])('GET %s is refused: %s', async (target, code) => {
    expect(await read('GET', target)).toMatchObject({ ok: false, error: { error: { code } } });
  });

  test.each(['007', '+7', '7.0', '7e0', '-0', '9007199254740993', '0x7', '７'])(
    'spells a whole number in one way, not as %s',
    async (id) => {
      const denied = await read('POST', `/orders/${encodeURIComponent(id)}/payments`, form('to=a'));
      expect(denied).toMatchObject({
        error: { error: { code: 'argument_malformed', pointer: '/id' } },
      });
    },
  );
});

describe('a query', () => {
  test.each([
    ['other=1', 'argument_unlisted'],
    ['Expand=true', 'argument_unlisted'],
    ['expand[]=true', 'argument_unlisted'],
    ['id=8', 'argument_unlisted'],
    ['tenant=us', 'argument_unlisted'],
    ['_method=DELETE', 'argument_unlisted'],
    ['expand=true&expand=false', 'argument_repeated'],
    ['expand=true&expand=true', 'argument_repeated'],
    ['expand=TRUE', 'argument_malformed'],
    ['page%5Bsize%5D=05', 'argument_malformed'],
    ['expand', 'query_malformed'],
    ['&expand=true', 'query_malformed'],
    ['=true', 'query_malformed'],
    ['tag=%ff', 'query_malformed'],
    ['tag=%', 'query_malformed'],
    [`tag=${'x'.repeat(9_000)}`, 'query_malformed'],
    [Array(200).fill('tag=x').join('&'), 'query_malformed'],
  ])('?%s is refused: %s', async (query, code) => {
    expect(await read('GET', `/orders/7?${query}`)).toMatchObject({ error: { error: { code } } });
  });

  test('has no second reading after it was written again', async () => {
    const { sent } = await written('GET', '/orders/7?tag=a;b=c&tag=1%2B1&tag=%2541');
    expect(sent.path).toBe('/orders/7?tag=a%3Bb%3Dc&tag=1%2B1&tag=%2541');
  });
});

describe('a header that is an argument', () => {
  test.each(['a, b', 'a,b', 'é'])('is refused as %j', async (tenant) => {
    const denied = await read('GET', '/orders/7', { headers: { 'x-tenant': tenant } });
    expect(denied).toMatchObject({ error: { error: { code: 'argument_malformed' } } });
  });
});

describe('a body', () => {
  const gzip = { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } };
  const cases: readonly (readonly [string, string, RequestInit, string])[] = [
    ['with a member twice', '/orders', json('{"sku":"a","sku":"b"}'), 'body_invalid'],
    [
      'with an escaped member twice',
      '/orders',
      json('{"sku":"a","s\\u006bu":"b"}'),
      'body_invalid',
    ],
    ['with an unlisted member', '/orders', json('{"sku":"a","price":0}'), 'argument_unlisted'],
    ['with a member of the prototype', '/orders', json('{"__proto__":{}}'), 'argument_unlisted'],
    ['that is a list', '/orders', json('[]'), 'body_invalid'],
    ['that is null', '/orders', json('null'), 'body_invalid'],
    ['that is not JSON', '/orders', json('{'), 'body_invalid'],
    ['with a wrong type', '/orders', json('{"count":"1"}'), 'argument_malformed'],
    ['with a fraction', '/orders', json('{"count":1.5}'), 'argument_malformed'],
    [
      'that lies about its type',
      '/orders',
      json('{"sku":"a"}', 'text/plain'),
      'body_type_unsupported',
    ],
    ['that is a form', '/orders', form('sku=a'), 'body_type_unsupported'],
    ['of another JSON type', '/orders', json('{}', 'application/x+json'), 'body_type_unsupported'],
    [
      'in UTF-16',
      '/orders',
      json('{}', 'application/json; charset=utf-16'),
      'body_type_unsupported',
    ],
    ['in UTF-7', '/orders', json('{}', 'application/json;charset=utf-7'), 'body_type_unsupported'],
    ['without a type', '/orders', { body: new Uint8Array([123, 125]) }, 'body_type_unsupported'],
    ['that is compressed', '/orders', { ...gzip, body: '{}' }, 'body_type_unsupported'],
    ['that is too large', '/orders', json(`{"note":"${'x'.repeat(2_000)}"}`), 'body_too_large'],
    ['that nests too deeply', '/orders', json('['.repeat(100) + ']'.repeat(100)), 'body_invalid'],
    ['with a field twice', '/orders/7/payments', form('amount=1&amount=2'), 'argument_repeated'],
    ['with an unlisted field', '/orders/7/payments', form('amount=1&x=2'), 'argument_unlisted'],
    ['with another amount', '/orders/7/payments', form('amount=1.50'), 'argument_malformed'],
    [
      'of parts',
      '/orders/7/payments',
      json('--x', 'multipart/form-data; boundary=x'),
      'body_type_unsupported',
    ],
  ];

  test.each(cases)('%s is refused', async (_what, path, init, code) => {
    expect(await read('POST', path, init)).toMatchObject({ error: { error: { code } } });
  });

  test('is refused where the route has none', async () => {
    const type = 'application/json-patch+json';
    expect(await read('DELETE', '/orders/7')).toMatchObject({
      error: { error: { code: 'route_method_unlisted', methods: ['GET', 'HEAD', 'PATCH'] } },
    });
    expect(await read('PUT', '/files/a', json('{}', type))).toMatchObject({
      error: { error: { code: 'body_type_unsupported' }, tool: 'http/shop/upload' },
    });
    expect(await read('PUT', '/files/a', json('x', 'image/png, text/html'))).toMatchObject({
      error: { error: { code: 'body_type_unsupported' } },
    });
  });
});
