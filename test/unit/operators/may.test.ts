import { describe, expect, test } from 'vitest';
import {
  isOpening,
  limitsOf,
  may,
  type Operator,
  PERMISSION_NAMES,
  PERMISSIONS,
  powersOf,
  ROLE_NAMES,
  ROLES,
  type RoleGrant,
} from '../../../src/operators/index.ts';

const person = (...roles: RoleGrant[]): Operator => ({
  name: 'corp#alice',
  kind: 'session',
  roles,
  source: 'console',
});

describe('who may do what', () => {
  test.each(ROLE_NAMES)('a %s has exactly the permissions of the role', (role) => {
    const permissions: readonly string[] = ROLES[role].permissions;
    for (const permission of PERMISSION_NAMES) {
      const allowed = may(person({ role }), permission, {}) === true;
      expect([permission, allowed]).toEqual([permission, permissions.includes(permission)]);
    }
  });

  test('no role that stops can open, and no role that reads changes anything', () => {
    const effects = (role: keyof typeof ROLES) =>
      new Set(ROLES[role].permissions.map((each) => PERMISSIONS[each].effect));
    expect([...effects('viewer'), ...effects('auditor')]).toEqual(['reads', 'reads']);
    const opening = ROLES.responder.permissions.filter(isOpening);
    expect(opening).toEqual(['delegate']);
  });

  test('a refusal names the roles that would allow it', () => {
    expect(may(person({ role: 'responder' }), 'resume', {})).toEqual({ needs: ['administrator'] });
    expect(may(person(), 'read')).toEqual({ needs: ROLE_NAMES });
  });
});

describe('limits of a role', () => {
  const growth = person({ role: 'responder', owners: ['growth'] });

  test('an order about another owner, or about no single owner, is refused', () => {
    expect(may(growth, 'revoke', { owner: 'growth' })).toBe(true);
    expect(may(growth, 'revoke')).toBe(true);
    for (const about of [{ owner: 'growth2' }, { owner: 'Growth' }, { owner: '' }, {}]) {
      expect(may(growth, 'revoke', about)).not.toBe(true);
    }
  });

  test('an order about another tool, or about no single tool, is refused', () => {
    const approver = person({ role: 'approver', owners: ['growth'], tools: ['mcp/files/*'] });
    const owner = 'growth';
    expect(may(approver, 'approve', { owner, tool: 'mcp/files/read' })).toBe(true);
    expect(may(approver, 'approve', { owner, tool: 'mcp/files' })).not.toBe(true);
    expect(may(approver, 'approve', { owner, tool: 'mcp/filesystem/read' })).not.toBe(true);
    expect(may(approver, 'approve', { owner })).not.toBe(true);
    expect(may(approver, 'approve', { tool: 'mcp/files/read' })).not.toBe(true);
  });

  test('limits of one role are never joined with those of another', () => {
    const two = person(
      { role: 'approver', owners: ['growth'], tools: ['mcp/files/read'] },
      { role: 'approver', owners: ['finance'], tools: ['mcp/bank/pay'] },
    );
    expect(may(two, 'approve', { owner: 'finance', tool: 'mcp/bank/pay' })).toBe(true);
    expect(may(two, 'approve', { owner: 'growth', tool: 'mcp/bank/pay' })).not.toBe(true);
    expect(powersOf(two, ['approve'])).toEqual({
      approve: { owners: ['growth', 'finance'], tools: ['mcp/files/read', 'mcp/bank/pay'] },
    });
  });

  test('an empty list of owners allows nothing', () => {
    const none = person({ role: 'responder', owners: [] });
    expect(may(none, 'revoke', { owner: 'growth' })).not.toBe(true);
    expect(may(none, 'revoke', {})).not.toBe(true);
  });

  test('the powers are those that one of the roles has', () => {
    const both = person({ role: 'viewer' }, { role: 'responder', owners: ['growth'] });
    expect(powersOf(both, PERMISSION_NAMES)).toEqual({
      read: true,
      'end-session': { owners: ['growth'] },
      'read-trail': { owners: ['growth'] },
      suspend: { owners: ['growth'] },
      revoke: { owners: ['growth'] },
      deny: { owners: ['growth'] },
      delegate: { owners: ['growth'] },
    });
    expect(limitsOf(both, 'resume')).toEqual([]);
  });
});
