import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../src/canonical-json.ts';
import {
  type Constraint,
  callFacts,
  checkCall,
  type Grant,
  parseConstraint,
} from '../../../../src/capability/index.ts';
import { AUDIENCE, at, mintToken, opened } from '../../fixtures/issuer.ts';

/** The limits of each constraint, with one value on either side, in a minted and verified token. */

const TOOL = { tool: 'bank.send', action: 'write' } as const;

/** Whether a call with this argument is allowed. */
async function allows(constraint: Constraint, value: Json): Promise<boolean> {
  const constraints = { '/a': constraint };
  const grant: Grant = {
    ...TOOL,
    dataset: 'bank',
    constraints: { arguments: ['a'], constraints },
  };
  const token = await opened(mintToken({ grants: [grant] }));
  const call = await checkCall({ ...TOOL, dataset: ['bank'], args: { a: value } });
  if (!call.ok) throw new Error(JSON.stringify(call.error));
  const failed = token.failedChecks(callFacts(new Date(at(1)), AUDIENCE, call.value));
  if (!failed.ok) throw new Error(JSON.stringify(failed.error));
  return failed.value.length === 0;
}

const https = { url: { schemes: ['https'], host: 'a.example' } } as const;
const wide = { url: { schemes: ['https', 'http'], hostSuffix: 'a.example', port: 8443 } } as const;
const below = { url: { schemes: ['https'], host: 'a.example', pathBelow: '/v1' } } as const;

describe('allows a value inside the limit and denies its neighbour outside', () => {
  test.each<[Constraint, Json, Json]>([
    [{ number: { min: 1, max: 2 } }, 1, 0.999999],
    [{ number: { min: 1, max: 2 } }, 2, 2.000001],
    [{ number: { max: -0.5 } }, -0.5, -0.499999],
    [{ integer: { min: 1, max: 2 } }, 2, 1.5],
    [{ integer: { max: 2 } }, 2, 3],
    [{ integer: {} }, -7, 0.5],
    [{ number: {} }, 0.5, '1'],
    [{ length: { min: 1 } }, 'a', ''],
    [{ length: { max: 2 } }, '\u{1f600}\u{1f600}', 'abc'],
    [{ count: { min: 1 } }, [1], []],
    [{ count: { max: 1 } }, [1], [1, 2]],
    [{ exact: 5 }, 5, 5.000001],
    [{ exact: '5' }, '5', 5],
    [{ exact: null }, null, false],
    [{ exact: false }, false, 'false'],
    [{ oneOf: [1, 2.5] }, 2.5, 2],
    [{ oneOf: ['a'] }, 'a', 'A'],
    [{ cidr: '10.0.0.0/31' }, '10.0.0.1', '10.0.0.2'],
    [{ cidr: ['10.0.0.0/8', 'fd00::/8'] }, 'fdff::1', 'fe00::1'],
    [https, 'https://a.example/', 'http://a.example/'],
    [https, 'https://a.example:443/x', 'https://a.example:8443/x'],
    [https, 'https://a.example.', 'https://b.a.example'],
    [wide, 'http://b.a.example:8443/', 'http://ba.example:8443/'],
    [wide, 'https://a.example:8443', 'https://a.example'],
    [below, 'https://a.example/v1', 'https://a.example/v10'],
    [below, 'https://a.example/v1/x', 'https://a.example/v2/v1'],
    [{ pathBelow: 'a/b' }, 'a/b/c', 'a/bc'],
    [{ pathBelow: '/' }, '/a', 'a'],
    [{ glob: '*.md' }, 'a.md', 'a/b.md'],
    [{ glob: 'a/**' }, 'a/b/c', 'b/a'],
    [{ glob: '*/**' }, 'etc/passwd', '/etc/passwd'],
    [{ glob: '*/*' }, 'a/b', '/b'],
    [{ glob: '*/*.md' }, 'a/b.md', '/b.md'],
    [{ glob: '*/**/*' }, 'a/b', '/a'],
    [{ glob: '/*/**' }, '/a', 'a/b'],
    [{ glob: '**/a.md' }, 'a.md', 'ba.md'],
    [{ glob: 'a/**/**/b' }, 'a/b', 'a/xb'],
    [{ glob: 'a/**/b/**' }, 'a/x/b/c', 'a/x/c'],
    [{ glob: '/**' }, '/a/b', 'a/b'],
    [{ glob: 'a.b+(c)' }, 'a.b+(c)', 'axbb(c)'],
    [{ matches: 'a|b' }, 'b', 'bb'],
    [{ prefix: 'a' }, 'ab', 'ba'],
    [{ suffix: 'a' }, 'ba', 'ab'],
    [{ present: true }, [], null],
    [{ allOf: [{ prefix: 'a' }, { length: { max: 2 } }] }, 'ab', 'abc'],
    [{ optional: { exact: 1 } }, 1, null],
  ])('%j: %j and %j', async (constraint, allowed, denied) => {
    expect(await allows(constraint, allowed)).toBe(true);
    expect(await allows(constraint, denied)).toBe(false);
  });
});

describe('denies an array with an element that lacks the required form', () => {
  test.each<[Constraint, Json, readonly Json[]]>([
    [{ every: https }, 'https://a.example/', ['a', '', 'https://b.example/', 1, null, [], {}]],
    [{ every: below }, 'https://a.example/v1', ['https://a.example/', 'v1', '/v1']],
    [{ every: { cidr: '10.0.0.0/8' } }, '10.1.2.3', ['a', '11.0.0.1', '010.0.0.1', 10]],
    [{ every: { cidr: ['10.0.0.0/8', '11.0.0.0/8'] } }, '11.0.0.1', ['12.0.0.1', '']],
    [{ every: { pathBelow: 'a' } }, 'a/b', ['a/../b', 'ab', '', 1]],
    [{ every: { suffix: 'z' } }, 'az', ['\u200bz', 'za', 1]],
    [{ every: { number: {} } }, 0.5, ['1', true, null]],
    [{ every: { integer: {} } }, 5, [0.5, '5']],
    [{ every: { anyOf: [{ exact: 0 }, { number: {} }] } }, 0.5, ['1', true, null]],
    [{ every: { anyOf: [{ integer: { min: 1 } }, { number: {} }, { exact: 'a' }] } }, 'a', ['1']],
    [{ every: { anyOf: [{ exact: 0.5 }, { integer: {} }] } }, 0.5, [1.5, '1']],
    [{ every: { integer: { min: 1, max: 2 } } }, 2, [0, 3, 1.5]],
    [{ every: { exact: 1 } }, 1, [2, '1']],
    [{ every: { allOf: [{ prefix: 'a' }, { suffix: 'b' }] } }, 'ab', ['a', 'b', 1]],
    [{ subsetOf: [1, 2] }, 2, [3, '1', [1]]],
    [{ subsetOf: ['a'] }, 'a', ['b', ['a'], { a: 'a' }]],
  ])('%j', async (constraint, good, others) => {
    expect(await allows(constraint, [])).toBe(true);
    expect(await allows(constraint, [good, good])).toBe(true);
    expect(await allows(constraint, good)).toBe(false);
    for (const other of others) {
      expect([other, await allows(constraint, [good, other])]).toEqual([other, false]);
    }
  });

  test.each<[Constraint, Json, Json]>([
    [{ any: https }, 'https://a.example/', 'https://b.example/'],
    [{ any: { cidr: '10.0.0.0/8' } }, '10.0.0.1', 'a'],
    [{ any: { number: {} } }, 1, '1'],
    [{ any: { integer: {} } }, 1, 0.5],
    [{ any: { allOf: [{ prefix: 'a' }, { suffix: 'b' }] } }, 'ab', 'a'],
  ])(
    '%j requires one such element, and allows no nested arrays or objects',
    async (constraint, good, other) => {
      expect(await allows(constraint, [other, good])).toBe(true);
      expect(await allows(constraint, [other])).toBe(false);
      expect(await allows(constraint, [])).toBe(false);
      expect(await allows(constraint, [[good]])).toBe(false);
      expect(await allows(constraint, [good, [good]])).toBe(false);
      expect(await allows(constraint, [good, { a: 1 }])).toBe(false);
    },
  );

  test('of an object in the array, any number makes other tests of numbers needless', async () => {
    const constraint = { each: { sku: { anyOf: [{ exact: 0 }, { number: {} }] } } } as const;
    expect(await allows(constraint, [{ sku: 0 }, { sku: 0.5 }])).toBe(true);
    expect(await allows(constraint, [{ sku: 0 }, { sku: '0' }])).toBe(false);
  });

  test.each<readonly [Json, boolean]>([
    [[], true],
    [[{ to: 'a' }], true],
    [[{ to: 'a', note: { to: 'b' }, all: ['b'] }, { to: 'a' }], true],
    [[{ to: 'a' }, { to: 'b' }], false],
    [[{ to: 'a' }, { note: 'a' }], false],
    [[{ to: 'a' }, 'b'], false],
    [[{ to: ['a'] }], false],
    [[[{ to: 'a' }]], false],
    [{ 0: { to: 'a' } }, false],
    [null, false],
  ])(
    'members of the objects in an array, which may have others: %j is allowed: %s',
    async (value, is) => {
      expect(await allows({ eachHas: { to: { exact: 'a' } } }, value)).toBe(is);
    },
  );

  test.each<Constraint>([
    { orEmpty: { eachHas: { to: { exact: 'a' } } } },
    { orEmpty: { each: { to: { exact: 'a' } } } },
  ])('%j allows nothing in each form, and no other element', async (constraint) => {
    for (const value of [null, '', [], {}, [{ to: 'a' }]] as const) {
      expect([value, await allows(constraint, value)]).toEqual([value, true]);
    }
    for (const value of [[{ to: 'b' }], [{}], ['a'], 'a', 0, false, { to: 'a' }, [null]] as const) {
      expect([value, await allows(constraint, value)]).toEqual([value, false]);
    }
  });

  test('two elements that each meet half of an allOf do not meet it together', async () => {
    const half: Constraint = { any: { allOf: [{ prefix: 'a' }, { suffix: 'b' }] } };
    expect(await allows(half, ['a', 'b'])).toBe(false);
  });
});

describe('accepts a constraint at its limit of size, and none beyond it', () => {
  const listOf = (count: number) => Array.from({ length: count }, (_, i) => i);
  test.each<[string, unknown, unknown]>([
    ['text', { exact: 'a'.repeat(512) }, { exact: 'a'.repeat(513) }],
    ['text in bytes', { exact: 'é'.repeat(256) }, { exact: `${'é'.repeat(256)}a` }],
    ['pattern', { matches: `${'[a-z]'.repeat(51)}a` }, { matches: `${'[a-z]'.repeat(51)}ab` }],
    ['glob in bytes', { glob: 'é'.repeat(128) }, { glob: `${'é'.repeat(128)}a` }],
    ['glob', { glob: `${'a'.repeat(190)}*` }, { glob: 'a'.repeat(257) }],
    ['program', { matches: 'a'.repeat(190) }, { matches: 'a'.repeat(210) }],
    ['list', { oneOf: listOf(64) }, { oneOf: listOf(65) }],
    ['subset', { subsetOf: listOf(64) }, { subsetOf: listOf(65) }],
    ['ranges', { cidr: Array(16).fill('10.0.0.0/8') }, { cidr: Array(17).fill('10.0.0.0/8') }],
    ['joining', { allOf: Array(8).fill({ exact: 1 }) }, { allOf: Array(9).fill({ exact: 1 }) }],
    [
      'schemes',
      { url: { schemes: Array(5).fill('https'), host: 'a' } },
      { url: { schemes: Array(6).fill('https'), host: 'a' } },
    ],
    ['port', { url: { ...https.url, port: 65_535 } }, { url: { ...https.url, port: 65_536 } }],
    ['port 1', { url: { ...https.url, port: 1 } }, { url: { ...https.url, port: 0 } }],
    ['no ranges', { cidr: ['10.0.0.0/8'] }, { cidr: [] }],
    ['no values', { subsetOf: [1] }, { subsetOf: [] }],
    ['length', { length: { min: 0 } }, { length: { min: -1 } }],
    ['a range of one', { count: { min: 2, max: 2 } }, { count: { min: 2, max: 1 } }],
    [
      'two labels',
      { url: { ...wide.url, hostSuffix: 'a.b' } },
      { url: { ...wide.url, hostSuffix: 'b' } },
    ],
    [
      'no address',
      { url: { ...wide.url, hostSuffix: 'a.1b' } },
      { url: { ...wide.url, hostSuffix: '0.1' } },
    ],
  ])('%s', (_, fits, over) => {
    expect(parseConstraint(fits)).toEqual({ ok: true, value: fits });
    expect(parseConstraint(over).ok).toBe(false);
  });
});

describe('a relative glob or root denies every path that leaves it', () => {
  const ELSEWHERE = [
    ...['/etc/passwd', '//host/share', '/a', '/', '///a', 'C:/a', 'c:a', 'C:\\a', '\\\\host\\a'],
    ...['\\a', '~/a', '~root/a', '~', '../a', 'a/../b', '..', './a', 'a/./b', 'a//b', '%2fetc/a'],
    ...['a/%2e%2e/b', 'file:///a', 'a\u2215..\u2215b', '\uff0fetc', 'a:b/c', 'a\0/b', '\n/a'],
  ];
  const GLOBS = ['*/**', '*/*', '**', '**/*', '*', '*/**/*', '**/*/**', '*a/**', '*.*/*', '.*/**'];
  test.each(GLOBS)('%s', async (glob) => {
    for (const path of ELSEWHERE) {
      expect([path, await allows({ glob }, path)]).toEqual([path, false]);
    }
  });
  test.each(['a', 'etc', 'host'])('below %s', async (root) => {
    for (const path of ELSEWHERE) {
      expect([path, await allows({ pathBelow: root }, path)]).toEqual([path, false]);
    }
  });
});

describe('a text with an invisible character meets no constraint on its form', () => {
  const UNSEEN =
    '\u3164\u034f\ufe0f\u115f\u1160\uffa0\u180b\u17b5\u00ad\u200b\u2060\u2800\u2d7f\u3000';
  test.each<[Constraint, string]>([
    [{ prefix: 'a' }, 'ab'],
    [{ suffix: 'b' }, 'ab'],
    [{ matches: '.*' }, 'ab'],
    [{ matches: '[^/]*' }, 'ab'],
    [{ glob: '**' }, 'ab'],
    [{ pathBelow: 'a' }, 'a/b'],
  ])('%j', async (constraint, text) => {
    expect(await allows(constraint, text)).toBe(true);
    for (const sign of UNSEEN) {
      for (const hidden of [`${text}${sign}`, `${sign}${text}`, text.replace('a', `a${sign}`)]) {
        expect([hidden, await allows(constraint, hidden)]).toEqual([hidden, false]);
      }
    }
  });
});
