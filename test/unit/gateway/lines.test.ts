import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../src/json-rpc-answer.ts';
import { linesAsEvents } from '../../../workers/gateway/mcp/stream/lines.ts';

const bodyOf = (...chunks: readonly string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });

describe('lines of a server become events', () => {
  test.each<[string, readonly string[], string]>([
    ['one line', ['{"a":1}\n'], 'data: {"a":1}\n\n'],
    ['two lines in one chunk', ['{"a":1}\n{"b":2}\n'], 'data: {"a":1}\n\ndata: {"b":2}\n\n'],
    ['a line in two chunks', ['{"a"', ':1}\n'], 'data: {"a":1}\n\n'],
    [
      'a line break in a chunk of its own',
      ['{"a":1}', '\n', '{}'],
      'data: {"a":1}\n\ndata: {}\n\n',
    ],
    ['no line break at the end', ['{"a":1}'], 'data: {"a":1}\n\n'],
    ['nothing', [''], ''],
  ])('%s', async (_, chunks, events) => {
    expect(await new Response(linesAsEvents(bodyOf(...chunks))).text()).toBe(events);
  });
});

describe('the answer in a body of several messages', () => {
  const answer = '{"jsonrpc":"2.0","id":"hewn-1","result":{}}';
  const read = async (text: string) => {
    const response = new Response(text, { headers: { 'content-type': 'application/json' } });
    return (await readAnswer(response, 'hewn-1', 10_000)).message;
  };

  test('is found among its lines', async () => {
    const progress = '{"jsonrpc":"2.0","method":"notifications/progress"}';
    expect(await read(`${progress}\n${answer}\n`)).toEqual(JSON.parse(answer));
    expect(await read(JSON.stringify(JSON.parse(answer), null, 2))).toEqual(JSON.parse(answer));
  });

  test('is not read if there are two', async () => {
    expect(await read(`${answer}\n${answer}`)).toBeUndefined();
  });
});
