import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { hourOf } from '../../../src/questions/index.ts';
import { requestOf } from '../../../src/questions/recorded-request.ts';
import { AGENT, ALICE, AT, grant, mint, refusal, seenOf } from './scene.ts';

/** What the records of mints and refusals show of the requests behind them. */
test('reads the request of a mint: what was granted, and what was refused with its code', () => {
  const refused = [{ ...grant('write'), code: 'no_rule' }];
  expect(requestOf(mint({ refused, stepUp: true }))).toMatchObject({
    agent: AGENT,
    user: ALICE,
    owner: 'team:growth',
    stepUp: true,
    isMinted: true,
    outcomes: [
      { grant: grant(), verdict: 'granted', rule: 'allow if true' },
      { grant: grant('write'), verdict: 'no_rule' },
    ],
  });
});

test('a mint whose subject is its owner had no person', () => {
  expect(requestOf(mint({ subject: 'team:growth' }))).not.toHaveProperty('user');
});

test('reads the request of a refusal of the policy, and of no other refusal', () => {
  expect(requestOf(refusal())).toMatchObject({
    isMinted: false,
    outcomes: [{ grant: grant(), verdict: 'no_rule' }],
  });
  expect(requestOf(refusal({ code: 'rate_limited' }))).toBeUndefined();
});

test.each<[string, AuditRecord]>([
  ['an erased person', mint({ subject: undefined })],
  ['an erased task', mint({ task: undefined })],
  ['a digest for its grants', mint({ grants: { sha256: 'a', bytes: 1 } as never })],
  ['a digest for its task', mint({ task: { sha256: 'a', bytes: 1 } as never })],
  ['another kind', { event: 'hold' } as never],
])('a record with %s is no request', (_, record) => {
  expect(requestOf(record)).toBeUndefined();
});

test('counts requests that differ only in time once each, with their hours', () => {
  const seen = seenOf(mint(), mint(), mint({ task: 'another' }));
  expect(seen.taken).toBe(3);
  expect(seen.requests().map(({ task, count }) => [task, count])).toEqual([
    ['another', 1],
    ['report', 2],
  ]);
  expect(seen.requests()[1]?.hours).toEqual(new Map([[hourOf(AT), 2]]));
});

test('keeps the hits of a rule for 24 hours, and its total', () => {
  const day = 24 * 3_600_000;
  const seen = seenOf(mint({ at: AT }), mint({ at: AT + day, workflow: 'wf_2' }));
  expect(seen.hitsOf('allow if true')).toEqual({
    total: 2,
    last: AT + day,
    workflow: 'wf_2',
    hours: new Map([[hourOf(AT + day), 1]]),
  });
});

test('lists the parties of requests with what they occurred with', () => {
  const seen = seenOf(mint(), refusal({ agent: 'https://idp.example#other' }));
  expect([...seen.parties('agent').keys()]).toEqual([AGENT, 'https://idp.example#other']);
  const agent = seen.parties('agent').get(AGENT);
  expect(agent).toMatchObject({ mints: 1, refusals: 0 });
  expect(agent?.with).toMatchObject({
    subject: new Set([ALICE]),
    owner: new Set(['team:growth']),
    tool: new Set(['read']),
    dataset: new Set(['files/reports']),
  });
  // What was refused was not granted.
  expect(seen.parties('tool').get('read')).toMatchObject({ mints: 1, refusals: 0 });
  expect(seen.given()).toMatchObject([{ agent: AGENT, tool: 'read', given: 1 }]);
});

test('is bounded, and says when it has dropped something', () => {
  const seen = seenOf();
  for (let n = 0; n < 2_000; n++) seen.take(mint({ task: `task ${n}` }));
  expect(seen.hasDropped).toBe(false);
  seen.take(mint({ task: 'one more' }));
  expect(seen.hasDropped).toBe(true);
  expect(seen.requests()).toHaveLength(2_000);
  expect(seen.requests().some(({ task }) => task === 'task 0')).toBe(false);
  expect(seen.parties('agent').get(AGENT)?.mints).toBe(2_001);
});
