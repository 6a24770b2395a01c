import { expect, test } from 'vitest';
import { widerList } from '../../../src/wider-list.ts';

test('a model may try what is not granted yet, and reads what is', () => {
  const properties = {
    path: { type: 'string', pattern: '^team/', description: 'A path.' },
    text: { type: 'string' },
  };
  const tools = [{ name: 'read', inputSchema: { type: 'object', properties } }];
  const shown =
    'A path. Granted so far: what matches ^team/. More needs the approval of a person or policy.';
  expect(widerList({ jsonrpc: '2.0', id: 1, result: { tools } })).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {
      tools: [
        {
          name: 'read',
          inputSchema: {
            type: 'object',
            properties: { path: { type: 'string', description: shown }, text: { type: 'string' } },
          },
        },
      ],
    },
  });
});
