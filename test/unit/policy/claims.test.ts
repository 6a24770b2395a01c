import { describe, expect, test } from 'vitest';
import { CLAIM_FACTS_MAX, CLAIMS_BYTES_MAX } from '../../../src/policy/claims.ts';
import { type Claims, loadPolicy } from '../../../src/policy/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { decide, input, STAFF } from './deciding.ts';

describe('a workflow without a user', () => {
  const { user: _, ...alone } = input();
  const asked = (source: string) => {
    const loaded = loadPolicy([{ name: 'test.datalog', source: `${STAFF} ${source}` }], CATALOGUE);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    const { granted, refused, unattended } = loaded.value.decide(alone);
    return [granted.length, refused[0]?.code, unattended];
  };

  test('is refused unless the policy states that it may run unattended', () => {
    expect(asked('allow if true')).toEqual([0, 'user_missing', false]);
  });

  test('is granted if the policy allows it for this request', () => {
    expect(asked('unattended(true) <- tool("read"); allow if true')).toEqual([1, undefined, true]);
    expect(asked('unattended(true) <- tool("x"); allow if true')).toEqual([
      ...[0, 'user_missing', false],
    ]);
  });

  test.each(['unattended(false)', 'unattended("true")', 'unattended(1)'])(
    'is not allowed by %s',
    (fact) => {
      expect(asked(`${fact}; allow if true`)).toEqual([0, 'user_missing', false]);
      expect(asked(`${fact}; unattended(true); allow if true`)).toEqual([
        ...[0, 'user_missing', false],
      ]);
    },
  );

  test('does not affect a workflow with a user', () => {
    expect(decide(`${STAFF} allow if true`).unattended).toBe(false);
    expect(decide(`${STAFF} unattended(true); allow if true`).granted).toHaveLength(1);
  });
});

describe('the claims of an identity', () => {
  const person = (claims: Claims) => ({ user: { issuerName: 'idp', subject: 'alice', claims } });
  const allowed = (condition: string, claims: Claims) =>
    decide(`${STAFF} allow if ${condition}`, person(claims)).granted.length === 1;

  test('become facts with name and value, one for each element of an array', () => {
    const claims = { groups: ['sales', 'finance'], level: 3, active: true, share: 0.5, none: [] };
    for (const condition of [
      'user_claim("groups", "finance")',
      'user_claim("groups", "sales")',
      'user_claim("level", 3)',
      'user_claim("active", true)',
      'user_claim("share", "0.5")',
    ]) {
      expect(allowed(condition, claims), condition).toBe(true);
    }
    for (const condition of [
      'user_claim("groups", "fin")',
      'user_claim("level", "3")',
      'user_claim("none", $any)',
      'workload_claim("groups", "finance")',
      'user_claim($name, null)',
    ]) {
      expect(allowed(condition, claims), condition).toBe(false);
    }
  });

  test('are terms and never Datalog text', () => {
    const claims = { x: '"); owner("me' };
    expect(allowed('user_claim("x", "\\"); owner(\\"me")', claims)).toBe(true);
  });

  test('become no fact for an object or null', () => {
    expect(allowed('user_claim($n, $v)', { a: null, b: { c: 'd' }, e: [['f'], { g: 1 }] })).toBe(
      false,
    );
  });

  test('of the agent and of the person are separate facts', () => {
    const workload = { issuerName: 'idp', subject: 'agent', claims: { ref_protected: 'true' } };
    const source = `${STAFF} allow if workload_claim("ref_protected", "true")`;
    expect(decide(source, { workload }).granted).toHaveLength(1);
    expect(decide(source, person({ ref_protected: 'true' })).granted).toHaveLength(0);
  });

  test.each<[string, Claims]>([
    ['too many', { groups: Array.from({ length: CLAIM_FACTS_MAX + 1 }, (_, i) => `${i}`) }],
    ['too long', { groups: ['x'.repeat(CLAIMS_BYTES_MAX)] }],
    ['not well-formed', { groups: ['\ud800'] }],
  ])('that are %s refuse everything, because a deny would not see the rest', (_, claims) => {
    const source = `${STAFF} deny if user_claim("groups", "banned"); allow if true`;
    expect(decide(source, person(claims)).refused).toMatchObject([
      { code: 'input_invalid', field: 'user_claim' },
    ]);
  });

  test('cannot be stated by a policy', () => {
    const source = 'user_claim("groups", "finance"); allow if user_claim("groups", "finance")';
    expect(loadPolicy([{ name: 'a', source }], CATALOGUE)).toMatchObject({
      error: { why: 'user_claim is a fact of the request, which a policy must not state' },
    });
  });
});
