import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findDeviations,
  judgeStop,
  type ObservedRecord,
  OUT_OF_SCOPE,
  RULES,
  type RuleInput,
  type Stop,
} from '../../../src/lifecycle/index.ts';

const scene = (change: Partial<RuleInput> = {}): RuleInput => ({
  records: [],
  stepUps: [],
  tripwires: { tools: [], datasets: [] },
  overruns: [],
  ...change,
});
const denial = (
  id: string,
  seconds: number,
  change: Partial<ObservedRecord> = {},
): ObservedRecord => ({
  id,
  at: seconds * 1000,
  allowed: false,
  code: 'no_grant',
  tier: 1,
  ...change,
});
const found = (change: Partial<RuleInput>) =>
  findDeviations(RULES, scene(change)).map(({ rule, evidence }) => [rule, evidence]);

describe('the out-of-scope rules', () => {
  test('count exactly the denials of calls that the capability does not cover', () => {
    expect(OUT_OF_SCOPE).toEqual([
      'no_grant',
      'caveat_failed',
      'constraint_failed',
      'tool_unknown',
      'argument_unlisted',
      'dataset_unmappable',
    ]);
  });

  test('suspend after three denials within 60 s, with those three as evidence', () => {
    const records = [denial('a', 0), denial('b', 30), denial('c', 60)];
    expect(found({ records })).toEqual([['out-of-scope', ['a', 'b', 'c']]]);
    expect(found({ records: records.slice(1) })).toEqual([]);
  });

  test('ignore three denials within 61 s, and denials with other codes', () => {
    expect(found({ records: [denial('a', 0), denial('b', 30), denial('c', 60.001)] })).toEqual([]);
    const others = ['expired', 'revoked', 'head_stale', 'proof_invalid', 'method_denied'];
    for (const code of others) {
      const records = ['a', 'b', 'c', 'd'].map((id) => denial(id, 1, { code }));
      expect(found({ records })).toEqual([]);
    }
  });

  test('suspend after two denials of tier 3', () => {
    const records = [denial('a', 0, { tier: 3 }), denial('b', 1), denial('c', 2, { tier: 3 })];
    expect(found({ records })).toEqual([
      ['out-of-scope-irreversible', ['a', 'c']],
      ['out-of-scope', ['a', 'b', 'c']],
    ]);
  });

  test('use the times in the records, so that late and repeated records change nothing', () => {
    const records = [denial('c', 50), denial('a', 0), denial('b', 30)];
    expect(found({ records })).toEqual([['out-of-scope', ['a', 'b', 'c']]]);
  });

  test('agree with a naive model: some window of 60 s has three denials', () => {
    const times = fc.array(fc.nat(300), { maxLength: 8 });
    fc.assert(
      fc.property(times, (seconds) => {
        const records = seconds.map((second, i) => denial(`${i}`, second));
        const holds = seconds.some(
          (from) => seconds.filter((one) => one >= from && one <= from + 60).length >= 3,
        );
        expect(found({ records }).length > 0).toBe(holds);
      }),
    );
  });
});

describe('a denial that invites a step-up', () => {
  const asking = (id: string, seconds: number, change: Partial<ObservedRecord> = {}) =>
    denial(id, seconds, { invites: true, tool: 'mail.send', datasets: ['mail/eu'], ...change });
  const many = (count: number, step = 1) =>
    Array.from({ length: count }, (_, i) => asking(`${i}`, i * step));

  test('does not count as out of scope, not even at tier 3', () => {
    const records = many(6).map((record) => ({ ...record, tier: 3 }));
    expect(found({ records })).toEqual([]);
    const mixed = [...many(2), denial('x', 2, { code: 'tool_unknown' })];
    expect(found({ records: mixed })).toEqual([]);
  });

  test('counts if no step-up follows: twenty within five minutes suspend the workflow', () => {
    expect(found({ records: many(19) })).toEqual([]);
    expect(found({ records: many(20, 15) })).toMatchObject([
      ['asked-without-answer', { length: 20 }],
    ]);
    expect(found({ records: many(20, 16) })).toEqual([]);
  });

  test('does not count once the workflow has stepped up to what the call lacked', () => {
    const grants = [{ tool: 'mail.send', dataset: 'mail' }];
    const records = many(20);
    expect(found({ records, stepUps: [{ at: 60_000, grants }] })).toEqual([]);
    const before = [{ at: 5_000, grants }];
    expect(found({ records: many(26), stepUps: before })).toHaveLength(1);
    expect(found({ records: many(25), stepUps: before })).toEqual([]);
    for (const other of [
      { tool: 'mail.draft', dataset: 'mail' },
      { tool: 'mail.send', dataset: 'mail/us' },
    ]) {
      expect(found({ records, stepUps: [{ at: 60_000, grants: [other] }] })).toHaveLength(1);
    }
  });

  test('excuses another denial only if the workflow stepped up to what that one lacked', () => {
    const caveat = (id: string, datasets: readonly string[]) =>
      denial(id, 1, { code: 'caveat_failed', tool: 'mail.send', datasets });
    const answered = [{ at: 9_000, grants: [{ tool: 'mail.send', dataset: 'mail' }] }];
    const records = ['a', 'b', 'c'].map((id) => caveat(id, ['mail/eu']));
    expect(found({ records })).toHaveLength(1);
    expect(found({ records, stepUps: answered })).toEqual([]);
    const unknown = ['a', 'b', 'c'].map((id) => denial(id, 1, { code: 'tool_unknown' }));
    expect(found({ records: unknown, stepUps: answered })).toHaveLength(1);
    const half = ['a', 'b', 'c'].map((id) => caveat(id, ['mail/eu', 'crm']));
    expect(found({ records: half, stepUps: answered })).toHaveLength(1);
  });
});

describe('the other rules', () => {
  test('revoke the root if a call touches a tripwire tool or anything below a tripwire dataset', () => {
    const tripwires = { tools: ['vault.dump'], datasets: ['payroll'] };
    const touching = [
      denial('a', 0, { tool: 'vault.dump' }),
      denial('b', 0, { datasets: ['crm', 'payroll/2026'], allowed: true }),
    ];
    for (const record of touching) {
      expect(findDeviations(RULES, scene({ tripwires, records: [record] }))).toMatchObject([
        { rule: 'tripwire', action: 'revoke_root', evidence: [record.id] },
      ]);
    }
    const beside = denial('c', 0, { tool: 'vault', datasets: ['payroll-archive'] });
    expect(found({ tripwires, records: [beside] })).toEqual([]);
  });

  test('report a use after the end only for calls after the end', () => {
    const records = [denial('a', 9, { code: 'revoked' }), denial('b', 11, { code: 'revoked' })];
    expect(found({ records, endedAt: 10_000 })).toEqual([['used-after-end', ['b']]]);
    expect(found({ records })).toEqual([]);
  });

  test('suspend a workflow that exceeds a budget, and revoke it the third time', () => {
    expect(found({ overruns: [['a']] })).toEqual([['budget-exceeded', ['a']]]);
    expect(found({ overruns: [['a'], ['b'], ['c']] })[0]).toEqual(['budget-exceeded-again', ['c']]);
  });

  test('have unique ids, a version, and only codes of denials', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    expect(OUT_OF_SCOPE).toContain('no_grant');
  });
});

describe('the breaker', () => {
  const stops = (count: number, at = 0): Stop[] =>
    Array.from({ length: count }, (_, i) => ({ workflow: `wf${i}`, at }));

  test('lets a rule stop twenty workflows, and trips at the next one', () => {
    const state = { stops: stops(19), living: 30, tripped: false };
    expect(judgeStop(state, 'x', 1_000)).toMatchObject({ act: true, trips: false, bound: 20 });
    const full = { ...state, stops: stops(20) };
    expect(judgeStop(full, 'x', 1_000)).toMatchObject({ act: false, trips: true, stopped: 20 });
    expect(judgeStop({ ...full, tripped: true }, 'x', 9_999_999)).toMatchObject({
      act: false,
      trips: false,
    });
  });

  test('lets a rule stop 5 % of many workflows, and counts repeated requests for one workflow once', () => {
    const state = { stops: stops(99), living: 2_000, tripped: false };
    expect(judgeStop(state, 'x', 1_000)).toMatchObject({ act: true, bound: 100 });
    const full = { ...state, stops: stops(100) };
    expect(judgeStop(full, 'x', 1_000).act).toBe(false);
    expect(judgeStop(full, 'wf7', 1_000).act).toBe(true);
  });

  test('forgets stops that are more than five minutes old', () => {
    const state = { stops: stops(20), living: 30, tripped: false };
    expect(judgeStop(state, 'x', 300_000).act).toBe(true);
    expect(judgeStop(state, 'x', 299_999).act).toBe(false);
  });
});
