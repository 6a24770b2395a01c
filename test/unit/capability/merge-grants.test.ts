import { describe, expect, test } from 'vitest';
import type { ArgumentConstraints, Constraint, Grant } from '../../../src/capability/index.ts';
import { mergeGrants } from '../../../src/capability/index.ts';

const to = (constraint: Constraint, names = ['to', 'body']): ArgumentConstraints => ({
  arguments: names,
  constraints: { '/to': constraint },
});
const SEND: Grant = { tool: 'mail.send', action: 'write', dataset: 'mail/eu' };
const BOB: Grant = { ...SEND, constraints: to({ subsetOf: ['bob'] }) };
const CAROL: Grant = { ...SEND, constraints: to({ subsetOf: ['carol'] }) };
const BOTH = to({ subsetOf: ['bob', 'carol'] });
const READ: Grant = { tool: 'files.read', action: 'read', dataset: 'files' };

const grantsOf = (current: readonly Grant[], needed: readonly Grant[]) => {
  const widened = mergeGrants(current, needed);
  return widened.ok ? widened.value.grants : widened.error;
};

describe('a merged capability', () => {
  test('has the grant of another tool too, each with its own constraints', () => {
    expect(grantsOf([READ, BOB], [{ ...CAROL, tool: 'mail.draft' }])).toEqual([
      READ,
      BOB,
      { ...CAROL, tool: 'mail.draft' },
    ]);
  });

  test('has the tool once, with the new value next to the current ones', () => {
    expect(grantsOf([READ, BOB], [CAROL])).toEqual([READ, { ...SEND, constraints: BOTH }]);
  });

  test('has the same constraints for a current and a new dataset', () => {
    const other = { ...CAROL, dataset: 'mail/us' };
    expect(grantsOf([BOB], [other])).toEqual([
      { ...SEND, constraints: BOTH },
      { ...other, constraints: BOTH },
    ]);
  });

  test('keeps constraints that the denied call does not mention', () => {
    const { constraints: _, ...bare } = { ...CAROL, dataset: 'mail/us' };
    expect(grantsOf([BOB], [bare])).toEqual([BOB, { ...bare, constraints: BOB.constraints }]);
  });

  test('stays without constraints if the tool has none', () => {
    expect(grantsOf([SEND], [{ ...CAROL, dataset: 'mail/us' }])).toEqual([
      SEND,
      { ...SEND, dataset: 'mail/us' },
    ]);
  });

  test('is refused if a constraint cannot take another value, and names it', () => {
    const pattern = { ...SEND, constraints: to({ every: { suffix: '@acme.example' } }) };
    const conflict = { code: 'constraints_conflict', tool: 'mail.send', pointer: '/to' };
    expect(grantsOf([pattern], [CAROL])).toEqual(conflict);
    expect(grantsOf([{ ...SEND, constraints: to({ exact: 'bob' }) }], [CAROL])).toEqual(conflict);
  });

  test('has each needed grant once', () => {
    expect(grantsOf([READ], [CAROL, CAROL])).toEqual([READ, CAROL]);
    expect(grantsOf([BOB], [BOB])).toEqual([BOB]);
  });
});
