import { describe, expect, test } from 'vitest';
import { type HttpRoute, RouteTable } from '../../../src/http-route/index.ts';
import { readPathTemplate, relate } from '../../../src/http-route/path-template.ts';

const template = (path: string) => {
  const read = readPathTemplate(path);
  if (!read.ok) throw new Error(`${path}: ${read.error}`);
  return read.value;
};

describe('a path of a route', () => {
  test.each([
    'orders',
    '/orders/:id(\\d+)',
    '/orders{/:id}?',
    '/orders/:id?',
    '/orders/*',
    '/files/:path*',
    '/files/:path+/meta',
    '/files/a:path+',
    '/a//b',
    '/a/./b',
    '/a/../b',
    '/a%2fb',
    '/a b',
    '/a;b',
    '/:id/:id',
    '/:id:other',
    `/${'a/'.repeat(40)}`,
  ])('%s is refused', (path) => {
    expect(readPathTemplate(path).ok).toBe(false);
  });

  const samples = [
    ...['/', '/orders', '/orders/', '/orders/7', '/orders/7/', '/orders/a.json', '/orders/.json'],
    ...['/files/a', '/files/a/b', '/files/', '/files', '/v1/x:cancel', '/v1/x', '/v1/:cancel'],
  ];

  test.each(['/', '/orders', '/orders/', '/orders/:id', '/orders/:id.json', '/files/:path+'])(
    '%s matches what URLPattern matches',
    (path) => {
      const pattern = new URLPattern({ pathname: path });
      const route: HttpRoute = { server: 'api', methods: ['GET'], path };
      const table = new RouteTable([{ name: 'http/api/x', route }]);
      for (const sample of samples) {
        const matched = table.match('api', 'GET', sample);
        const wanted = pattern.exec({ pathname: sample });
        // An empty segment at the end of several values is refused here.
        expect([sample, matched.ok]).toEqual([sample, wanted !== null && sample !== '/files/']);
        if (matched.ok) {
          expect(Object.fromEntries(matched.value.values)).toEqual({ ...wanted?.pathname.groups });
        }
      }
    },
  );

  test('may have an escaped colon', () => {
    const route: HttpRoute = { server: 'api', methods: ['POST'], path: '/v1/:name\\:cancel' };
    const table = new RouteTable([{ name: 'http/api/cancel', route }]);
    const matched = table.match('api', 'POST', '/v1/op:cancel');
    expect(matched.ok && matched.value.values.get('name')).toBe('op');
    expect(table.match('api', 'POST', '/v1/:cancel').ok).toBe(false);
  });
});

test.each([
  ['/a', '/a', 'same'],
  ['/a/:x', '/a/:y', 'same'],
  ['/a', '/b', 'apart'],
  ['/a/b', '/a/:x', 'inside'],
  ['/a/:x', '/a/b', 'around'],
  ['/a/', '/a/:x', 'apart'],
  ['/a/', '/a/:x+', 'apart'],
  ['/a/:x', '/a/:y+', 'inside'],
  ['/a/:y+', '/a/b/:c', 'around'],
  ['/a/:y+', '/a/b/', 'apart'],
  ['/:x/b', '/a/:y', 'crossing'],
  ['/v:x', '/:x.json', 'crossing'],
  ['/v:x', '/:y', 'inside'],
  ['/v:x', '/w:y', 'apart'],
  ['/v:x', '/v1:y', 'around'],
  ['/a/:x+', '/b/:x+', 'apart'],
  ['/:a/x/:r+', '/y/:r+', 'crossing'],
])('%s and %s are %s', (one, other, relation) => {
  expect(relate(template(one), template(other))).toBe(relation);
});
