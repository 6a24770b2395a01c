import { describe, expect, test } from 'vitest';
import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import {
  type Approval,
  checkAnswer,
  decidePoll,
  stateAt,
} from '../../../workers/issuer/approval/state.ts';

const NOW = 1_000_000_000;
const seconds = NOW / 1000;
const PENDING: Approval = {
  id: 'apr_1',
  agent: 'agent',
  digest: 'd',
  state: 'pending',
  deadline: seconds + 600,
  interval: 5,
  polled: 0,
};
const DECISION: ApprovalDecidedRecord = {
  event: 'approval_decided',
  id: 'apr_1.decided',
  at: NOW,
  approval: 'apr_1',
  digest: 'd',
  decision: 'approve',
  actor: 'operator',
  by: 'carol',
  reason: 'why',
  until: seconds + 60,
};
const APPROVED: Approval = {
  ...PENDING,
  state: 'approved',
  deadline: seconds + 60,
  decision: DECISION,
};
const poll = (approval: Approval | undefined, changes: object = {}) =>
  decidePoll(approval, { agent: 'agent', digest: 'd', now: NOW, ...changes });

describe('a poll', () => {
  test('of an approved question returns the approval until the second it ends', () => {
    const answer = { ok: true, value: { by: 'carol', until: seconds + 60 } };
    expect(poll(APPROVED, { now: NOW + 59_999 })).toEqual(answer);
    expect(poll(APPROVED, { now: NOW + 60_000 })).toMatchObject({
      error: { code: 'approval_expired' },
    });
  });

  test.each([
    ['by another agent', PENDING, { agent: 'other' }, 'unknown'],
    ['by another agent after the approval', APPROVED, { agent: 'other' }, 'unknown'],
    ['of an unknown id', undefined, {}, 'unknown'],
    ['of another question', PENDING, { digest: 'e' }, 'question_differs'],
    ['of another question after the approval', APPROVED, { digest: 'e' }, 'question_differs'],
    ['of a used approval', { ...APPROVED, state: 'used' as const }, {}, 'used'],
  ])('%s is refused without disclosing the state', (_, approval, changes, cause) => {
    expect(poll(approval, changes)).toEqual({
      ok: false,
      error: { code: 'approval_foreign', cause },
    });
  });

  test('within the interval is slowed down, up to a minute, and one at the interval is not', () => {
    const polled = (milliseconds: number, interval: number) =>
      poll({ ...PENDING, polled: NOW - milliseconds, interval });
    expect(polled(5_000, 5)).toMatchObject({ error: { code: 'approval_pending', interval: 5 } });
    const tooFast = { code: 'approval_polled_too_fast', interval: 10, expiresIn: 600 };
    expect(polled(4_999, 5)).toMatchObject({ error: tooFast });
    expect(polled(1, 60)).toMatchObject({ error: { interval: 60 } });
  });

  test('of an approval without a record of its approver throws', () => {
    const { decision: _, ...unsigned } = APPROVED;
    expect(() => poll(unsigned)).toThrow('no record of who approved');
  });
});

describe('an answer', () => {
  const ANSWER = { ...DECISION, id: 'apr_1' };
  const answer = (approval: Approval | undefined, changes: object = {}) =>
    checkAnswer(approval, { ...ANSWER, ...changes }, NOW);

  test('is accepted, and accepted again without effect if it is repeated', () => {
    expect(answer(PENDING)).toEqual({ ok: true, value: PENDING });
    expect(answer(APPROVED)).toEqual({ ok: true, value: null });
  });

  test.each([
    ['to an unknown question', undefined, {}, 'approval_unknown'],
    ['with the digest of another question', PENDING, { digest: 'e' }, 'digest_differs'],
    ['by the agent itself', PENDING, { by: 'agent' }, 'approver_is_agent'],
    ['that approves without an end', PENDING, { until: undefined }, 'until_invalid'],
    ['that approves until now', PENDING, { until: seconds }, 'until_invalid'],
    [
      'that approves for more than eight hours',
      PENDING,
      { until: seconds + 28_801 },
      'until_invalid',
    ],
    ['that refuses with an end', PENDING, { decision: 'refuse' }, 'until_invalid'],
    ['after the deadline', { ...PENDING, deadline: seconds }, {}, 'approval_ended'],
    ['by another person after an approval', APPROVED, { by: 'dave' }, 'approval_ended'],
    ['with a later end after an approval', APPROVED, { until: seconds + 61 }, 'approval_ended'],
  ])('%s is refused', (_, approval, changes, code) => {
    expect(answer(approval, changes)).toMatchObject({ ok: false, error: { code } });
  });
});

test.each([
  ['pending', { deadline: seconds + 1 }, 'pending'],
  ['pending', { deadline: seconds }, 'expired'],
  ['pending', { deadline: seconds, decision: DECISION }, 'pending'],
  ['approved', { deadline: seconds }, 'expired'],
  ['refused', { deadline: seconds }, 'refused'],
  ['used', { deadline: seconds }, 'used'],
] as const)('the stored state %s with %j counts as %s', (state, changes, now) => {
  expect(stateAt({ ...PENDING, state, ...changes }, NOW)).toBe(now);
});
