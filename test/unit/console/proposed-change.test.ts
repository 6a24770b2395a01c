import { expect, test } from 'vitest';
import {
  proposeChange,
  takeProposedChange,
  withChange,
} from '../../../src/console/policy/proposed-change.ts';

const TEXT = 'allow if\n  a;\n\nallow if\n  b;\n';
const line = (text: string, sign: ' ' | '+' | '-' = ' ') => ({ sign, text });

test('puts a change where its lines of context stand', () => {
  const diff = [line('allow if'), line('  b;'), line('', '+'), line('allow if c;', '+')];
  expect(withChange(TEXT, diff)).toBe('allow if\n  a;\n\nallow if\n  b;\n\nallow if c;\n');
  expect(withChange(TEXT, [line('  a;', '-'), line('  z;', '+')])).toBe(
    'allow if\n  z;\n\nallow if\n  b;\n',
  );
});

test('puts a change without context at the end', () => {
  expect(withChange('a;', [line('b;', '+')])).toBe('a;\nb;');
  expect(withChange('a;\n', [line('b;', '+')])).toBe('a;\nb;\n');
});

test('makes no change where its place is gone or not the only one', () => {
  expect(withChange(TEXT, [line('  c;'), line('d', '+')])).toBeUndefined();
  expect(withChange(TEXT, [line('allow if'), line('d', '+')])).toBeUndefined();
});

test('hands a proposed change on once', () => {
  const change = { what: 'x', from: 'y', file: 'a.datalog', diff: [], warning: undefined };
  proposeChange(change);
  expect(takeProposedChange()).toBe(change);
  expect(takeProposedChange()).toBeUndefined();
});
