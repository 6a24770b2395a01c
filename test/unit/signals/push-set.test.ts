import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pushSet } from '../../../workers/issuer/signals/push-set.ts';
import { type EventReceiver, startReceiver } from '../../e2e/receiver.ts';

/** Pushes over a real connection. */
let receiver: EventReceiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const push = () => pushSet({ url: receiver.url, authorization: 'Bearer secret' }, 'a.b.c');

describe('a push', () => {
  test('posts the event as its media type, with the header of the endpoint', async () => {
    expect(await push()).toEqual({ kind: 'accepted' });
    expect(receiver.received).toMatchObject([
      {
        path: '/events',
        body: 'a.b.c',
        headers: {
          'content-type': 'application/secevent+jwt',
          accept: 'application/json',
          authorization: 'Bearer secret',
        },
      },
    ]);
  });

  test.each([301, 302, 307, 308])('follows no redirect of status %d', async (status) => {
    const elsewhere = await startReceiver();
    receiver.answer({ status, headers: { location: elsewhere.url } });
    expect(await push()).toEqual({ kind: 'failed', why: `http_${status}` });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  test('reports an unreachable receiver without its address', async () => {
    await receiver.close();
    expect(await push()).toEqual({ kind: 'failed', why: 'unreachable' });
  });

  test('reads the code of a refusal, unless the response is too long', async () => {
    const err = '{"err":"invalid_issuer"}';
    receiver.answer({ status: 400, body: err }, { status: 400, body: err + ' '.repeat(5_000) });
    expect(await push()).toEqual({ kind: 'refused', why: 'invalid_issuer' });
    expect(await push()).toEqual({ kind: 'failed', why: 'http_400' });
  });

  test('gives up on a receiver that is silent for ten seconds', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const { port } = silent.address() as AddressInfo;
    expect(await pushSet({ url: `http://127.0.0.1:${port}/` }, 'a.b.c')).toEqual({
      kind: 'failed',
      why: 'timeout',
    });
    silent.closeAllConnections();
    await new Promise((closed) => silent.close(closed));
  });
});
