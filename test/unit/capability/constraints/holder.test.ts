import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import { type Call, callFacts, checkCall, type Grant } from '../../../../src/capability/index.ts';
import {
  AUDIENCE,
  appendSource,
  at,
  mintToken,
  must,
  narrowed,
  opened,
} from '../../fixtures/issuer.ts';

/** STANDARDS.md, negative tests 9, 15 and 18, for a token whose tool carries constraints. */

const SEND: Grant = {
  tool: 'bank.send',
  action: 'write',
  dataset: 'bank',
  constraints: {
    arguments: ['recipient', 'cc', 'amount'],
    constraints: {
      '/recipient': { oneOf: ['GB1', 'GB2'] },
      '/cc': { optional: { every: { suffix: '@acme.example' } } },
      '/amount': { number: { max: 50 } },
    },
  },
};
const READ: Grant = { tool: 'bank.read', action: 'read', dataset: 'bank' };
const token = () => mintToken({ grants: [SEND, READ] });

async function allows(text: string, args: JsonObject, tool = SEND.tool): Promise<boolean> {
  const call: Call = { tool, action: 'write', dataset: ['bank'], args };
  const facts = callFacts(new Date(at(1)), AUDIENCE, must(await checkCall(call)));
  const failed = (await opened(text)).failedChecks(facts);
  return failed.ok && failed.value.length === 0;
}

const GOOD: JsonObject = { recipient: 'GB1', amount: 50, cc: ['a@acme.example'] };
const BAD: readonly JsonObject[] = [
  { ...GOOD, recipient: 'GB3' },
  { ...GOOD, amount: 50.01 },
  { ...GOOD, cc: ['a@acme.example', 'a@evil.example'] },
  { ...GOOD, bcc: 'a@evil.example' },
  { amount: 1 },
];

describe('a holder that appends', () => {
  test.each([
    'tool("bank.read")',
    'arg("/recipient", "GB1")',
    'arg_micros("/amount", 1)',
    'arg_members("", {"/amount", "/recipient"})',
    'arg_forms("/cc/1", {"text"})',
    'tool("bank.read") <- tool($t)',
    'arg($p, "GB1") <- arg($p, $v)',
    'arg_members("", {"/amount", "/recipient"}) <- tool($t)',
    'check if true',
    'check if arg("/recipient", $v)',
  ])('%s takes no constraint back', async (source) => {
    const hostile = appendSource(token(), source);
    for (const args of BAD) expect(await allows(hostile, args)).toBe(false);
  });

  test.each<[string, JsonObject]>([
    ['a text for the array', { ...GOOD, cc: 'a@evil.example' }],
    ['an array for the text', { ...GOOD, recipient: ['GB1'] }],
    ['an array in the array', { ...GOOD, cc: [['a@evil.example']] }],
    ['an object for the array', { ...GOOD, cc: { 0: 'a@acme.example' } }],
    ['a text for the number', { ...GOOD, amount: '50' }],
    ['a number as a list', { ...GOOD, amount: [50] }],
    ['null', { ...GOOD, cc: null }],
    ['the name in capitals', { ...GOOD, CC: ['a@evil.example'] }],
    ['the name with its escape', { ...GOOD, 'cc/1': 'a@evil.example' }],
    ['nothing', {}],
  ])('nothing, and sends %s, is denied', async (_, args) => {
    expect(await allows(token(), args)).toBe(false);
  });
});

test('what keeps to the constraints is allowed, with and without what may lack', async () => {
  expect(await allows(token(), GOOD)).toBe(true);
  expect(await allows(token(), { recipient: 'GB2', amount: -1 })).toBe(true);
  for (const args of BAD) expect(await allows(token(), args)).toBe(false);
});

test('another tool of the token is not blocked with it', async () => {
  for (const args of [GOOD, ...BAD, {}]) expect(await allows(token(), args, READ.tool)).toBe(true);
});

test('a holder that drops the constrained tool keeps the other', async () => {
  const read = await narrowed(token(), { tool: READ.tool });
  expect(await allows(read, {}, READ.tool)).toBe(true);
  expect(await allows(read, GOOD)).toBe(false);
});

test('a holder constrains further, never less', async () => {
  const less = { '/recipient': { oneOf: ['GB1', 'GB3'] } };
  const cut = await narrowed(token(), { constraints: less });
  expect(await allows(cut, GOOD)).toBe(true);
  expect(await allows(cut, { ...GOOD, recipient: 'GB2' })).toBe(false);
  expect(await allows(cut, { ...GOOD, recipient: 'GB3' })).toBe(false);
});
