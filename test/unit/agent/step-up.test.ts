import { describe, expect, test } from 'vitest';
import { neededGrants } from '../../../src/agent/index.ts';

const GRANT = { tool: 't', action: 'read', dataset: 'd' };
const DETAILS = [{ type: 'hewn_task', grants: [GRANT] }];

describe('the grants in a challenge', () => {
  test('are read from the denial of an MCP server and of an API', () => {
    const mcp = { jsonrpc: '2.0', id: 1, error: { data: { authorization_details: DETAILS } } };
    for (const body of [mcp, { error: 'insufficient_scope', authorization_details: DETAILS }]) {
      expect(neededGrants(JSON.stringify(body))).toEqual([GRANT]);
    }
  });

  test.each([
    ['not JSON', '{'],
    ['another denial', '{"error":{"data":{"code":"expired"}}}'],
    ['no grants', JSON.stringify({ authorization_details: [{ ...DETAILS[0], grants: [] }] })],
    ['another type', JSON.stringify({ authorization_details: [{ ...DETAILS[0], type: 'x' }] })],
    ['two details', JSON.stringify({ authorization_details: [...DETAILS, ...DETAILS] })],
    [
      'a dataset with `..`',
      JSON.stringify({
        authorization_details: [{ ...DETAILS[0], grants: [{ ...GRANT, dataset: '../d' }] }],
      }),
    ],
    ['too large a body', JSON.stringify({ authorization_details: DETAILS, x: 'x'.repeat(70_000) })],
  ])('are absent if the body is %s', (_what, body) => {
    expect(neededGrants(body)).toBeUndefined();
  });
});
