import { describe, expect, test } from 'vitest';
import { wideningLists } from '../../../src/agent/widening-lists.ts';

const URL_OF_SERVER = 'https://gateway.example/mcp/files';
const path = { type: 'string', pattern: '^(?:reports)(?:/|$)', description: 'The file.' };
const tool = {
  name: 'read_file',
  inputSchema: { type: 'object', properties: { path, lines: { maximum: 9 } }, required: ['path'] },
};
const LIST = { jsonrpc: '2.0', id: 1, result: { tools: [tool] } };

const answering = (response: () => Response) => wideningLists(async () => response());
const asking = (method: string): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }),
});

describe('a list of tools', () => {
  test('has the granted datasets in words, so that no client stops a call before a step-up', async () => {
    const send = answering(() => Response.json(LIST, { headers: { 'x-kept': 'yes' } }));
    const response = await send(URL_OF_SERVER, asking('tools/list'));
    expect(response.headers.get('x-kept')).toBe('yes');
    const { result } = (await response.json()) as typeof LIST;
    expect(result.tools[0]?.inputSchema).toEqual({
      type: 'object',
      properties: {
        path: {
          type: 'string',
          description: expect.stringMatching(/^The file\. Granted so far: .*reports/),
        },
        lines: { maximum: 9 },
      },
      required: ['path'],
    });
  });

  test.each<[string, string, () => Response]>([
    ['the answer to another method', 'tools/call', () => Response.json(LIST)],
    ['a stream of events', 'tools/list', () => new Response('data: {}\n\n')],
    [
      'an answer that is not JSON',
      'tools/list',
      () => new Response('{', { headers: { 'content-type': 'application/json' } }),
    ],
  ])('leaves %s as it is', async (_, method, answer) => {
    const response = await answering(answer)(URL_OF_SERVER, asking(method));
    expect(await response.text()).toBe(await answer().text());
  });
});
