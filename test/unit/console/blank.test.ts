import { expect, test } from 'vitest';
import { type Blank, fillBlank } from '../../../src/console/policy/blank.ts';
import { fillIntoDraft, takeIntoDraft } from '../../../src/console/policy/proposal.ts';
import { proposeChange } from '../../../src/console/policy/proposed-change.ts';

const DIFF = [
  { sign: '-', text: 'require_constraint("/to", {"oneOf": ["a"]});' },
  { sign: '+', text: 'require_constraint("/to", {"oneOf": ["a", "<value>"]});' },
] as const;

const fill = (form: Blank['form'], given: string, text = '"<value>"') =>
  fillBlank(
    [
      { sign: '-', text },
      { sign: '+', text },
    ],
    { text, form, pointer: '/to' },
    given,
  )?.map((line) => line.text);

test.each<[Blank['form'], string, string | undefined]>([
  ['text', ' 12 ', '"12"'],
  ['text', 'say "hi" \\', '"say \\"hi\\" \\\\"'],
  ['text', '', undefined],
  ['number', '12.5', '12.5'],
  ['number', '-3', '-3'],
  ['number', '0x10', undefined],
  ['number', '1; allow if true', undefined],
  ['scalar', 'true', 'true'],
  ['scalar', '"7"', '"7"'],
  ['scalar', '7', '7'],
  ['scalar', '{"a": 1}', '"{\\"a\\": 1}"'],
  ['origin', 'GB1', '"=GB1"'],
  ['origin', '7', '"#7"'],
  ['origin', 'true', undefined],
])('a blank for a %s takes %j as %j', (form, given, written) => {
  expect(fill(form, given)?.[1]).toBe(written);
});

test('fills added lines only', () => {
  expect(fill('text', 'x')?.[0]).toBe('"<value>"');
});

test('a change with a blank is put into the draft once it is filled in, and not before', () => {
  const texts = new Map([['p.datalog', 'a;\nrequire_constraint("/to", {"oneOf": ["a"]});']]);
  const draft = new Map<string, string>();
  const blank: Blank = { text: '"<value>"', form: 'text', pointer: '/to' };
  proposeChange({ what: 'x', from: 'y', file: 'p.datalog', diff: DIFF, warning: undefined, blank });
  const proposal = takeIntoDraft(draft, texts);
  expect([proposal?.standing, draft.size]).toEqual(['blank', 0]);
  if (!proposal) throw new Error('nothing was proposed');
  expect(fillIntoDraft(proposal, '', draft, texts)).toBeUndefined();
  expect(draft.size).toBe(0);
  expect(fillIntoDraft(proposal, 'b', draft, texts)?.standing).toBe('in draft');
  expect(draft.get('p.datalog')).toBe('a;\nrequire_constraint("/to", {"oneOf": ["a", "b"]});');
});

test('a line for no certain file is put at the end of the first', () => {
  const texts = new Map([['p.datalog', 'a;']]);
  const draft = new Map<string, string>();
  const diff = [{ sign: '+', text: 'b;' }] as const;
  proposeChange({ what: 'x', from: 'y', file: undefined, diff, warning: undefined });
  expect(takeIntoDraft(draft, texts)).toMatchObject({ file: 'p.datalog', standing: 'in draft' });
  expect(draft.get('p.datalog')).toBe('a;\nb;');
});
