import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import { type Call, callFacts, checkCall, type Grant } from '../../../../src/capability/index.ts';
import {
  AUDIENCE,
  appendSource,
  at,
  mintToken,
  narrowed,
  opened,
  unwrap,
} from '../../fixtures/issuer.ts';

/** Attacks by the holder of a token whose tool has constraints. */

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
  const facts = callFacts(new Date(at(1)), AUDIENCE, unwrap(await checkCall(call)));
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

describe('a holder who appends', () => {
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
  ])('%s cancels no constraint', async (source) => {
    const hostile = appendSource(token(), source);
    for (const args of BAD) expect(await allows(hostile, args)).toBe(false);
  });

  test.each<[string, JsonObject]>([
    ['a text instead of the array', { ...GOOD, cc: 'a@evil.example' }],
    ['an array instead of the text', { ...GOOD, recipient: ['GB1'] }],
    ['an array in the array', { ...GOOD, cc: [['a@evil.example']] }],
    ['an object instead of the array', { ...GOOD, cc: { 0: 'a@acme.example' } }],
    ['a text instead of the number', { ...GOOD, amount: '50' }],
    ['a number as a list', { ...GOOD, amount: [50] }],
    ['null', { ...GOOD, cc: null }],
    ['the name in upper case', { ...GOOD, CC: ['a@evil.example'] }],
    ['the name with a pointer escape', { ...GOOD, 'cc/1': 'a@evil.example' }],
    ['nothing', {}],
  ])('nothing, and sends %s, is denied', async (_, args) => {
    expect(await allows(token(), args)).toBe(false);
  });
});

test('allows a call that meets the constraints, with and without optional arguments', async () => {
  expect(await allows(token(), GOOD)).toBe(true);
  expect(await allows(token(), { recipient: 'GB2', amount: -1 })).toBe(true);
  for (const args of BAD) expect(await allows(token(), args)).toBe(false);
});

test('does not affect another tool of the token', async () => {
  for (const args of [GOOD, ...BAD, {}]) expect(await allows(token(), args, READ.tool)).toBe(true);
});

test('a holder who narrows to the other tool keeps that tool', async () => {
  const read = await narrowed(token(), { tool: READ.tool });
  expect(await allows(read, {}, READ.tool)).toBe(true);
  expect(await allows(read, GOOD)).toBe(false);
});

test('a holder can add constraints and remove none', async () => {
  const less = { '/recipient': { oneOf: ['GB1', 'GB3'] } };
  const cut = await narrowed(token(), { constraints: less });
  expect(await allows(cut, GOOD)).toBe(true);
  expect(await allows(cut, { ...GOOD, recipient: 'GB2' })).toBe(false);
  expect(await allows(cut, { ...GOOD, recipient: 'GB3' })).toBe(false);
});
