import { createExecutionContext, evictDurableObject, reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import worker from '../../../../deployment/issuer.ts';
import { env, follow, get, log, question, workflow } from './scene.ts';

afterEach(() => reset());

async function subscribe(since: string): Promise<{ socket: WebSocket; messages: ArrayBuffer[] }> {
  const request = new Request(`${env.ISSUER}/feed/v2/0/subscribe?since=${since}`, {
    headers: { upgrade: 'websocket' },
  });
  const response = await worker.fetch(request, env, createExecutionContext());
  const { webSocket: socket } = response;
  if (!socket) throw new Error(`no socket: ${response.status}`);
  const messages: ArrayBuffer[] = [];
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    messages.push(data as ArrayBuffer);
  });
  socket.accept();
  return { socket, messages };
}

const next = async (messages: ArrayBuffer[], count: number): Promise<Uint8Array<ArrayBuffer>> => {
  for (let wait = 0; messages.length < count && wait < 200; wait++) {
    await new Promise((passed) => setTimeout(passed, 10));
  }
  const message = messages[count - 1];
  if (!message) throw new Error(`no message ${count}`);
  return new Uint8Array(message);
};

describe('a subscriber', () => {
  test('receives what it lacks at once, and then every entry', async () => {
    await log().append(workflow('wf_before'));
    const { feed, requested } = await follow();
    const { socket, messages } = await subscribe('1.0');
    expect(await feed.accept(await next(messages, 1))).toMatchObject({ ok: true });
    expect(feed.find(question('wf_before'))).toMatchObject({ by: 'workflow' });
    await log().append(workflow('wf_next'));
    expect(await feed.accept(await next(messages, 2))).toMatchObject({ ok: true });
    expect(feed.find(question('wf_next'))).toMatchObject({ by: 'workflow' });
    expect(requested).toEqual([]);
    socket.close();
  });

  test('receives entries although the log sleeps in between', async () => {
    const { feed } = await follow();
    const { socket, messages } = await subscribe('1.0');
    await feed.accept(await next(messages, 1));
    await evictDurableObject(env.REVOCATION_LOG.getByName('default'), { webSockets: 'hibernate' });
    await log().append(workflow('wf_woken'));
    expect(await feed.accept(await next(messages, 2))).toMatchObject({ ok: true });
    expect(feed.find(question('wf_woken'))).toMatchObject({ by: 'workflow' });
    socket.close();
  });

  test('that is ahead or in another epoch receives the head and asks for the rest', async () => {
    await log().append(workflow('wf_a'));
    for (const since of ['1.9', '7.0', '0.0']) {
      const { socket, messages } = await subscribe(since);
      const { feed } = await follow();
      expect(await feed.accept(await next(messages, 1))).toMatchObject({ ok: false });
      expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 1 } });
      socket.close();
    }
  });

  test('that sends a message is disconnected', async () => {
    const { socket } = await subscribe('1.0');
    const closed = new Promise<number>((done) => {
      socket.addEventListener('close', ({ code }) => done(code));
    });
    socket.send('hello');
    expect(await closed).toBe(1008);
  });

  test.each([
    ['no place', '/feed/v2/0/subscribe', 400],
    ['a malformed position', '/feed/v2/0/subscribe?since=1', 400],
    ['a shard that is not served', '/feed/v2/1/subscribe?since=1.0', 404],
  ])('with %s is rejected', async (_, path, status) => {
    const headers = { upgrade: 'websocket' };
    const request = new Request(`${env.ISSUER}${path}`, { headers });
    const response = await worker.fetch(request, env, createExecutionContext());
    expect(response.status).toBe(status);
  });

  test('without an upgrade gets 426', async () => {
    expect((await get('/feed/v2/0/subscribe?since=1.0')).status).toBe(426);
  });

  test('of many receives several entries in one message', async () => {
    const { feed } = await follow();
    const { socket, messages } = await subscribe('1.0');
    await feed.accept(await next(messages, 1));
    await Promise.all(Array.from({ length: 64 }, (_, i) => log().append(workflow(`wf_${i}`))));
    for (let at = 1; (feed.head?.seq ?? 0) < 64; at++) {
      expect(await feed.accept(await next(messages, at + 1))).toMatchObject({ ok: true });
    }
    expect(messages.length).toBeLessThanOrEqual(65);
    socket.close();
  });
});
