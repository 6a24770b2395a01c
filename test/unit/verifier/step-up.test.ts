import { describe, expect, test } from 'vitest';
import { invitesStepUp, neededDetails, scopeParameter } from '../../../src/verifier/index.ts';

const LISTED = { arguments: ['to', 'cc', 'body'], sinks: ['/to/*', '/cc/*'] };
const CALL = {
  tool: 'mail.send',
  action: 'write',
  dataset: ['mail'],
  args: { to: ['carol@partner.example'], body: 'x' },
} as const;
const NO_GRANT = { code: 'no_grant' };
const grantsOf = (...args: Parameters<typeof neededDetails>) =>
  neededDetails(...args)?.flatMap(({ grants }) => grants);

describe('the details of a denied call', () => {
  test('cover exactly that call: its sinks are pinned, and the others are closed', () => {
    expect(grantsOf(NO_GRANT, CALL, LISTED)).toEqual([
      {
        tool: 'mail.send',
        action: 'write',
        dataset: 'mail',
        constraints: {
          arguments: ['to', 'cc', 'body'],
          constraints: {
            '/to': { subsetOf: ['carol@partner.example'] },
            '/cc': { absent: true },
          },
        },
      },
    ]);
  });

  test('pin every argument of a tool that no catalogue lists, unless it only reads', () => {
    expect(grantsOf(NO_GRANT, CALL)?.[0]?.constraints).toEqual({
      arguments: ['to', 'body'],
      constraints: { '/to': { subsetOf: ['carol@partner.example'] }, '/body': { exact: 'x' } },
    });
    expect(grantsOf(NO_GRANT, { ...CALL, action: 'read' })?.[0]).not.toHaveProperty('constraints');
  });

  test('pin the argument that a constraint denied, sink or not', () => {
    const denial = { code: 'constraint_failed', block: 0, pointer: '/body' };
    expect(grantsOf(denial, CALL, LISTED)?.[0]?.constraints?.constraints).toHaveProperty('/body', {
      exact: 'x',
    });
  });

  test('are absent if no constraint can express the call', () => {
    const args = { ...CALL.args, to: ['carol@partner.example', 5] };
    expect(neededDetails(NO_GRANT, { ...CALL, args }, LISTED)).toBeUndefined();
  });

  test.each([
    ...[
      { code: 'caveat_failed', block: 0 },
      { code: 'constraint_failed', block: 1 },
    ],
    ...[{ code: 'expired' }, { code: 'revoked' }, { code: 'argument_unlisted', pointer: '/bcc' }],
  ])('are absent for another denial: %j', (denial) => {
    expect(invitesStepUp(denial)).toBe(false);
    expect(neededDetails(denial, CALL, LISTED)).toBeUndefined();
  });

  test('have no scope if it would ask for more than the call', () => {
    const read = { ...CALL, tool: 'files.read', action: 'read', dataset: 'files/a' } as const;
    const listed = { arguments: ['path'], sinks: [] };
    expect(scopeParameter(neededDetails(NO_GRANT, read, listed) ?? [])).toBe(
      'scope="files.read:read:files/a"',
    );
    expect(scopeParameter(neededDetails(NO_GRANT, CALL, LISTED) ?? [])).toBeUndefined();
  });
});
