import { expect, test } from 'vitest';
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
