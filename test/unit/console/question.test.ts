import { describe, expect, test } from 'vitest';
import {
  answerOf,
  approvalState,
  hasChanged,
  linesOfWords,
  newWords,
  type QuestionLine,
  questionTitle,
  tagClass,
  tagWord,
} from '../../../src/console/approvals/question.ts';

const NOW = Date.parse('2026-11-28T10:42:07Z');
const line = (tag: QuestionLine['tag'], name: string): QuestionLine => ({ tag, name, value: 'x' });

describe('the question of an approval', () => {
  test('says how much of it is new', () => {
    const lines = [line('same', 'agent'), line('new', 'file'), line('new', 'edit')];
    expect(newWords(lines, true)).toBe(
      '2 of 3 lines, compared with what the workflow may do already',
    );
    expect(newWords(lines, false)).toBe('All of it: this would begin a workflow');
  });

  test.each([
    ['pending', 'wait', 'waits 1 min 14 s'],
    ['approved', 'ok', 'approved'],
    ['used', 'ok', 'approved and used'],
    ['refused', 'stop', 'refused'],
    ['expired', 'ended', 'ended without an answer'],
  ] as const)('shows the state %s with a mark and words', (state, mark, word) => {
    expect(approvalState(state, NOW / 1000 - 74, NOW)).toEqual({ mark, word });
  });

  test('answers with the digest that was shown, and not without a reason', () => {
    const form = { digest: 'd1', reason: ' agreed with Alice ', seconds: 300 };
    expect(answerOf('approve', form, NOW)).toEqual({
      decision: 'approve',
      digest: 'd1',
      reason: 'agreed with Alice',
      until: NOW / 1000 + 300,
    });
    expect(answerOf('refuse', form, NOW)).toEqual({
      decision: 'refuse',
      digest: 'd1',
      reason: 'agreed with Alice',
    });
    expect(answerOf('approve', { ...form, reason: '  ' }, NOW)).toBeUndefined();
  });

  test('notices that the question is not the one that was read', () => {
    expect(hasChanged({ id: 'a', digest: '1' }, { id: 'a', digest: '2' })).toBe(true);
    expect(hasChanged({ id: 'a', digest: '1' }, { id: 'a', digest: '1' })).toBe(false);
    expect(hasChanged({ id: 'a', digest: '1' }, { id: 'b', digest: '2' })).toBe(false);
    expect(hasChanged(undefined, { id: 'a', digest: '1' })).toBe(false);
  });
});

describe('the title of a question', () => {
  const grants = [{ tool: 'mcp/files/edit', action: 'write', dataset: 'files/summaries' }];

  test.each([
    [{ task: 'churn report', grants }, 'Begin: churn report'],
    [{ grants }, 'Begin a workflow'],
    [{ stepUp: true, grants, adds: grants }, 'Write files/summaries'],
    [
      { stepUp: true, adds: [{ tool: 't', action: 'send', dataset: 'mail' }, {}, {}] },
      'Send on mail, and 2 more',
    ],
    [
      {
        stepUp: true,
        adds: [{ tool: 'mail.send', dataset: 'mail', pointer: '/to', values: ['a'] }],
      },
      'Other arguments: /to of mail.send on mail',
    ],
    [{ stepUp: true, adds: [] }, 'More than the workflow may do'],
    [{ stepUp: true, adds: 'nonsense' }, 'More than the workflow may do'],
  ])('%j', (question, title) => {
    expect(questionTitle(question)).toBe(title);
  });
});

test('tells what a step-up adds from what the workflow has, if a question has only words', () => {
  const words = [
    'agent       "corp#report"',
    'adds to the workflow',
    '  "write" is new',
    'may',
    '  "read"',
  ];
  expect(linesOfWords(words, true)).toEqual([
    { tag: 'same', name: 'agent', value: '"corp#report"' },
    { tag: 'new', name: 'adds to the workflow', value: '"write" is new' },
    { tag: 'same', name: 'may', value: '"read"' },
  ]);
  expect(linesOfWords(words, false).every(({ tag }) => tag === 'new')).toBe(true);
});

test('a tag of a newer issuer is its own word, and marked as what is new', () => {
  expect(['new', 'same', 'gone', 'once', 'toString'].map(tagWord)).toEqual([
    ...['new', 'as before', 'no longer', 'once', 'toString'],
  ]);
  expect(['same', 'once'].map(tagClass)).toEqual(['same', 'new']);
});
