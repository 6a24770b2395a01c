import { describe, expect, test } from 'vitest';
import type { Route } from '../../../../src/verifier/index.ts';
import { mintToken } from '../../fixtures/issuer.ts';
import { codeOf, protectionWith, requestTo, SEARCH, unreadable } from './protected.ts';

const BYTES_MAX = 1_000;
const hewn = protectionWith({ bodyBytesMax: BYTES_MAX });
const token = mintToken();
const route: Route = { ...SEARCH, dataset: 'crm/contacts' };

/** Answers with what the call has and with what the request still has. */
const handlerOf = (changes: Partial<Route> = {}) =>
  hewn.fetch({ ...route, ...changes }, async ({ body, request }) =>
    Response.json({ judged: body ?? null, sent: await request.text() }),
  );

const post = (body: BodyInit, headers: Record<string, string> = {}, changes: Partial<Route> = {}) =>
  handlerOf(changes)(
    requestTo('/', {
      token,
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

describe('a judged body', () => {
  test('reaches the handler as the value that was judged, and as the bytes that were sent', async () => {
    const sent = '{ "to": "a", "n": [1, {"x": null}] }';
    expect(await (await post(sent)).json()).toEqual({ judged: JSON.parse(sent), sent });
  });

  test('may be empty, whatever its type', async () => {
    expect(await (await post('', { 'content-type': 'text/plain' })).json()).toEqual({
      judged: null,
      sent: '',
    });
  });

  test.each([
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/merge-patch+json',
    'application/json;charset="UTF-8"',
  ])('may have the type %s', async (type) => {
    expect((await post('{}', { 'content-type': type })).status).toBe(200);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/jsonp',
    'multipart/form-data; boundary=json',
    '',
  ])('is refused with the type %j', async (type) => {
    const response = await post('{}', { 'content-type': type });
    expect([response.status, await codeOf(response)]).toEqual([415, 'body_type_unsupported']);
  });

  test('is refused with an encoding', async () => {
    const response = await post('{}', { 'content-encoding': 'gzip' });
    expect([response.status, await codeOf(response)]).toEqual([415, 'body_type_unsupported']);
  });

  test.each([
    ['a member twice', '{"to":"a","to":"b"}'],
    ['a member twice, spelled differently', '{"to":"a","\\u0074o":"b"}'],
    ['a member twice, after much white space', `{"to":1,"to"${' '.repeat(500)}:2}`],
    ['a member twice, deep inside', '{"a":[{"b":{"x":1,"y":2,"x":3}}]}'],
    ['two values', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{"a":1/**/}'],
    ['a byte order mark', `${String.fromCharCode(0xfe_ff)}{}`],
    ['deep nesting', `${'['.repeat(70)}${']'.repeat(70)}`],
    ['NaN', 'NaN'],
    ['half of itself', '{"a":'],
  ])('is refused with %s', async (_, body) => {
    const response = await post(body);
    expect([response.status, await codeOf(response)]).toEqual([400, 'body_invalid']);
  });

  test('is refused if it is not UTF-8', async () => {
    const response = await post(Uint8Array.of(0x22, 0xff, 0x22));
    expect([response.status, await codeOf(response)]).toEqual([400, 'body_invalid']);
  });

  test('may repeat a name in another object, and in a text', async () => {
    const body = '{"a":{"x":1},"b":{"x":"\\"x\\":1,\\"x\\":2"},"c":["x","x"]}';
    expect((await post(body)).status).toBe(200);
  });

  test.each(['[]', '"text"', '1', 'null', 'true'])(
    'that is %s has no members, so its arguments are unknown',
    async (body) => {
      const response = await post(body);
      expect([response.status, await codeOf(response)]).toEqual([400, 'arguments_invalid']);
      const named: Partial<Route> = { args: ({ body: value }) => ({ list: value ?? null }) };
      expect((await post(body, {}, named)).status).toBe(200);
    },
  );

  test('is read up to its bound, whatever its length claims', async () => {
    const exactly = JSON.stringify('x'.repeat(BYTES_MAX - 2));
    const named: Partial<Route> = { args: {} };
    expect((await post(exactly, {}, named)).status).toBe(200);
    for (const body of [`${exactly} `, endless()]) {
      const response = await post(body, {}, named);
      expect([response.status, await codeOf(response)]).toEqual([413, 'body_too_large']);
    }
  });

  test('is refused unread if its length claims more than the bound', async () => {
    const { body, wasRead } = unreadable();
    const response = await post(body, { 'content-length': '5000' });
    expect([response.status, wasRead()]).toEqual([413, false]);
  });
});

test('a judged body that breaks off is refused', async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
  const response = await post(broken);
  expect([response.status, await codeOf(response)]).toEqual([400, 'body_invalid']);
});

const endless = () =>
  new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('[1,'.repeat(100))),
  });

describe('a body of a stranger', () => {
  test.each([
    ['no token', undefined],
    ['garbage', 'garbage'],
    ['a token for another audience', mintToken({ audience: 'https://other.example' })],
    ['a token of another issuer', mintToken({ issuer: 'https://other.example' })],
  ])('is not read: %s', async (_, stranger) => {
    const { body, wasRead } = unreadable();
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    const asked: string[] = [];
    const tool = () => {
      asked.push('tool');
      return 'crm.search';
    };
    const handler = handlerOf({ tool });
    const given = stranger === undefined ? {} : { token: stranger };
    const response = await handler(requestTo('/', { ...init, ...given }));
    expect([response.status, wasRead(), asked]).toEqual([401, false, []]);
  });
});

describe('a route that leaves its body unread', () => {
  test('hands the stream to the handler, and judges parameters and query', async () => {
    const response = await post('not JSON', { 'content-type': 'text/csv' }, { body: 'unread' });
    expect(await response.json()).toEqual({ judged: null, sent: 'not JSON' });
  });

  test('reads nothing of a denied request', async () => {
    const { body, wasRead } = unreadable();
    const response = await post(body, {}, { body: 'unread', tool: 'crm.export' });
    expect([response.status, wasRead()]).toEqual([403, false]);
  });
});
