import { describe, expect, test } from 'vitest';
import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import {
  checkOrder,
  type HeldApproval,
  judgePoll,
  stateAt,
} from '../../../workers/issuer/approval/decide.ts';

const NOW = 1_000_000_000;
const seconds = NOW / 1000;
const HELD: HeldApproval = {
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
const APPROVED: HeldApproval = {
  ...HELD,
  state: 'approved',
  deadline: seconds + 60,
  decision: DECISION,
};
const poll = (held: HeldApproval | undefined, changes: object = {}) =>
  judgePoll(held, { agent: 'agent', digest: 'd', now: NOW, ...changes });

describe('a poll', () => {
  test('of what is approved is the answer, until the moment that it ends', () => {
    const answer = { ok: true, value: { by: 'carol', until: seconds + 60 } };
    expect(poll(APPROVED, { now: NOW + 59_999 })).toEqual(answer);
    expect(poll(APPROVED, { now: NOW + 60_000 })).toMatchObject({
      error: { code: 'approval_expired' },
    });
  });

  test.each([
    ['of another agent', HELD, { agent: 'other' }, 'unknown'],
    ['of another agent, approved', APPROVED, { agent: 'other' }, 'unknown'],
    ['of nothing', undefined, {}, 'unknown'],
    ['of another question', HELD, { digest: 'e' }, 'question_differs'],
    ['of another question, approved', APPROVED, { digest: 'e' }, 'question_differs'],
    ['of what was used', { ...APPROVED, state: 'used' as const }, {}, 'used'],
  ])('%s says nothing of it', (_, held, changes, cause) => {
    expect(poll(held, changes)).toEqual({ ok: false, error: { code: 'approval_foreign', cause } });
  });

  test('within the interval slows down, up to a minute; at the interval it does not', () => {
    const polled = (milliseconds: number, interval: number) =>
      poll({ ...HELD, polled: NOW - milliseconds, interval });
    expect(polled(5_000, 5)).toMatchObject({ error: { code: 'approval_pending', interval: 5 } });
    const tooFast = { code: 'approval_polled_too_fast', interval: 10, expiresIn: 600 };
    expect(polled(4_999, 5)).toMatchObject({ error: tooFast });
    expect(polled(1, 60)).toMatchObject({ error: { interval: 60 } });
  });

  test('fails closed on an approval that nobody signed for', () => {
    const { decision: _, ...unsigned } = APPROVED;
    expect(() => poll(unsigned)).toThrow('by nobody');
  });
});

describe('an order', () => {
  const ORDER = { ...DECISION, id: 'apr_1' };
  const order = (held: HeldApproval | undefined, changes: object = {}) =>
    checkOrder(held, { ...ORDER, ...changes }, NOW);

  test('is carried out once; the same one again is, too', () => {
    expect(order(HELD)).toEqual({ ok: true, value: HELD });
    expect(order(APPROVED)).toEqual({ ok: true, value: null });
  });

  test.each([
    ['of nothing', undefined, {}, 'approval_unknown'],
    ['with the digest of another question', HELD, { digest: 'e' }, 'digest_differs'],
    ['by the agent itself', HELD, { by: 'agent' }, 'approver_is_agent'],
    ['without an end', HELD, { until: undefined }, 'until_invalid'],
    ['that ends now', HELD, { until: seconds }, 'until_invalid'],
    ['that ends after a working day', HELD, { until: seconds + 28_801 }, 'until_invalid'],
    ['that refuses until some time', HELD, { decision: 'refuse' }, 'until_invalid'],
    ['after the end', { ...HELD, deadline: seconds }, {}, 'approval_ended'],
    ['by somebody else, later', APPROVED, { by: 'dave' }, 'approval_ended'],
    ['for longer, later', APPROVED, { until: seconds + 61 }, 'approval_ended'],
  ])('%s is refused', (_, held, changes, code) => {
    expect(order(held, changes)).toMatchObject({ ok: false, error: { code } });
  });
});

test.each([
  ['pending', { deadline: seconds + 1 }, 'pending'],
  ['pending', { deadline: seconds }, 'expired'],
  ['pending', { deadline: seconds, decision: DECISION }, 'pending'],
  ['approved', { deadline: seconds }, 'expired'],
  ['refused', { deadline: seconds }, 'refused'],
  ['used', { deadline: seconds }, 'used'],
] as const)('%s with %j is %s', (state, changes, now) => {
  expect(stateAt({ ...HELD, state, ...changes }, NOW)).toBe(now);
});
