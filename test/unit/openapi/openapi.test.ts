import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { draftTool, renderDraft } from '../../../src/catalogue-draft/index.ts';
import { listOpenApi } from '../../../src/openapi/index.ts';
import { emptyFolder, hewn } from '../cli/scene.ts';
import { unwrap } from '../fixtures/issuer.ts';

const SHOP = await readFile(join(import.meta.dirname, 'shop.yaml'), 'utf8');

const listing = unwrap(await listOpenApi(SHOP, 'shop'));
const routeOf = (name: string) => listing.tools.find((tool) => tool.name === name)?.route;

describe('an OpenAPI document', () => {
  test('has each operation as a tool with a route', () => {
    expect(listing.tools.map(({ name }) => name)).toEqual([
      'cancelOrder',
      'getOrder',
      'listOrders',
      'patch_orders_order-id',
      'pay',
      'place-order',
      'searchOrders',
      'upload',
    ]);
    expect(routeOf('listOrders')).toEqual({
      server: 'shop',
      methods: ['GET'],
      path: '/orders',
      arguments: {
        limit: { in: 'query', type: 'integer' },
        tag: { in: 'query', list: true },
        page_size_: { in: 'query', name: 'page[size]', type: 'integer' },
        X_Tenant: { in: 'header', name: 'X-Tenant' },
      },
    });
    expect(routeOf('getOrder')).toEqual({
      server: 'shop',
      methods: ['GET'],
      path: '/orders/:order_id',
    });
  });

  test('has the members of a JSON body, from every part of the schema', () => {
    expect(routeOf('place-order')).toMatchObject({
      body: 'json',
      arguments: {
        sku: { in: 'body', type: 'string' },
        count: { in: 'body', type: 'integer' },
        gift: { in: 'body' },
        parent: { in: 'body' },
        email: { in: 'body', type: 'string' },
      },
    });
    expect(routeOf('patch_orders_order-id')).toMatchObject({
      body: 'json',
      contentTypes: ['application/json-patch+json'],
      arguments: { body: { in: 'body', whole: true } },
    });
  });

  test('has the fields of a form, and another name where two arguments share one', () => {
    expect(routeOf('pay')).toEqual({
      server: 'shop',
      methods: ['POST'],
      path: '/orders/:id/payments',
      body: 'form',
      arguments: {
        amount: { in: 'body', type: 'number' },
        body_id: { in: 'body', name: 'id' },
        notes: { in: 'body', list: true },
      },
    });
  });

  test('lists everything that no route can express', () => {
    const leftOut = (listing.leftOut ?? []).map((one) => one.join(': '));
    expect(leftOut).toEqual([
      'GET /orders: without the query parameter filter is an object',
      'GET /orders: without the cookie parameter session is in a cookie, which the gateway never passes on',
      'POST /orders: without a body of type application/xml',
      'POST /orders: without the callback paid',
      'OPTIONS /orders/{order-id}: its method has no route',
      'GET /reports: the query parameter from has a media type of its own',
      expect.stringMatching(/^GET \/tree\/\{a\}\.\.\{b\}: its route may have fixed text/),
      '/elsewhere: it is a reference that leads out of the document',
      'orderPaid: a webhook calls the agent',
    ]);
  });

  test('is drafted as a catalogue that loads, with every guess marked', () => {
    const tools = listing.tools.map((tool) => unwrap(draftTool('shop', tool)));
    const draft = renderDraft(listing, tools, listing.leftOut ?? []);
    const catalogue = unwrap(parseCatalogue(draft));
    expect(catalogue.get('http/shop/cancelOrder')).toMatchObject({
      action: 'delete',
      tier: 3,
      datasets: [{ argument: '/order_id', under: 'shop/orders', names: 'opaque' }],
    });
    expect(catalogue.get('http/shop/place-order')).toMatchObject({
      action: 'write',
      sinks: expect.arrayContaining(['/email']),
    });
    expect(catalogue.get('http/shop/getOrder')).toMatchObject({ action: 'read', tier: 1 });
    expect(draft).toContain('# REVIEW route: no check reads this body');
    expect(draft.match(/# REVIEW action/g)).toHaveLength(tools.length);
    expect(draft.match(/# REVIEW datasets/g)).toHaveLength(tools.length);
  });

  test.each([
    ['', 'not an OpenAPI document'],
    ['[]', 'not an OpenAPI document'],
    ['{"openapi":"3.1.0"', 'not JSON'],
    ['{"swagger":"2.0"}', 'Swagger 2.0'],
    ['{"openapi":"4.0.0"}', 'version 3.0 or 3.1'],
    ['openapi: 3.1.0\nopenapi: 3.0.0', 'not YAML'],
    [
      'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]',
      'not YAML',
    ],
    [`{"openapi":"3.1.0","x":${'['.repeat(200)}${']'.repeat(200)}}`, 'nested too deeply'],
  ])('%j is refused', async (text, why) => {
    expect(await listOpenApi(text, 'x')).toMatchObject({ error: expect.stringContaining(why) });
  });

  test('with references in a circle ends', async () => {
    const text = JSON.stringify({
      openapi: '3.0.3',
      paths: { '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' } },
    });
    const read = unwrap(await listOpenApi(text, 'x'));
    expect(read.leftOut?.map(([name]) => name)).toEqual(['/a', '/b']);
  });

  test('of this project is drafted without a fault', async () => {
    const text = await readFile('docs/reference/openapi.json', 'utf8');
    const admin = unwrap(await listOpenApi(text, 'issuer'));
    const tools = admin.tools.map((tool) => unwrap(draftTool('issuer', tool)));
    expect(tools.length).toBeGreaterThan(20);
    unwrap(parseCatalogue(renderDraft(admin, tools, [])));
  });
});

test('hewn catalogue import, check and diff work on a document', async () => {
  await using folder = await emptyFolder();
  await writeFile(folder.file('shop.yaml'), SHOP);
  const catalogue = (...words: readonly string[]) =>
    hewn(['catalogue', ...words, 'shop.yaml', '--server', 'shop'], { cwd: folder.path });
  const drafted = await catalogue('import', '--out', 'catalogue/tools.toml');
  expect(drafted).toMatchObject({ code: 0, err: expect.stringContaining('8 drafted') });
  unwrap(parseCatalogue(await readFile(folder.file('catalogue/tools.toml'), 'utf8')));
  expect(await catalogue('check')).toMatchObject({ code: 0 });
  expect(await catalogue('diff')).toMatchObject({ code: 0 });
  await writeFile(folder.file('shop.yaml'), SHOP.replace('name: limit,', 'name: max,'));
  const changed = await catalogue('diff');
  expect(changed).toMatchObject({
    code: 1,
    out: expect.stringContaining('changed tool listOrders'),
  });
  expect(changed.out).toContain('/route/arguments/max');
});
