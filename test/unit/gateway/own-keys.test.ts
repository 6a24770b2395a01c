import { expect, test } from 'vitest';
import { neededGrantsOf } from '../../../src/agent/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { withoutOwnKeys } from '../../../workers/gateway/mcp/own-keys.ts';

const DENIAL = { code: 'no_grant', authorization_details: [] };

test.each(['hewn.dev/denial', 'hewn/denial', 'HEWN.dev/other'])(
  'removes %s from the `_meta` that a server sends',
  (key) => {
    const answer: JsonObject = { id: 1, result: { _meta: { [key]: DENIAL, 'a.example/x': 1 } } };
    expect(withoutOwnKeys(answer)).toEqual({ id: 1, result: { _meta: { 'a.example/x': 1 } } });
  },
);

test("removes what an agent would ask for from a server's error, and keeps its other data", () => {
  const answer: JsonObject = { id: 1, error: { code: -1, data: DENIAL } };
  expect(withoutOwnKeys(answer)).toEqual({
    id: 1,
    error: { code: -1, data: { code: 'no_grant' } },
  });
});

test('removes both from an answer that is a result and an error at once', () => {
  const answer: JsonObject = {
    result: { _meta: { 'hewn.dev/denial': DENIAL } },
    error: { data: DENIAL },
  };
  expect(withoutOwnKeys(answer)).toEqual({
    result: { _meta: {} },
    error: { data: { code: 'no_grant' } },
  });
});

test.each([
  { id: 1, result: { content: [], _meta: { 'a.example/x': 1 } } },
  { id: 1, result: null },
  { id: 1, error: { code: 1, message: 'x' } },
])('returns any other answer unchanged', (answer) => {
  expect(withoutOwnKeys(answer)).toBe(answer);
});

const GRANT = { tool: 'mcp/bank/pay', action: 'write', dataset: 'accounts' };
const WANTED = { authorization_details: [{ type: 'hewn_task', grants: [GRANT] }] };
const META = { _meta: { 'hewn.dev/denial': WANTED } };
const AS_TEXT = { text: JSON.stringify(WANTED) };

test.each<[string, JsonObject]>([
  ['beside the result', { id: 1, result: {}, ...WANTED }],
  ['in the result', { id: 1, result: { content: [], ...WANTED } }],
  ['in the data of the result', { id: 1, result: { data: WANTED } }],
  ['in the result of a task', { id: 1, result: { status: 'completed', result: META } }],
  ['in the error of a task', { id: 1, result: { status: 'failed', error: { data: WANTED } } }],
  ['in a cause', { id: 1, result: { cause: { cause: { ...META } } } }],
  ['as the text of a failed request', { id: 1, error: { code: 1, message: '', data: AS_TEXT } }],
  ['in a cause of the error', { id: 1, error: { code: 1, data: { cause: WANTED } } }],
])('no server makes an agent ask for grants with a denial %s', async (_, answer) => {
  const { result, error } = withoutOwnKeys(answer) as Record<string, JsonObject>;
  const received = [withoutOwnKeys(answer), result, result?.result, result?.error, error];
  for (const given of [...received, { data: error?.data }]) {
    expect(await neededGrantsOf(given)).toBeUndefined();
    expect(await neededGrantsOf(JSON.stringify(given) ?? '')).toBeUndefined();
  }
});
