import { describe, expect, test } from 'vitest';
import { answerPreflight, originOf, readableBy } from '../../../workers/gateway/origin.ts';

const APP = 'https://app.example';
const request = (method: string, headers: Record<string, string>) =>
  new Request('https://gateway.example/mcp/files', { method, headers });
const from = (origin: string) => originOf(request('POST', { origin }), [APP]);

test.each([
  ['https://evil.example', 'denied'],
  ['http://app.example', 'denied'],
  ['https://app.example:8443', 'denied'],
  ['https://app.example.evil.example', 'denied'],
  ['https://APP.example', 'denied'],
  ['null', 'denied'],
  ['', 'denied'],
  [`${APP}, https://evil.example`, 'denied'],
  [APP, 'allowed'],
])('a page of %j is %s', (origin, kind) => {
  expect(from(origin).kind).toBe(kind);
});

test('a request of no page needs no listed origin', () => {
  expect(originOf(request('POST', {}), [])).toEqual({ kind: 'none' });
});

describe('a preflight', () => {
  const asking = {
    origin: APP,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, Mcp-Session-Id,evil name, *',
  };

  test('of a listed page names the method and the headers that it asked for', () => {
    const answer = answerPreflight(request('OPTIONS', asking), from(APP));
    expect(answer?.status).toBe(204);
    expect(Object.fromEntries(answer?.headers ?? [])).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, mcp-session-id',
    });
    expect(answer?.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test.each([
    ['of another page', { ...asking, origin: 'https://evil.example' }],
    ['for an unusual method', { ...asking, 'access-control-request-method': 'TRACE' }],
    ['that asks for nothing', { origin: APP }],
  ])('%s is not answered', (_, headers) => {
    const asked = request('OPTIONS', headers);
    expect(answerPreflight(asked, originOf(asked, [APP]))).toBeUndefined();
  });
});

test('only a listed page can read a response', () => {
  const readable = readableBy(new Response('x'), from(APP));
  expect(readable.headers.get('access-control-allow-origin')).toBe(APP);
  expect(readable.headers.get('access-control-expose-headers')).toContain('mcp-session-id');
  const plain = new Response('x');
  expect(readableBy(plain, { kind: 'none' })).toBe(plain);
});
