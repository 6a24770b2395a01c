import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin, call, messagesOf, obtain, post, read } from './agent.ts';
import {
  type Arrived,
  answerOf,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';
import { outcomeOf } from './trail.ts';

/** What reaches an agent of a server's stream, and when. */
let stage: Stage;
let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
  stage = await openStage({
    gatewayVars: { MCP_UPSTREAMS: JSON.stringify({ files: server.url }) },
  });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const EVENTS = { 'content-type': 'text/event-stream' };

const eventStream =
  (
    play: (
      send: (message: unknown) => void,
      arrived: Arrived,
      response: Parameters<Script>[1],
    ) => void,
  ): Script =>
  (arrived, response) => {
    response.writeHead(200, EVENTS);
    play((message) => response.write(`data: ${JSON.stringify(message)}\n\n`), arrived, response);
  };

const notification = (method: string, params: unknown) => ({ jsonrpc: '2.0', method, params });

const withToken = (message: ReturnType<typeof call>, progressToken: string | number = 'p') => ({
  ...message,
  params: { ...message.params, _meta: { progressToken } },
});

/** Returns the messages of a stream, read to its end. */
async function streamed(response: Response): Promise<readonly Record<string, unknown>[]> {
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return messagesOf(await response.text());
}

const reading = () => read(stage.documents.reports[0] ?? '');

describe('a call whose server streams', () => {
  test('brings progress and logs as they arrive, then the answer, under the ids of the agent', async () => {
    let answer = () => {};
    server.play(
      eventStream((send, arrived, response) => {
        const { id } = arrived.message;
        send(notification('notifications/progress', { progressToken: id, progress: 1, total: 2 }));
        send(notification('notifications/message', { level: 'info', data: 'half' }));
        answer = () => response.end(`data: ${answerOf(arrived)}\n\n`);
      }),
    );
    const { token, workflow } = await obtain(stage);
    const response = await post(stage, token, withToken(reading(), 7));
    const reader = response.body?.getReader();
    const first = await reader?.read();
    // Both may arrive in one piece.
    let rest = new TextDecoder().decode(first?.value);
    const digest = createHash('sha256').update(first?.value ?? '');
    expect(rest).toContain('"progressToken":7');
    answer();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      rest += new TextDecoder().decode(next.value);
      digest.update(next.value);
    }
    expect(rest).toContain('"data":"half"');
    expect(rest).toContain('"id":1,"result":{"content"');
    const sent = digest.digest('hex');
    expect(await outcomeOf(stage, workflow)).toMatchObject({
      result: 'ok',
      status: 200,
      answer: sent,
    });
  });

  test('brings nothing that belongs to another request, and nothing unlisted', async () => {
    server.play(
      eventStream((send, arrived, response) => {
        const { id } = arrived.message;
        const progress = { progressToken: id, progress: 1, extra: 'x', message: 'm' };
        send(notification('notifications/progress', progress));
        send(notification('notifications/progress', { progressToken: 'p', progress: 1 }));
        send(notification('notifications/progress', { progressToken: id, progress: 'far' }));
        send(notification('notifications/message', { level: 'loud', data: 1 }));
        send(notification('notifications/evil', {}));
        send(notification('__proto__', {}));
        send({ jsonrpc: '2.0', id: 1, result: { content: [] } });
        send([notification('notifications/message', { level: 'info', data: 1 })]);
        const long = { level: 'info', data: 'x'.repeat(70_000) };
        send(notification('notifications/message', long));
        response.end(`data: ${answerOf(arrived)}\n\n`);
      }),
    );
    const { token } = await obtain(stage);
    expect(await streamed(await post(stage, token, withToken(reading())))).toEqual([
      notification('notifications/progress', { progressToken: 'p', progress: 1, message: 'm' }),
      { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'done' }] } },
    ]);
  });

  test('answers in JSON if the answer comes first, or the agent reads no streams', async () => {
    server.play(
      eventStream((send, { message }) => send({ ...JSON.parse(answerOf({ message } as Arrived)) })),
    );
    const { token } = await obtain(stage);
    const at = await post(stage, token, reading());
    expect([at.status, at.headers.get('content-type')]).toEqual([200, 'application/json']);
    server.play(
      eventStream((send, arrived, response) => {
        send(notification('notifications/message', { level: 'info', data: 1 }));
        response.end(`data: ${answerOf(arrived)}\n\n`);
      }),
    );
    const plain = await post(stage, token, reading(), { accept: 'application/json' });
    expect(await plain.json()).toMatchObject({ id: 1, result: { content: [{}] } });
  });

  test.each<[string, (response: Parameters<Script>[1]) => void, string, string]>([
    ['ends', (response) => response.end(), 'upstream_unreadable', 'unreadable'],
    [
      'is no UTF-8',
      (response) => response.end(Buffer.from([0xff, 0xfe])),
      ...(['upstream_unreadable', 'unreadable'] as const),
    ],
    [
      'never ends its event',
      (response) => response.write(`data: ${'x'.repeat(5 * 1024 * 1024)}`),
      ...(['upstream_too_large', 'too_large'] as const),
    ],
    [
      'floods',
      (response) => response.write('data: {}\n\n'.repeat(20_000)),
      ...(['upstream_too_large', 'too_large'] as const),
    ],
  ])(
    'and then %s: the agent learns that its fate is unknown, and the record says so',
    async (_, break_, code, cause) => {
      server.play(
        eventStream((send, _arrived, response) => {
          send(notification('notifications/message', { level: 'info', data: 1 }));
          setTimeout(() => break_(response), 100);
        }),
      );
      const { token, workflow } = await obtain(stage);
      const write = call('write_file', { path: 'summaries/churn.md', content: 'x' }, 7);
      const messages = await streamed(await post(stage, token, write));
      expect(messages.at(-1)).toMatchObject({
        id: 7,
        error: { data: { code, effect: 'unknown' } },
      });
      expect(await outcomeOf(stage, workflow)).toMatchObject({ result: 'unknown', cause });
    },
  );
});

test('an open stream ends soon after its workflow is revoked', async () => {
  server.play(
    eventStream((send) => send(notification('notifications/message', { level: 'info', data: 1 }))),
  );
  const { token, workflow } = await obtain(stage);
  const response = await post(stage, token, reading());
  const revoked = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
  expect(revoked.status).toBe(200);
  const begun = Date.now();
  await response.text();
  expect(Date.now() - begun).toBeLessThan(20_000);
  expect(await outcomeOf(stage, workflow)).toMatchObject({
    result: 'unknown',
    cause: 'connection',
  });
}, 40_000);
