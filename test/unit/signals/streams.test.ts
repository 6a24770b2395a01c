import { describe, expect, test } from 'vitest';
import {
  afterPush,
  POLL,
  PUSH,
  readPollRequest,
  readPushAnswer,
  readStreamRequest,
  streamConfiguration,
} from '../../../src/signals/index.ts';

describe('a response to a push', () => {
  test.each([200, 202, 204])('acknowledges the event with status %d', (status) => {
    expect(readPushAnswer(status, '')).toEqual({ kind: 'accepted' });
  });

  test.each([201, 301, 302, 307, 401, 403, 404, 413, 429, 500, 503])(
    'of %d has not, and says nothing of the event',
    (status) => {
      const body = '{"err":"invalid_request"}';
      expect(readPushAnswer(status, body)).toEqual({ kind: 'failed', why: `http_${status}` });
    },
  );

  test('refuses the event with status 400 and a code about the event', () => {
    const answer = (err: unknown) => readPushAnswer(400, JSON.stringify({ err }));
    expect(answer('invalid_audience')).toEqual({ kind: 'refused', why: 'invalid_audience' });
    for (const err of ['authentication_failed', 'access_denied', 'made_up', 1, undefined]) {
      expect(answer(err)).toEqual({ kind: 'failed', why: 'http_400' });
    }
    expect(readPushAnswer(400, '<html>')).toEqual({ kind: 'failed', why: 'http_400' });
  });
});

describe('after a push', () => {
  test('that failed, the stream waits longer each time, up to a quarter of an hour', () => {
    const waits = [0, 1, 2, 8, 9, 500].map((failures) => {
      const after = afterPush({ kind: 'failed', why: 'x' }, { failures, refusals: 0 }, 1_000);
      return after.next === 'stream_waits' ? after.until - 1_000 : undefined;
    });
    expect(waits).toEqual([2_000, 4_000, 8_000, 512_000, 900_000, 900_000]);
  });

  test('that was refused, only the event waits, and the fifth refusal drops it', () => {
    const refused = (refusals: number) =>
      afterPush({ kind: 'refused', why: 'x' }, { failures: 0, refusals }, 0).next;
    expect([0, 1, 2, 3, 4].map(refused)).toEqual([
      ...['event_waits', 'event_waits', 'event_waits', 'event_waits', 'drop'],
    ]);
  });

  test('that succeeded, the event is deleted', () => {
    expect(afterPush({ kind: 'accepted' }, { failures: 9, refusals: 4 }, 0)).toEqual({
      next: 'forget',
    });
  });
});

describe('a poll request', () => {
  test('has defaults and limits', () => {
    expect(readPollRequest('{}')).toEqual({
      ok: true,
      value: { eventsMax: 100, accepted: [], refused: [] },
    });
    const text = JSON.stringify({
      maxEvents: 1_000_000,
      returnImmediately: true,
      ack: ['a'],
      later: 1,
      setErrs: { b: { err: 'invalid_key', description: 'x' } },
    });
    expect(readPollRequest(text)).toEqual({
      ok: true,
      value: { eventsMax: 100, accepted: ['a'], refused: ['b'] },
    });
  });

  test.each([
    ...['', '[]', '1', '{"maxEvents":-1}', '{"maxEvents":1.5}', '{"ack":"a"}', '{"ack":[1]}'],
    ...['{"ack":[""]}', '{"setErrs":[]}', '{"setErrs":{"a":1}}'],
  ])('is rejected as %s', (text) => {
    expect(readPollRequest(text)).toEqual({ ok: false, error: { code: 'poll_malformed' } });
  });

  test.each([
    ['an id of 129 characters', { ack: ['x'.repeat(129)] }],
    ['more ids than wait in a stream', { ack: Array(1_001).fill('a') }],
    [
      'more errors than events wait in a stream',
      { setErrs: Object.fromEntries([...Array(1_001).keys()].map((id) => [id, { err: 'x' }])) },
    ],
  ])('with %s is refused', (_, request) => {
    const read = readPollRequest(JSON.stringify(request));
    expect(read).toEqual({ ok: false, error: { code: 'poll_malformed' } });
  });
});

describe('a stream', () => {
  const order = (delivery: unknown, more: object = {}, allowLoopback = false) =>
    readStreamRequest(
      JSON.stringify({
        aud: 'https://r.example',
        receiver_sha256: '0'.repeat(64),
        delivery,
        ...more,
      }),
      { allowLoopback },
    );
  const push = (endpoint_url: unknown, more: object = {}) => ({
    method: PUSH,
    endpoint_url,
    ...more,
  });

  test('is pushed to https with the header of the endpoint, or polled', () => {
    expect(order(push('https://r.example/in', { authorization_header: 'Bearer x' }))).toMatchObject(
      { ok: true, value: { delivery: { url: 'https://r.example/in', authorization: 'Bearer x' } } },
    );
    expect(order({ method: POLL })).toMatchObject({
      ok: true,
      value: { delivery: { method: POLL } },
    });
  });

  test.each([
    ...[
      'http://r.example/in',
      'http://127.0.0.1:1/',
      'ftp://r.example',
      'javascript:x',
      'r.example',
    ],
    ...['https://a:b@r.example', 'https://r.example/?secret=1', 'https://r.example/#x'],
  ])('is not pushed to %s', (url) => {
    expect(order(push(url))).toEqual({ ok: false, error: { code: 'endpoint_refused' } });
  });

  test('is pushed over http only to loopback in a local deployment', () => {
    expect(order(push('http://127.0.0.1:1/in'), {}, true).ok).toBe(true);
    expect(order(push('http://[::1]:1/in'), {}, true).ok).toBe(true);
    for (const url of ['http://127.0.0.1.r.example/', 'http://r.example/', 'http://localhost/']) {
      expect(order(push(url), {}, true)).toMatchObject({ error: { code: 'endpoint_refused' } });
    }
  });

  test('is rejected in another form', () => {
    const bad = [
      ...[order({ method: 'carrier-pigeon' }), order(push(1)), order(undefined)],
      order(push('https://r.example', { authorization_header: 'a\r\nhost: b' })),
      order({ method: POLL, endpoint_url: 'https://r.example' }),
      order({ method: POLL }, { receiver_sha256: 'token' }),
      order({ method: POLL }, { aud: '' }),
      order({ method: POLL }, { surplus: 1 }),
      readStreamRequest('{', { allowLoopback: true }),
    ];
    for (const read of bad) expect(read).toMatchObject({ error: { code: 'stream_invalid' } });
  });

  test('shows the URL at which it is polled', () => {
    const facts = { id: 'x', audience: 'https://r.example', method: POLL } as const;
    expect(streamConfiguration('https://issuer.example', facts)).toMatchObject({
      stream_id: 'x',
      iss: 'https://issuer.example',
      aud: 'https://r.example',
      delivery: { method: POLL, endpoint_url: 'https://issuer.example/ssf/v1/poll/x' },
    });
  });
});
