import { describe, expect, test } from 'vitest';
import { type CallQuestion, describeQuestion, questionLines } from '../../../src/approval/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';

/** A question for single calls, as a person reads it. */
const CALL = {
  tool: 'mcp/bank/send_money',
  action: 'execute',
  dataset: ['bank/eu'],
  args: { to: ['CH93', 'DE12'], amount: 120, note: '', more: {} },
  sinks: ['/to/0', '/to/1'],
} as const;
const QUESTION: CallQuestion = {
  agent: 'idp#agent',
  subject: 'idp#carol',
  owner: 'team:growth',
  audience: 'https://gateway.example',
  task: 'pay bills',
  workflow: 'wf_1',
  version: 'a1'.repeat(32),
  calls: [CALL],
  validSeconds: 60,
};
const lines = (changes: Partial<CallQuestion> = {}, known?: Parameters<typeof questionLines>[2]) =>
  questionLines({ ...QUESTION, ...changes } as unknown as JsonObject, undefined, known);
const about = (all: ReturnType<typeof lines>, name: string) =>
  all.find((line) => line.name === name);

describe('a question for one call', () => {
  test('has a line for every value in its arguments, with the destinations marked', () => {
    const shown = lines().filter(({ tag }) => tag === 'new');
    expect(shown).toEqual([
      { tag: 'new', name: 'Call', value: 'execute with mcp/bank/send_money on bank/eu' },
      { tag: 'new', name: 'Argument /to/0', value: '"CH93"', label: 'destination' },
      { tag: 'new', name: 'Argument /to/1', value: '"DE12"', label: 'destination' },
      { tag: 'new', name: 'Argument /amount', value: '120' },
      { tag: 'new', name: 'Argument /note', value: '""' },
      { tag: 'new', name: 'Argument /more', value: '{}' },
    ]);
  });

  test('is about a workflow that exists, so its parties are the same', () => {
    const same = lines().filter(({ tag }) => tag === 'same');
    expect(same.map(({ name }) => name)).toEqual([
      ...['Agent', 'For', 'Owner', 'At', 'Task', 'Continues'],
      ...['Under the policy and catalogue', 'Seconds that the approval lives'],
    ]);
  });

  test('shows which value was approved before, and where a value came from', () => {
    const shown = lines({}, [
      { call: 0, pointer: '/to/1', isApproved: true },
      { call: 0, pointer: '/amount', source: 'stands in the request' },
    ]);
    expect(about(shown, 'Argument /to/0')?.tag).toBe('new');
    expect(about(shown, 'Argument /to/1')?.tag).toBe('same');
    expect(about(shown, 'Argument /amount')).toMatchObject({
      tag: 'new',
      source: 'stands in the request',
    });
  });

  // What a hijacked agent would have approved instead of a recipient whom the person knows.
  test.each([
    ['a Cyrillic letter', '\u0430nn@acme.example'],
    ['a Greek letter', '\u03bfnn@acme.example'],
    ['a full-width letter', '\uff41nn@acme.example'],
  ])('warns of a destination with %s between Latin ones', (_, to) => {
    const args = { ...CALL.args, to: [to, 'J\u00f6rg@acme.example'] };
    const shown = lines({ calls: [{ ...CALL, args }] });
    expect(about(shown, 'Argument /to/0')?.label).toBe(
      'destination, with letters that look like others',
    );
    expect(about(shown, 'Argument /to/1')?.label).toBe('destination');
    const words = describeQuestion({ ...QUESTION, calls: [{ ...CALL, args }] } as never);
    expect(words.join()).toContain('/to/0 (destination, with letters that look like others)');
  });

  test('says the same in words', () => {
    const words = describeQuestion(QUESTION as unknown as JsonObject);
    expect(words).toContain('  Argument /to/0 (destination): "CH93"');
    expect(words).toContain('workflow    "wf_1"');
    expect(words.some((line) => line.includes('May'))).toBe(false);
  });

  test('tells a number from its text', () => {
    const shown = lines({ calls: [{ ...CALL, args: { a: 7, b: '7' }, sinks: [] }] });
    expect(about(shown, 'Argument /a')?.value).toBe('7');
    expect(about(shown, 'Argument /b')?.value).toBe('"7"');
  });

  test('shows hidden characters of a value and of a name as their numbers', () => {
    const args = { 'a\u202e': 'b\u200bc' };
    const [line] = lines({ calls: [{ ...CALL, args, sinks: [] }] }).filter(
      ({ tag, name }) => tag === 'new' && name !== 'Call',
    );
    expect(line?.name).not.toContain('\u202e');
    expect(line?.value).not.toContain('\u200b');
  });

  test('of a form that this version does not know is shown as JSON', () => {
    for (const calls of [
      'later',
      [{ later: 1 }],
      ['x'],
      {},
    ] as unknown as CallQuestion['calls'][]) {
      expect(JSON.stringify(lines({ calls }))).toMatch(/later|x|\{\}/);
    }
  });
});

test('the calls of a batch are numbered, and a line of one is not taken for that of another', () => {
  const calls = [CALL, { ...CALL, args: { to: ['FR76'] }, sinks: ['/to/0'] }];
  const shown = lines({ calls }, [{ call: 1, pointer: '/to/0', isApproved: true }]);
  expect(about(shown, 'Call 1 of 2')).toBeDefined();
  expect(about(shown, 'Call 1, argument /to/0')?.tag).toBe('new');
  expect(about(shown, 'Call 2, argument /to/0')).toMatchObject({ tag: 'same', value: '"FR76"' });
});
