import { describe, expect, test } from 'vitest';
import type { FlowRule } from '../../../src/catalogue/index.ts';
import { decideFlow } from '../../../src/labels/decide.ts';

const rule = (when: readonly string[], leaving: FlowRule['leaving'], rest = {}): FlowRule => ({
  when,
  leaving,
  reason: `because of ${when.join(' and ')}`,
  ...rest,
});
const known = (...labels: string[]) => ({ labels, label: 'exact' as const });
const CALL = { isSameOwner: false, isApproved: false };
const codeOf = (...args: Parameters<typeof decideFlow>) => {
  const decided = decideFlow(...args);
  return decided.ok ? 'allowed' : decided.error.code;
};

describe('a call that leaves', () => {
  test('is allowed before anything was read, and without a rule', () => {
    expect(codeOf([rule(['private'], 'deny')], known(), CALL)).toBe('allowed');
    expect(codeOf([], known('private'), CALL)).toBe('allowed');
  });

  test('is held by a rule only if all of its labels were read', () => {
    const both = [rule(['private', 'untrusted'], 'deny')];
    expect(codeOf(both, known('private'), CALL)).toBe('allowed');
    expect(codeOf(both, known('untrusted'), CALL)).toBe('allowed');
    expect(codeOf(both, known('private', 'untrusted', 'other'), CALL)).toBe('flow_denied');
  });

  test('is denied by a rule that denies, whatever another asks and a person approved', () => {
    const rules = [rule(['a'], 'ask'), rule(['b'], 'deny')];
    expect(codeOf(rules, known('a', 'b'), { ...CALL, isApproved: true })).toBe('flow_denied');
    expect(codeOf(rules, known('a'), { ...CALL, isApproved: true })).toBe('allowed');
    expect(codeOf(rules, known('a'), CALL)).toBe('flow_unapproved');
  });

  test('goes to the same owner only where the rule excepts it', () => {
    const own = { ...CALL, isSameOwner: true };
    const excepting = rule(['a'], 'deny', { exceptSameOwner: true });
    expect(codeOf([excepting], known('a'), own)).toBe('allowed');
    expect(codeOf([excepting], known('a'), CALL)).toBe('flow_denied');
    expect(codeOf([excepting, rule(['a'], 'ask')], known('a'), own)).toBe('flow_unapproved');
  });

  test('is denied with the rule, its reason, and how the labels were known', () => {
    const decided = decideFlow(
      [rule(['private', 'hr'], 'ask')],
      { labels: ['hr', 'private'], label: 'assumed' },
      CALL,
    );
    expect(decided).toEqual({
      ok: false,
      error: {
        code: 'flow_unapproved',
        labels: 'private hr',
        label: 'assumed',
        reason: 'because of private and hr',
        approvable: true,
      },
    });
  });
});
