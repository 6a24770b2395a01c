import { describe, expect, test } from 'vitest';
import {
  type ArgumentConstraints,
  type Authority,
  type Constraint,
  type Grant,
  writeAuthority,
} from '../../../../src/capability/index.ts';
import { fromBase64Url } from '../../../../src/encoding.ts';
import { AUTHORITY, at, mintToken, opened, printBlock } from '../../fixtures/issuer.ts';

const SEND: Grant = { tool: 'bank.send', action: 'write', dataset: 'bank' };
const held = (constraints: ArgumentConstraints): Grant => ({ ...SEND, constraints });
const BANK: ArgumentConstraints = {
  arguments: ['recipient', 'subject', 'amount'],
  constraints: { '/recipient': { oneOf: ['GB1', 'GB2'] }, '/amount': { number: { max: 50 } } },
};

const written = (grants: readonly Grant[], changes: Partial<Authority> = {}) =>
  writeAuthority({ ...AUTHORITY, ...changes, grants }, new Date(at(300)));
const codeOf = (grants: readonly Grant[]): string => {
  const result = written(grants);
  return result.ok ? 'written' : result.error.code;
};
const checksOf = (grants: readonly Grant[]): readonly string[] =>
  printBlock(mintToken({ grants }), 0)
    .split(';\n')
    .filter((line) => /^(check|reject)/.test(line) && !line.includes('time('));

describe('constraints are written as checks of the authority block', () => {
  test('for one tool, as documented', () => {
    expect(checksOf([held(BANK)])).toEqual([
      'check if tool($t), $t !== "bank.send" or arg_members("", $n), ' +
        '{"/amount", "/recipient", "/subject"}.contains($n)',
      'check if tool($t), $t !== "bank.send" or arg("/recipient", $v), ["GB1", "GB2"].contains($v)',
      'check if tool($t), $t !== "bank.send" or arg_micros("/amount", $m), $m <= 50000000',
    ]);
  });

  test('for lists, as rejections of any element that does not meet them', () => {
    const constraints = { '/to': { every: { suffix: '@acme.example' } } };
    expect(checksOf([held({ arguments: ['to'], constraints })])).toEqual([
      'check if tool($t), $t !== "bank.send" or arg_members("", $n), {"/to"}.contains($n)',
      'check if tool($t), $t !== "bank.send" or arg_type("/to", "array")',
      'reject if tool("bank.send"), arg_type($p, $y), $p.starts_with("/to/"), $y !== "string"',
      'reject if tool("bank.send"), arg_forms($p, $f), arg($p, $v), $p.starts_with("/to/"), ' +
        '!($f.contains("text") && $v.ends_with("@acme.example"))',
    ]);
  });

  test('with one query per rejection', () => {
    const every: Constraint = {
      every: { url: { schemes: ['https', 'http'], hostSuffix: 'a.example', pathBelow: '/v1' } },
    };
    for (const check of checksOf([held({ arguments: ['a'], constraints: { '/a': every } })])) {
      if (check.startsWith('reject')) expect(check).not.toContain(' or ');
    }
  });

  test('in fewer than 400 bytes for three constraints', () => {
    const bytes = (grant: Grant) => fromBase64Url(mintToken({ grants: [grant] }))?.length ?? 0;
    expect(bytes(held(BANK)) - bytes(SEND)).toBeLessThan(400);
  });

  test('and are not read back as part of the grants', async () => {
    const { authority } = await opened(mintToken({ grants: [held(BANK)] }));
    expect(authority.grants).toEqual([SEND]);
  });

  test('which allow no arguments if the list of arguments is empty', () => {
    expect(checksOf([held({ arguments: [], constraints: {} })])).toEqual([
      'check if tool($t), $t !== "bank.send" or arg_members("", $n), {,}.contains($n)',
    ]);
  });

  test.each(['x"); allow if true; //', '{p0}', '$v', '\\', '"', '-- x', '/* x'])(
    'without parsing a value as Datalog: %j',
    (value) => {
      const name = `/${value.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const constraints = { [name]: { oneOf: [value, `${value}2`] } };
      const grant = { ...held({ arguments: [value], constraints }), tool: value };
      expect(checksOf([grant])).toHaveLength(2);
    },
  );
});

describe('two grants of one tool', () => {
  test('share their constraints, which are written once', () => {
    const other = { ...held(BANK), dataset: 'bank2' };
    expect(checksOf([held(BANK), other])).toEqual(checksOf([held(BANK)]));
  });

  test.each<[string, Grant]>([
    ['others', held({ ...BANK, constraints: { '/recipient': { exact: 'GB1' } } })],
    ['none', SEND],
    ['others for another action', { ...held({ ...BANK, constraints: {} }), action: 'delete' }],
  ])('are refused if one has %s', (_, other) => {
    expect(written([held(BANK), other])).toMatchObject({
      ok: false,
      error: { code: 'constraints_conflict', tool: 'bank.send' },
    });
    expect(codeOf([other, held(BANK)])).toBe('constraints_conflict');
  });
});

describe('refuses to write an authority', () => {
  test('with an invalid constraint', () => {
    const constraints = {
      '/recipient': { startsWith: 'GB' },
    } as unknown as typeof BANK.constraints;
    expect(codeOf([held({ ...BANK, constraints })])).toBe('constraint_invalid');
  });

  test('with more than 4 KiB', () => {
    const values = (length: number) => Array.from({ length }, (_, i) => `${i}`.padEnd(100, 'x'));
    const constraints = (count: number) => ({ '/recipient': { oneOf: values(count) } });
    expect(codeOf([held({ ...BANK, constraints: constraints(20) })])).toBe('written');
    expect(written([held({ ...BANK, constraints: constraints(40) })])).toMatchObject({
      error: { code: 'authority_over_limit', limit: 'bytes' },
    });
  });

  test('with more than 128 checks', () => {
    const names = Array.from({ length: 32 }, (_, i) => `${i}`);
    const constraints = Object.fromEntries(names.map((name) => [`/${name}`, { absent: true }]));
    const grants = ['a', 'b', 'c', 'd'].map((tool) => ({
      ...held({ arguments: names, constraints: constraints as typeof BANK.constraints }),
      tool,
    }));
    expect(codeOf(grants.slice(0, 1))).toBe('written');
    expect(written(grants)).toMatchObject({ error: { code: 'authority_over_limit' } });
  });
});
