import { expect, test } from 'vitest';
import { readMessage } from '../../../workers/gateway/mcp/message.ts';

const URL_ = 'https://gateway.example/mcp/files';
const read = (body: string) => readMessage(new Request(URL_, { method: 'POST', body }));
const malformed = {
  ok: false,
  error: { code: 'message_malformed', why: 'not a JSON-RPC 2.0 request, notification or response' },
};

test.each(['[]', '[1]', '[{"name":"read_text_file"}]', 'null', '"a"'])(
  'refuses params that are %s, instead of making an object of them',
  async (params) => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${params}}`;
    expect(await read(body)).toEqual(malformed);
  },
);

test('keeps every member of params for the code that verifies and forwards them', async () => {
  const params = '{"name":"a","__proto__":{"b":1},"constructor":2,"prototype":3}';
  const message = await read(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
  expect(message.ok && 'params' in message.value && JSON.stringify(message.value.params)).toBe(
    params,
  );
});

test.each(['constructor', '__proto__', 'toString'])(
  'refuses a message with the member %s',
  async (name) => {
    expect(await read(`{"jsonrpc":"2.0","id":1,"method":"ping","${name}":{}}`)).toEqual(malformed);
  },
);
