import { describe, expect, test } from 'vitest';
import {
  checkGrants,
  coversGrant,
  type Grant,
  grantReads,
  groupReads,
  separateReads,
  toBlock,
  uncoveredDataset,
  writeAuthority,
} from '../../../src/capability/index.ts';
import {
  AUTHORITY,
  AUTHORITY_LINES,
  at,
  mintSource,
  mintToken,
  opened,
  unwrap,
} from '../fixtures/issuer.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `mcp/files/tool_${i}`);
const reads = (count: number, dataset = 'files/reports') => grantReads(names(count), dataset);
const write = (grants: readonly Grant[]) =>
  writeAuthority({ ...AUTHORITY, grants }, new Date(at(300)));
const factsOf = (grants: readonly Grant[]) =>
  toBlock(unwrap(write(grants))).facts.map(({ name }) => name);
const sorted = (grants: readonly Grant[]) => [...grants].sort((a, b) => (a.tool < b.tool ? -1 : 1));

describe('reads of one dataset', () => {
  test('count as one grant if there are more than 32', () => {
    expect(checkGrants(reads(128)).ok).toBe(true);
    expect(checkGrants(reads(129))).toMatchObject({ error: { code: 'grants_count', count: 129 } });
    const others = Array.from({ length: 31 }, (_, i) => ({
      ...({ tool: `t${i}`, action: 'write', dataset: 'crm' } as const),
    }));
    expect(checkGrants([...reads(90), ...others]).ok).toBe(true);
    const another = { tool: 't', action: 'delete', dataset: 'crm' } as const;
    expect(checkGrants([...reads(90), ...others, another]).ok).toBe(false);
    // A read with constraints is a grant of its own.
    const bounded = { ...another, action: 'read', constraints: { arguments: [], constraints: {} } };
    expect(checkGrants([...reads(90), ...others, bounded as Grant]).ok).toBe(false);
  });

  test('are written one by one up to 32, as verifiers of 0.3.0 read them', () => {
    expect(factsOf(reads(32)).filter((name) => name === 'reads')).toEqual([]);
    expect(factsOf(reads(32)).filter((name) => name === 'grant')).toHaveLength(32);
    expect(factsOf(reads(33)).filter((name) => ['reads', 'grant'].includes(name))).toEqual([
      'reads',
    ]);
  });

  test('are read from a token as grants of their own', async () => {
    const grants = [...reads(40), ...grantReads(['mcp/mail/search'], 'mail')];
    const { authority } = await opened(mintToken({ grants }));
    expect(sorted(authority.grants)).toEqual(sorted(grants));
    const call = { tool: 'mcp/files/tool_7', action: 'read', dataset: 'files/reports/q3' } as const;
    expect(uncoveredDataset(authority.grants, call)).toBeUndefined();
    for (const changed of [
      { tool: 'mcp/files/tool_40' },
      { action: 'write' as const },
      { dataset: 'files/secret' },
    ]) {
      const other = { ...call, ...changed };
      expect(uncoveredDataset(authority.grants, other)).toBe(other.dataset);
    }
  });

  test('cover a read with one of the tools, and no tool that is not among them', () => {
    const held = reads(40);
    const [one, none] = [
      grantReads(['mcp/files/tool_3'], 'files/reports/eu'),
      grantReads(['x'], 'y'),
    ];
    expect(one.every((grant) => coversGrant(held, grant))).toBe(true);
    expect(none.some((grant) => coversGrant(held, grant))).toBe(false);
  });

  test('are grouped and separated without loss', () => {
    const grants = [...reads(20), ...reads(20, 'mail'), ...grantReads(['alone'], 'crm')];
    const grouped = groupReads(grants);
    expect(grouped).toHaveLength(3);
    expect(sorted(separateReads(grouped))).toEqual(sorted(grants));
    expect(groupReads(reads(32))).toEqual(reads(32));
  });

  test('are refused in a token if the fact is malformed', async () => {
    const lines = AUTHORITY_LINES.map((line) => `${line};`).join('\n');
    for (const fact of [
      'reads("t", "crm")',
      'reads({1}, "crm")',
      'reads({"t"}, 1)',
      'reads({"t"})',
    ]) {
      await expect(opened(mintSource(`${lines}\n${fact};`))).rejects.toThrow();
    }
    const { authority } = await opened(mintSource(`${lines}\nreads({"t", "u"}, "crm");`));
    expect(authority.grants).toEqual(expect.arrayContaining([...grantReads(['t', 'u'], 'crm')]));
  });
});
