import { describe, expect, test } from 'vitest';
import { mergeGrants } from '../../../src/agent/merge-grants.ts';
import type { ArgumentConstraints, Constraint, Grant } from '../../../src/capability/index.ts';

const to = (constraint: Constraint, names = ['to', 'body']): ArgumentConstraints => ({
  arguments: names,
  constraints: { '/to': constraint },
});
const SEND: Grant = { tool: 'mail.send', action: 'write', dataset: 'mail/eu' };
const BOB: Grant = { ...SEND, constraints: to({ subsetOf: ['bob'] }) };
const CAROL: Grant = { ...SEND, constraints: to({ subsetOf: ['carol'] }) };
const BOTH = to({ subsetOf: ['bob', 'carol'] });
const READ: Grant = { tool: 'files.read', action: 'read', dataset: 'files' };

const grantsOf = (held: readonly Grant[], needed: readonly Grant[]) => {
  const widened = mergeGrants(held, needed);
  return widened.ok ? widened.value.grants : widened.error;
};

describe('a capability that is widened', () => {
  test('by a grant of another tool has both, each with its own constraints', () => {
    expect(grantsOf([READ, BOB], [{ ...CAROL, tool: 'mail.draft' }])).toEqual([
      READ,
      BOB,
      { ...CAROL, tool: 'mail.draft' },
    ]);
  });

  test('by a value has the tool once, with the value beside those that it had', () => {
    expect(grantsOf([READ, BOB], [CAROL])).toEqual([READ, { ...SEND, constraints: BOTH }]);
  });

  test('by a dataset and a value has the same constraints for both datasets', () => {
    const other = { ...CAROL, dataset: 'mail/us' };
    expect(grantsOf([BOB], [other])).toEqual([
      { ...SEND, constraints: BOTH },
      { ...other, constraints: BOTH },
    ]);
  });

  test('keeps constraints that a denied call says nothing of', () => {
    const { constraints: _, ...bare } = { ...CAROL, dataset: 'mail/us' };
    expect(grantsOf([BOB], [bare])).toEqual([BOB, { ...bare, constraints: BOB.constraints }]);
  });

  test('stays unbounded where its tool is', () => {
    expect(grantsOf([SEND], [{ ...CAROL, dataset: 'mail/us' }])).toEqual([
      SEND,
      { ...SEND, dataset: 'mail/us' },
    ]);
  });

  test('asks for nothing where a form takes no further value, and says which', () => {
    const pattern = { ...SEND, constraints: to({ every: { suffix: '@acme.example' } }) };
    const conflict = { code: 'constraints_conflict', tool: 'mail.send', pointer: '/to' };
    expect(grantsOf([pattern], [CAROL])).toEqual(conflict);
    expect(grantsOf([{ ...SEND, constraints: to({ exact: 'bob' }) }], [CAROL])).toEqual(conflict);
  });

  test('names what is needed once', () => {
    expect(grantsOf([READ], [CAROL, CAROL])).toEqual([READ, CAROL]);
    expect(grantsOf([BOB], [BOB])).toEqual([BOB]);
  });
});
