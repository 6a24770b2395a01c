import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { allowedInputs, forwardedInputs } from '../../../workers/gateway/mcp/from-server/inputs.ts';
import { judge } from '../../../workers/gateway/mcp/from-server/judge.ts';
import {
  openPosition,
  type StreamOf,
  sealPosition,
} from '../../../workers/gateway/mcp/from-server/stream-of.ts';
import { Sessions } from '../../../workers/gateway/mcp/session.ts';
import { ServerEvents } from '../../../workers/gateway/mcp/stream/server-events.ts';
import { isTaskId, Tasks } from '../../../workers/gateway/mcp/tasks.ts';

/** How much a server can send before its answer, and how much of that reaches an agent. */

const KIBIBYTE = 1024;
const OWNER = { workflow: 'wf_1', server: 'jobs' };

const streamOf = (change: Partial<StreamOf> = {}): StreamOf => ({
  sessions: new Sessions(async () => new Uint8Array(32)),
  tasks: new Tasks(),
  owner: OWNER,
  hasEventIds: true,
  allowed: ['elicitation'],
  asked: new Map(),
  request: { id: 'hewn-1', agentId: 1, method: 'tools/call', progressToken: 'p' },
  ...change,
});

const judged = (message: object, stream = streamOf()) =>
  judge(JSON.stringify({ jsonrpc: '2.0', ...message }), stream);

const log = (data: string) => ({
  method: 'notifications/message',
  params: { level: 'info', data },
});

describe('a message of a server', () => {
  test('over 64 KiB is dropped, unless it is the answer', async () => {
    const long = 'x'.repeat(64 * KIBIBYTE);
    expect(await judged(log('x'))).toMatchObject({ kind: 'message' });
    expect(await judged(log(long))).toBeUndefined();
    // One that has our id in it is parsed, and is no answer for that.
    expect(await judged(log(`${long} hewn-1`))).toBeUndefined();
    const answer = { id: 'hewn-1', result: { content: [{ type: 'text', text: long }] } };
    expect(await judged(answer)).toMatchObject({ kind: 'answer', message: answer });
  });

  test('of an unknown level is dropped', async () => {
    const params = { level: 'loud', data: 'x' };
    expect(await judged({ method: 'notifications/message', params })).toBeUndefined();
  });

  test('that asks the agent is remembered for a cancellation, of at most a hundred', async () => {
    const stream = streamOf();
    const ask = (id: number) => judged({ id, method: 'elicitation/create', params: {} }, stream);
    for (let id = 0; id < 250; id += 1) await ask(id);
    expect(stream.asked.size).toBeLessThanOrEqual(100);
    expect(stream.asked.has(249)).toBe(true);
  });
});

describe('a stream of a server', () => {
  const bodyOf = (text: string): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    });

  test.each([
    [3, 1_000, 'whole'],
    [2, 1_000, 'too_large'],
    [3, 29, 'too_large'],
  ] as const)('of 3 events with %i allowed, and %i bytes: %s', async (eventsMax, bytesMax, end) => {
    const events = new ServerEvents(bodyOf('data: abcd\n'.concat('\n').repeat(3)), {
      eventsMax,
      bytesMax,
    });
    let last = await events.next();
    for (let taken = 0; 'event' in last && taken < 10; taken += 1) last = await events.next();
    expect(last).toEqual({ end });
  });

  test('has no position for an event id that no header can carry', async () => {
    const stream = streamOf();
    const sealed = await sealPosition(stream, 'e-1');
    expect(await openPosition(stream, sealed ?? '')).toMatchObject({ eventId: 'e-1' });
    expect(await sealPosition(stream, 'e'.repeat(2 * KIBIBYTE))).toBeUndefined();
  });
});

describe('the answers of an agent to what a call asks', () => {
  const accepted: JsonObject = { action: 'accept', content: { name: 'Ada' } };
  const named = (names: readonly string[]): JsonObject =>
    Object.fromEntries(names.map((name) => [name, accepted]));

  test('reach the server only for questions that it may ask', () => {
    expect(forwardedInputs(named(['q']), ['elicitation'])).toEqual({ q: accepted });
    expect(forwardedInputs(named(['q']), ['sampling', 'roots'])).toEqual({});
    const requests = { q: { method: 'elicitation/create' }, r: { method: 'roots/list' }, s: 1 };
    expect(allowedInputs(requests, ['roots'])).toEqual({ r: requests.r });
  });

  test('are at most 64, with keys of at most 256 characters', () => {
    const many = named(Array.from({ length: 70 }, (_, index) => `q${index}`));
    expect(Object.keys(forwardedInputs(many, ['elicitation']))).toHaveLength(64);
    const keys = ['q'.repeat(257), 'q\ud800', 'q'.repeat(256)];
    expect(Object.keys(forwardedInputs(named(keys), ['elicitation']))).toEqual([keys[2]]);
  });
});

test.each([
  ['', false],
  ['t'.repeat(1_024), true],
  ['t'.repeat(1_025), false],
  [7, false],
])('an id of a task: %j', (id, isOne) => {
  expect(isTaskId(id)).toBe(isOne);
});
