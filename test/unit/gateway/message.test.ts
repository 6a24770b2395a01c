import { expect, test } from 'vitest';
import { readMessage } from '../../../workers/gateway/mcp/message.ts';

const URL_ = 'https://gateway.example/mcp/files';
const read = (body: string) => readMessage(new Request(URL_, { method: 'POST', body }));
const malformed = {
  ok: false,
  error: { code: 'message_malformed', why: 'not a JSON-RPC 2.0 request or notification' },
};

test.each(['[]', '[1]', '[{"name":"read_text_file"}]', 'null', '"a"'])(
  'params that are %s are refused, and not made an object',
  async (params) => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${params}}`;
    expect(await read(body)).toEqual(malformed);
  },
);

test('no member of params is dropped on the way to who judges and forwards it', async () => {
  const params = '{"name":"a","__proto__":{"b":1},"constructor":2,"prototype":3}';
  const message = await read(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
  expect(message.ok && JSON.stringify(message.value.params)).toBe(params);
});

test.each(['constructor', '__proto__', 'toString'])(
  'a message with the member %s is refused',
  async (name) => {
    expect(await read(`{"jsonrpc":"2.0","id":1,"method":"ping","${name}":{}}`)).toEqual(malformed);
  },
);
