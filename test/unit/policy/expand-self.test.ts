import { expect, test } from 'vitest';
import type { Constraint } from '../../../src/capability/index.ts';
import { expandSelf } from '../../../src/policy/expand-self.ts';
import type { Principal } from '../../../src/policy/policy.ts';

const sinks = [
  { argument: '/to', kind: 'email' },
  { argument: '/to/*', kind: 'email' },
  { argument: '/to/*/id', kind: 'employee' },
] as const;
const user: Principal = {
  issuerName: 'idp',
  subject: 'alice',
  claims: { email: ['alice@acme.example', 'al@acme.example'], employee: 7, name: 'Alice' },
};
const expanded = (constraint: Constraint, who: Principal | undefined = user): unknown =>
  expandSelf({ '/to': constraint }, { sink: sinks }, who)['/to'];

const OWN = ['=alice@acme.example', '=al@acme.example'] as const;

test.each<[Constraint, Constraint]>([
  [{ from: ['self'] }, { from: OWN }],
  [{ from: ['prompt', 'self', OWN[0]] }, { from: ['prompt', ...OWN] }],
  [{ optional: { every: { from: ['self'] } } }, { optional: { every: { from: OWN } } }],
  [{ each: { id: { from: ['self'] } } }, { each: { id: { from: ['#7'] } } }],
  [
    { orEmpty: { eachHas: { id: { from: ['self'] } } } },
    { orEmpty: { eachHas: { id: { from: ['#7'] } } } },
  ],
  [
    { each: { id: { optional: { from: ['self'] } } } },
    { each: { id: { optional: { from: ['#7'] } } } },
  ],
  [
    { allOf: [{ from: ['self'] }, { any: { anyOf: [{ from: ['self'] }, { exact: 'a' }] } }] },
    { allOf: [{ from: OWN }, { any: { anyOf: [{ from: OWN }, { exact: 'a' }] } }] },
  ],
  [{ exact: 'self' }, { exact: 'self' }],
  [{ oneOf: ['self', 'from'] }, { oneOf: ['self', 'from'] }],
  [{ from: ['=self'] }, { from: ['=self'] }],
])('the person in %j becomes %j', (constraint, wanted) => {
  expect(expanded(constraint)).toEqual(wanted);
});

test('without a value of the person, the origin is left out, or is met by nothing', () => {
  expect(expanded({ from: ['self', 'prompt'] }, { issuerName: 'idp', subject: 'bob' })).toEqual({
    from: ['prompt'],
  });
  expect(expanded({ from: ['self'] }, { issuerName: 'idp', subject: 'bob' })).toEqual({
    from: ['self'],
  });
  expect(expandSelf({ '/cc': { from: ['self', 'prompt'] } }, { sink: sinks }, user)).toEqual({
    '/cc': { from: ['prompt'] },
  });
});

test('a claim that is no value of a constraint changes nothing', () => {
  const long = { ...user, claims: { email: 'a'.repeat(600) } };
  expect(expanded({ from: ['self'] }, long)).toEqual({ from: ['self'] });
  const odd = { ...user, claims: { email: [true, null, { a: 1 }, 'a@b.example'] } };
  expect(expanded({ from: ['self'] }, odd)).toEqual({ from: ['=a@b.example'] });
});

test('of a person with more values than a constraint takes, the first 64 count', () => {
  const email = Array.from({ length: 70 }, (_, i) => `a${i}@acme.example`);
  const from = email.slice(0, 64).map((one) => `=${one}`);
  expect(expanded({ from: ['self'] }, { ...user, claims: { email } })).toEqual({ from });
});
