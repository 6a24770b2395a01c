import { describe, expect, test } from 'vitest';
import { describeCallFault } from '../../../src/issuer-api/index.ts';

const URL = 'https://issuer.example';

/** How a person reads that their role does not allow what they ordered. */
const roles = (detail: { needs?: string[]; have?: object[] } | undefined) =>
  describeCallFault(
    {
      kind: 'problem',
      code: 'not_for_your_role',
      message: 'Your role does not allow this.',
      detail: detail as never,
    },
    URL,
  );

describe('a refusal because of the role', () => {
  test('names the roles that allow it, and those of the caller with their limits', () => {
    const have = [
      { role: 'viewer' },
      { role: 'responder', owners: ['team:a', 'team:b'] },
      { role: 'approver', owners: ['team:a'], tools: ['crm.read', 'crm.write'] },
    ];
    expect(roles({ needs: ['responder', 'administrator'], have })).toBe(
      'Your role does not allow this. It needs responder, administrator; you have viewer, responder for team:a, team:b, approver for team:a with crm.read, crm.write.',
    );
  });

  test.each([
    ['no role', { needs: ['approver'], have: [] }, 'It needs approver; you have no role.'],
    ['no list of roles', {}, 'It needs another role; you have no role.'],
    ['no detail', undefined, 'It needs another role; you have no role.'],
  ])('stays a sentence with %s', (_, detail, says) => {
    expect(roles(detail)).toBe(`Your role does not allow this. ${says}`);
  });
});
