import { describe, expect, test } from 'vitest';
import { grantsOf, LIMITS_PER_GRANT_MAX } from '../../../src/operator-capability/index.ts';
import type { PermissionGrant } from '../../../src/operators/index.ts';

const names = (length: number, end = '') =>
  Array.from({ length }, (_, i) => `mcp/server-${i}${end}`);
const codeOf = (...grants: readonly PermissionGrant[]) => {
  const written = grantsOf(grants);
  return written.ok ? undefined : written.error.code;
};

describe('the grants of an operator', () => {
  test('are a tool for each permission, a dataset for each owner, and a constraint for tools', () => {
    const tools = ['mcp/mail/send', 'mcp/bank/*'];
    expect(grantsOf([{ permission: 'revoke', owners: ['team:growth', 'ops'], tools }])).toEqual({
      ok: true,
      value: ['owners/team~3A~growth', 'owners/ops'].map((dataset) => ({
        tool: 'hewn/admin/revoke',
        action: 'execute',
        dataset,
        constraints: {
          arguments: ['tool'],
          constraints: {
            '/tool': { anyOf: [{ oneOf: ['mcp/mail/send'] }, { glob: 'mcp/bank/**' }] },
          },
        },
      })),
    });
  });

  test('name a permission once, so that the owners of one do not get the tools of another', () => {
    expect(codeOf({ permission: 'read' }, { permission: 'revoke' })).toBeUndefined();
    expect(
      codeOf(
        { permission: 'revoke', owners: ['a'], tools: ['mcp/x/y'] },
        { permission: 'revoke', owners: ['b'] },
      ),
    ).toBe('permission_twice');
  });

  test('name owners that a token can spell', () => {
    expect(codeOf({ permission: 'read', owners: ['team\0'] })).toBe('owner_unfit');
  });

  test.each<[string, Partial<PermissionGrant>, Partial<PermissionGrant>]>([
    ['16 owners', { owners: names(LIMITS_PER_GRANT_MAX) }, { owners: names(17) }],
    ['16 tools', { tools: names(LIMITS_PER_GRANT_MAX) }, { tools: names(17) }],
    ['3 patterns of tools', { tools: names(3, '/*') }, { tools: names(4, '/*') }],
    ['one owner at least', { owners: names(1) }, { owners: [] }],
    ['one tool at least', { tools: names(1) }, { tools: [] }],
  ])('name %s', (_, allowed, refused) => {
    expect(codeOf({ permission: 'revoke', ...allowed })).toBeUndefined();
    expect(codeOf({ permission: 'revoke', ...refused })).toBe('limits_count');
  });
});
