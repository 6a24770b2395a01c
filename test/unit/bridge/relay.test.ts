import { afterEach, describe, expect, test } from 'vitest';
import { Relay, type RelayedUse, type Widened } from '../../../src/bridge/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';

/** What reaches the gateway, and how a test answers it. */
interface Seen {
  readonly verb: string;
  readonly message: JsonObject;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
}

const relays: Relay[] = [];
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
});

type Answering = (seen: Seen, index: number) => Response | Promise<Response>;

function relayTo(answering: Answering, more: Partial<ConstructorParameters<typeof Relay>[0]> = {}) {
  const seen: Seen[] = [];
  const unasked: JsonObject[] = [];
  const fetch = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    const { method: verb = 'GET', body, signal } = init;
    const message = body === undefined ? {} : JSON.parse(String(body));
    const headers = new Headers(init.headers);
    const one = { verb, message, headers, signal: signal ?? undefined };
    seen.push(one);
    signal?.throwIfAborted();
    return answering(one, seen.length - 1);
  };
  const relay = new Relay({
    server: 'notes',
    route: {
      url: new URL('http://gateway.test/mcp/notes'),
      fetch: fetch as typeof globalThis.fetch,
    },
    onMessage: (message) => unasked.push(message),
    ...more,
  });
  relays.push(relay);
  return { relay, seen, unasked };
}

const json = (body: object, init: ResponseInit = {}) => Response.json(body, init);
const result = ({ message }: Seen, value: object, init: ResponseInit = {}) =>
  json({ jsonrpc: '2.0', id: message.id, result: value }, init);
const events = (...all: readonly string[]) =>
  new Response(all.join(''), { headers: { 'content-type': 'text/event-stream' } });
const event = (data: object, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const call = (id: number, args = {}) => ({
  id,
  method: 'tools/call',
  params: { name: 'read_note', arguments: args },
});
const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
const refusal = (status: number, code: string, headers = {}) =>
  json(
    { jsonrpc: '2.0', id: null, error: { code: -32_003, message: 'No.', data: { code } } },
    { status, headers },
  );
const drop = () => {};
const textOf = (answer: JsonObject | undefined) =>
  (answer as { result: { content: { text: string }[] } }).result.content.map((one) => one.text);

/** Shakes hands as a client does. */
async function greet(relay: Relay) {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a' } };
  const answer = await relay.request({ id: 0, method: 'initialize', params }, drop);
  await relay.notify({ method: 'notifications/initialized' });
  return answer;
}

/** A server with sessions, which counts them. */
function sessions(others: Answering): Answering {
  let opened = 0;
  return (seen, index) => {
    if (seen.verb !== 'POST') return new Response(null, { status: 405 });
    if (seen.message.method === 'initialize') {
      opened += 1;
      return result(
        seen,
        { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 's' } },
        { headers: { 'mcp-session-id': `session-${opened}` } },
      );
    }
    if (seen.message.id === undefined) return new Response(null, { status: 202 });
    return others(seen, index);
  };
}

describe('a client of a revision with sessions', () => {
  test('gets answers under its own ids, in the session of the server', async () => {
    const { relay, seen } = relayTo(sessions((one) => result(one, text('ok'))));
    expect(await greet(relay)).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
    expect(await relay.request(call(7), drop)).toMatchObject({ id: 7, result: text('ok') });
    const sent = seen.at(-1);
    expect(sent?.headers.get('mcp-session-id')).toBe('session-1');
    expect(sent?.headers.get('mcp-protocol-version')).toBe('2025-11-25');
    expect(sent?.headers.get('mcp-method')).toBeNull();
    expect(sent?.message.id).not.toBe(7);
  });

  test('does not see that its session was lost', async () => {
    const { relay, seen } = relayTo(
      sessions((one) =>
        one.headers.get('mcp-session-id') === 'session-1'
          ? refusal(404, 'session_lost')
          : result(one, text('after')),
      ),
    );
    await greet(relay);
    const answers = await Promise.all([relay.request(call(1), drop), relay.request(call(2), drop)]);
    expect(answers).toMatchObject([{ result: text('after') }, { result: text('after') }]);
    expect(seen.filter(({ message }) => message.method === 'initialize')).toHaveLength(2);
    expect(
      seen.filter(({ message }) => message.method === 'notifications/initialized'),
    ).toHaveLength(2);
  });

  test('waits with a request until the server knows that the client is ready', async () => {
    let isReady = false;
    const { relay } = relayTo(async (one) => {
      if (one.message.method === 'notifications/initialized') {
        await new Promise((passed) => setTimeout(passed, 30));
        isReady = true;
        return new Response(null, { status: 202 });
      }
      if (one.verb !== 'POST') return new Response(null, { status: 405 });
      return one.message.method === 'initialize'
        ? result(one, { protocolVersion: '2025-11-25' })
        : result(one, text(String(isReady)));
    });
    await relay.request({ id: 0, method: 'initialize', params: {} }, drop);
    const ready = relay.notify({ method: 'notifications/initialized' });
    expect(textOf(await relay.request(call(1), drop))).toEqual(['true']);
    await ready;
  });

  test('cancels a call under the id that the gateway knows, and gets no answer', async () => {
    const { relay, seen } = relayTo(
      sessions(
        ({ signal }) =>
          new Promise((_, reject) =>
            signal?.addEventListener('abort', () => reject(new Error('x'))),
          ),
      ),
    );
    await greet(relay);
    const pending = relay.request(call(3), drop);
    await expect.poll(() => seen.at(-1)?.message.method).toBe('tools/call');
    const { id } = seen.at(-1)?.message ?? {};
    await relay.notify({ method: 'notifications/cancelled', params: { requestId: 3 } });
    expect(await pending).toBeUndefined();
    expect(seen.at(-1)?.message).toMatchObject({ params: { requestId: id } });
    const before = seen.length;
    await relay.notify({ method: 'notifications/cancelled', params: { requestId: 3 } });
    expect(seen).toHaveLength(before);
  });

  test('gets progress before the answer, and the rest of a stream that was cut', async () => {
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } };
    let cut: Seen | undefined;
    const { relay } = relayTo((one, index) => {
      if (one.verb === 'GET' && one.headers.get('last-event-id') === '4') {
        return events(event({ jsonrpc: '2.0', id: cut?.message.id, result: text('late') }));
      }
      return sessions((seen) => {
        cut = seen;
        return events('retry: 5\n\n', event(progress, '4'));
      })(one, index);
    });
    await greet(relay);
    const before: JsonObject[] = [];
    const answer = await relay.request(call(1), (message) => before.push(message));
    expect(answer).toMatchObject({ id: 1, result: text('late') });
    expect(before).toEqual([progress]);
  });
});

describe('a client of revision 2026-07-28', () => {
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
  const modern = (id: number) => ({
    id,
    method: 'tools/call',
    params: { name: 'read_note', arguments: { path: 'a' }, _meta: { ...meta, progressToken: 1 } },
  });

  test('needs no handshake, and the headers repeat its message', async () => {
    const { relay, seen } = relayTo((one) => result(one, text('ok')), {
      parameters: async () => [['Mcp-Param-Path', 'a']],
    });
    expect(await relay.request(modern(1), drop)).toMatchObject({ id: 1, result: text('ok') });
    const { headers, message } = seen[0] as Seen;
    expect(Object.fromEntries(headers)).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'read_note',
      'mcp-param-path': 'a',
    });
    expect(message).toMatchObject({ params: { _meta: { progressToken: 1 } } });
    expect(headers.has('mcp-session-id')).toBe(false);
  });

  test('cancels a call by closing its stream', async () => {
    const { relay, seen } = relayTo(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('x')))),
    );
    const pending = relay.request(modern(1), drop);
    await expect.poll(() => seen.length).toBe(1);
    await relay.notify({ method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(await pending).toBeUndefined();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.signal?.aborted).toBe(true);
  });

  test('keeps the id of a subscription, which its notifications name', async () => {
    const { relay, seen } = relayTo((one) => result(one, {}));
    await relay.request({ id: 9, method: 'subscriptions/listen', params: { _meta: meta } }, drop);
    expect(seen[0]?.message.id).toBe(9);
  });
});

describe('what goes wrong', () => {
  test.each([
    [403, 'no_grant'],
    [401, 'expired'],
    [404, 'server_unknown'],
    [400, 'message_malformed'],
  ])('status %i reaches the client as a result that a model reads', async (status, code) => {
    const { relay } = relayTo(() => refusal(status, code));
    const answer = await relay.request(call(1), drop);
    expect(answer).toMatchObject({ id: 1, result: { isError: true } });
    expect(textOf(answer)[0]).toContain(`(${code})`);
    const listed = await relay.request({ id: 2, method: 'tools/list' }, drop);
    expect(listed).toMatchObject({ id: 2, error: { code: -32_003, data: { code } } });
  });

  test('a token that is not accepted is replaced once', async () => {
    const { relay, seen } = relayTo((one, index) =>
      index === 0 ? refusal(401, 'expired') : result(one, text('ok')),
    );
    expect(await relay.request(call(1), drop)).toMatchObject({ result: text('ok') });
    expect(seen).toHaveLength(2);
  });

  test('what was certainly not carried out is repeated, and nothing else', async () => {
    const busy = () => refusal(503, 'upstream_busy', { 'retry-after': '0' });
    const first = relayTo((one, index) => (index === 0 ? busy() : result(one, text('ok'))));
    expect(await first.relay.request(call(1), drop)).toMatchObject({ result: text('ok') });
    const failed = json(
      { error: { code: -32_603, message: 'It failed.', data: { code: 'x', effect: 'unknown' } } },
      { status: 502 },
    );
    const second = relayTo(() => failed);
    expect(textOf(await second.relay.request(call(1), drop))[0]).toContain('Failed. It failed.');
    expect(second.seen).toHaveLength(1);
  });

  test('a gateway that is away for a moment is asked again', async () => {
    const { relay, seen } = relayTo((one, index) => {
      if (index > 0) return result(one, text('ok'));
      throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    });
    expect(await relay.request(call(1), drop)).toMatchObject({ result: text('ok') });
    expect(seen).toHaveLength(2);
  });

  test('an answer that is cut off leaves the fate of the call open', async () => {
    const { relay, seen } = relayTo(() => events(event({ jsonrpc: '2.0', method: 'x' })));
    const [line] = textOf(await relay.request(call(1), drop));
    expect(line).toContain('Whether the call was carried out is unknown');
    expect(seen).toHaveLength(1);
  });

  test('a body that is no message is no answer', async () => {
    const { relay } = relayTo(() => new Response('<html>'));
    expect(textOf(await relay.request(call(1), drop))[0]).toContain('no readable answer');
  });

  test('the bridge answers a ping by itself', async () => {
    const { relay, seen } = relayTo(() => refusal(503, 'x'));
    expect(await relay.request({ id: 1, method: 'ping' }, drop)).toMatchObject({ result: {} });
    expect(seen).toEqual([]);
  });

  test('what a client says about its model does not reach the server', async () => {
    const { relay, seen } = relayTo((one) => result(one, text('ok')));
    const params = { name: 'x', _meta: { progressToken: 2, 'x-codex-turn': 'secret' } };
    await relay.request({ id: 1, method: 'tools/call', params }, drop);
    expect(seen[0]?.message.params).toEqual({ name: 'x', _meta: { progressToken: 2 } });
  });
});

describe('a denied call that a wider capability would allow', () => {
  const needed = { tool: 'mcp/notes/read_note', action: 'read', dataset: 'notes/private' } as const;
  const denied = {
    content: [{ type: 'text', text: 'Denied' }],
    isError: true,
    _meta: {
      'hewn.dev/denial': {
        code: 'no_grant',
        authorization_details: [{ type: 'hewn_task', grants: [needed] }],
      },
    },
  };

  const widened = (outcome: Widened) => {
    const uses: RelayedUse[] = [];
    const wanted: unknown[] = [];
    const scene = relayTo((one, index) => result(one, index === 0 ? denied : text('ok')), {
      onUse: (use) => uses.push(use),
      widen: async (use) => {
        wanted.push(use);
        return outcome;
      },
    });
    return { ...scene, uses, wanted };
  };

  test('is sent once more when it was granted', async () => {
    const { relay, seen, uses, wanted } = widened({ isWider: true });
    const answer = await relay.request(call(1, { path: 'private/a' }), drop);
    expect(answer).toMatchObject({ result: text('ok') });
    expect(wanted).toEqual([
      {
        server: 'notes',
        kind: 'tool',
        name: 'read_note',
        args: { path: 'private/a' },
        needed: [needed],
      },
    ]);
    expect(seen).toHaveLength(2);
    expect(uses).toMatchObject([{ name: 'read_note', outcome: 'done' }]);
  });

  test('says why it was not granted', async () => {
    const { relay, seen, uses } = widened({ isWider: false, why: 'A person said no.' });
    expect(textOf(await relay.request(call(1), drop))).toEqual(['Denied', 'A person said no.']);
    expect(seen).toHaveLength(1);
    expect(uses).toMatchObject([{ outcome: 'denied', code: 'no_grant' }]);
  });
});
