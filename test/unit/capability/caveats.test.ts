import { describe, expect, test } from 'vitest';
import { CAVEATS, type CaveatTable } from '../../../src/capability/caveats.ts';
import type { Narrowing } from '../../../src/capability/index.ts';
import { fromBase64Url } from '../../../src/encoding.ts';
import {
  appendSource,
  at,
  countBlocks,
  mintToken,
  narrowed,
  narrowing,
  printBlock,
  sealed,
} from '../fixtures/issuer.ts';
import { NARROWINGS } from '../fixtures/narrowing.ts';

const print = async (cut: Narrowing) => printBlock(await narrowed(mintToken(), cut), 1).trim();

describe('writes a narrowing as checks:', () => {
  test.each(Object.values(NARROWINGS).flat())('%s', async (_, cut, source) => {
    expect(await print(cut)).toBe(source);
  });

  test('as a block that contains only checks', async () => {
    const cut = { tool: 't', dataset: 'd', args: { a: 1 }, expires: new Date(at(30)) };
    for (const line of (await print(cut)).split('\n')) expect(line).toMatch(/^check (all|if) /);
  });

  // A block costs 126 bytes before its first caveat, and contains a dataset's root twice. Tool,
  // dataset, digest and expiry take 423 bytes here.
  test('in fewer than 430 bytes for a typical step', async () => {
    const wide = mintToken();
    const step = {
      tool: 'mcp/files/read_text_file',
      dataset: 'files/reports/q3.md',
      args: { path: 'reports/q3.md' },
      expires: new Date(at(30)),
    } as const;
    const bytes = (token: string) => fromBase64Url(token)?.length ?? Number.NaN;
    expect(bytes(await narrowed(wide, step)) - bytes(wide)).toBeLessThan(430);
  });
});

describe('a value is never parsed as Datalog', () => {
  const strange = 'x"); allow if true; //';

  test('as a tool', async () => {
    const printed = await print({ tool: strange });
    expect(printed).toMatch(/^check all tool\(\$t\), .*\.contains\(\$t\);$/);
    expect(printed.match(/check/g)).toHaveLength(1);
  });

  test.each([strange, '{p0}', '$t', '\\', '"', '\n', '{"a"}', '-- x', '/* x', 'hex:00'])(
    'as an argument: %j',
    async (value) => {
      const pointer = `/${value.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const cut = { constraints: { [pointer]: { exact: value } } };
      expect((await print(cut)).match(/check/g)).toHaveLength(1);
    },
  );
});

describe('refuses a narrowing with a mistake that would leave the token wider than its author believes:', () => {
  const expires = new Date(at(30));
  test.each<[string, unknown, string]>([
    ['datasets for dataset', { datasets: ['crm'], expires }, 'Did you mean `dataset`?'],
    ['arguments for args', { arguments: { a: 1 } }, 'Did you mean `args`?'],
    ['expiresAt for expires', { expiresAt: expires }, 'Did you mean `expires`?'],
    ['tools for tool', { tools: ['crm.search'] }, 'Did you mean `tool`?'],
    ['a member unlike any known one', { tool: 't', seconds: 30 }, 'unknown member `seconds`'],
    ['an undefined dataset', { dataset: undefined, tool: 't' }, '`dataset` is undefined'],
    ['an inherited name', { tool: 't', constructor: 1 }, 'unknown member `constructor`'],
  ])('%s', async (_, cut, why) => {
    const refused = await narrowing(mintToken(), cut as Narrowing);
    expect(refused).toMatchObject({ ok: false, error: { code: 'narrowing_invalid' } });
    expect(JSON.stringify(refused)).toContain(why);
    if (why.startsWith('Did')) {
      expect(JSON.stringify(refused)).toContain(
        `Known members: ${Object.keys(CAVEATS).join(', ')}`,
      );
    }
  });

  test.each<[string, unknown]>([
    ['a number', 5],
    ['null', null],
    ['a boolean', true],
    ['an object', { a: 1 }],
    ['a list of numbers', [5]],
    ['a nested list', [['crm']]],
    ['an empty list', []],
    ['a list with a hole', new Array(1)],
    ['an empty text', ''],
    ['constraints that constrain nothing', {}],
  ])('%s as the value of any member', async (_, value) => {
    for (const name of Object.keys(CAVEATS)) {
      const isObject = JSON.stringify(value).startsWith('{');
      if (name === 'args' && isObject) continue;
      const cut = { action: 'read', [name]: value } as unknown as Narrowing;
      expect(await narrowing(mintToken(), cut), name).toMatchObject({ ok: false });
    }
  });

  test('a value that is not a narrowing', async () => {
    for (const cut of [undefined, null, 'crm', [], new Map([['tool', 't']])]) {
      const refused = await narrowing(mintToken(), cut as unknown as Narrowing);
      expect(refused).toMatchObject({ ok: false, error: { code: 'narrowing_invalid' } });
    }
  });
});

test('a new member of a narrowing does not compile without a caveat', () => {
  interface Grown extends Narrowing {
    readonly region?: string;
  }
  // @ts-expect-error: `region` has no caveat.
  const forgotten: CaveatTable<Grown> = CAVEATS;
  // @ts-expect-error: a caveat without its check does not count.
  const unwritten: CaveatTable<Grown> = { ...CAVEATS, region: { fact: 'region', write: () => 0 } };
  expect([forgotten, unwritten]).toHaveLength(2);
});

describe('refuses a narrowing', () => {
  test.each<[string, unknown]>([
    ['that narrows nothing', {}],
    ['to an empty list of tools', { tool: [] }],
    ['to an empty list of datasets', { dataset: [] }],
    ['to a tool without a name', { tool: '' }],
    ['to a dataset with a dot segment', { dataset: 'crm/../hr' }],
    ['to a dataset with injected Datalog', { dataset: '"); allow if true; //' }],
    ['to an unknown action', { action: 'admin' }],
    ['to an invalid date', { expires: new Date(Number.NaN) }],
    ['to a date before the epoch', { expires: new Date(-1) }],
    ['to a date that RFC 3339 cannot write', { expires: new Date(8.64e15) }],
    ['to an audience that is not a URL', { audience: 'crm' }],
    ['to a lower-case method', { method: 'get' }],
    ['to a relative path', { path: 'v1' }],
    ['to arguments that cannot be stated', { args: { a: Number.NaN } }],
    ['by a constraint without a kind', { constraints: { '/a': {} } }],
    ['by an empty map of constraints', { constraints: {} }],
    ['by a constraint on an invalid pointer', { constraints: { a: { exact: 1 } } }],
    ['by a constraint on a lone surrogate', { constraints: { '/\uD800': { exact: 1 } } }],
    ['by a lone surrogate', { constraints: { '/a': { exact: '\uD800' } } }],
  ])('%s', async (_, cut) => {
    expect(await narrowing(mintToken(), cut as Narrowing)).toMatchObject({ ok: false });
  });

  test.each([
    ['garbage', 'not a token'],
    ['nothing', ''],
    ['a sealed token', sealed(mintToken())],
  ])('of %s', async (_, token) => {
    expect(await narrowing(token, { tool: 't' })).toMatchObject({ ok: false });
  });

  test('of a token that has sixteen blocks', async () => {
    let token = mintToken();
    for (let blocks = 2; blocks <= 16; blocks++) token = appendSource(token, 'check if true');
    expect(countBlocks(token)).toBe(16);
    expect(await narrowing(token, { action: 'read' })).toMatchObject({
      error: { code: 'token_over_limit' },
    });
  });

  test('that would make the token larger than 8 KiB', async () => {
    const tool = Array.from({ length: 60 }, (_, i) => `${i}`.padStart(120, 'x'));
    expect(await narrowing(mintToken(), { tool })).toMatchObject({
      error: { code: 'token_too_large' },
    });
  });
});
