import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { type Catalogue, describeCall, parseCatalogue } from '../../../src/catalogue/index.ts';

const parsed = parseCatalogue(`
[[tool]]
name = "read"
action = "read"
tier = 1
arguments = ["path", "head"]
datasets = [{ argument = "/path", under = "files" }]
[[tool]]
name = "read_all"
action = "read"
tier = 1
arguments = ["paths"]
datasets = [{ argument = "/paths/*", under = "files" }]
[[tool]]
name = "move"
action = "write"
tier = 2
arguments = ["from", "to"]
datasets = [{ argument = "/from/a~1b", under = "x" }, { argument = "/to", under = "y" }]
sinks = ["/to"]
[[tool]]
name = "odd"
action = "read"
tier = 1
arguments = ["constructor"]
datasets = [{ argument = "/constructor/name", under = "files" }]
[[tool]]
name = "deep"
action = "write"
tier = 3
arguments = ["items"]
datasets = [{ argument = "/items/*/paths/*", under = "files" }, { fixed = "index" }]
sinks = ["/items/*/paths/*"]
`);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const catalogue: Catalogue = parsed.value;

const describe = (tool: string, args: JsonObject) => {
  const described = describeCall(catalogue, tool, args);
  return described.ok ? described.value.dataset : described.error;
};

test('describes a call by its action, tier and datasets', () => {
  const args = { path: 'reports/q3.md', head: 10 };
  expect(describeCall(catalogue, 'read', args)).toEqual({
    ok: true,
    value: { tool: 'read', action: 'read', tier: 1, dataset: ['files/reports/q3.md'], args },
  });
});

test('names every dataset of a call once', () => {
  expect(describe('read_all', { paths: ['a', 'b/c', 'a'] })).toEqual(['files/a', 'files/b/c']);
  expect(describe('move', { from: { 'a/b': 'p' }, to: 'q' })).toEqual(['x/p', 'y/q']);
  const items = [{ paths: ['a'] }, { paths: ['b', 'c'] }];
  expect(describe('deep', { items })).toEqual(['files/a', 'files/b', 'files/c', 'index']);
});

test('reads only a single dot as the root', () => {
  expect(describe('read', { path: '.' })).toEqual(['files']);
  for (const path of ['', './', '..', './.', ' .', '. ', '/', '//', '/.']) {
    expect([path, describe('read', { path })]).toMatchObject([
      path,
      { code: 'dataset_unmappable', pointer: '/path' },
    ]);
  }
});

test('refuses a tool that is not listed, also one named like a member of every object', () => {
  for (const tool of ['delete', 'READ', 'read ', '', 'constructor', '__proto__']) {
    expect(describe(tool, { path: 'a' })).toEqual({ code: 'tool_unknown' });
  }
});

test('refuses an argument that is not listed, because it could be a sink', () => {
  expect(describe('read', { path: 'a', Path: '/etc' })).toEqual({
    code: 'argument_unlisted',
    pointer: '/Path',
  });
  expect(describe('read', JSON.parse('{"path":"a","__proto__":"b"}'))).toEqual({
    code: 'argument_unlisted',
    pointer: '/__proto__',
  });
  expect(describe('read', { path: 'a', 'x/~y': 1 })).toEqual({
    code: 'argument_unlisted',
    pointer: '/x~1~0y',
  });
});

test('refuses a call without a dataset, which would be authorized for all datasets', () => {
  const missing = (pointer: string) => ({ code: 'dataset_missing', pointer });
  expect(describe('read', {})).toEqual(missing('/path'));
  expect(describe('read_all', {})).toEqual(missing('/paths'));
  expect(describe('read_all', { paths: [] })).toEqual(missing('/paths'));
  expect(describe('move', { from: {}, to: 'q' })).toEqual(missing('/from/a~1b'));
  expect(describe('odd', {})).toEqual(missing('/constructor'));
  expect(describe('deep', { items: [{ paths: ['a'] }, {}] })).toEqual(missing('/items/1/paths'));
  expect(describe('deep', { items: [{ paths: [] }] })).toEqual(missing('/items/0/paths'));
});

test.each<[string, string]>([
  ['an absolute path', '/etc/passwd'],
  ['an absolute path into the root', '/files/a'],
  ['a parent segment', '../secret'],
  ['an inner parent segment', 'reports/../../secret'],
  ['a trailing parent segment', 'reports/..'],
  ['a leading dot segment', './reports'],
  ['an inner dot segment', 'reports/./a'],
  ['a double slash', 'reports//a'],
  ['a trailing slash', 'reports/'],
  ['a backslash', 'reports\\..\\secret'],
  ['an encoded slash', 'reports%2f..%2fsecret'],
  ['an encoded dot', '%2e%2e/secret'],
  ['a home directory', '~/secret'],
  ["another user's home directory", '~root/secret'],
  ['a drive', 'C:/secret'],
  ['a URL', 'file:///etc/passwd'],
  ['a quote', '"a"'],
  ['an apostrophe', "a'b"],
  ['a NUL', 'a\0b'],
  ['a line break', 'a\nb'],
  ['a leading space', ' a'],
  ['a trailing space', 'a '],
  ['a wildcard', 'reports/*'],
  ['a brace', '{a,b}'],
  ['a variable', '$HOME/a'],
  ['another Unicode form', 'cafe\u0301'],
  ['a right-to-left override', 'a\u202eb'],
  ['a lone surrogate', '\ud800'],
  ['a full-width slash', 'a\uff0fb'],
  ['an overlong path', 'a'.repeat(600)],
  ['a deep path', 'a/'.repeat(40).concat('a')],
])('refuses a path with two readings, and never repairs it: %s', (_, path) => {
  expect(describe('read', { path })).toMatchObject({
    code: 'dataset_unmappable',
    pointer: '/path',
  });
  expect(describe('read_all', { paths: ['a', path] })).toMatchObject({
    code: 'dataset_unmappable',
    pointer: '/paths/1',
  });
});

test('a refusal says what is wrong, without the value', () => {
  const why = (path: string) => {
    const refused = describe('read', { path });
    return 'why' in refused ? refused.why : refused;
  };
  expect(['/etc', '', '../a', 'a%2fb'].map(why)).toEqual([
    ...['an absolute path', 'empty', 'a dot segment', 'a character that is not allowed'],
  ]);
});

test.each<[unknown]>([[null], [7], [true], [['a']], [{ a: 'b' }]])(
  'refuses an argument that names a dataset and is not a string: %j',
  (path) => {
    const refused = { code: 'dataset_unmappable', pointer: '/path', why: 'not a string' };
    expect(describe('read', { path } as JsonObject)).toEqual(refused);
  },
);

test('refuses a value of another shape than the catalogue expects', () => {
  const refused = (pointer: string, why: string) => ({ code: 'dataset_unmappable', pointer, why });
  expect(describe('read_all', { paths: 'a' })).toEqual(refused('/paths', 'not an array'));
  expect(describe('read_all', { paths: { 0: 'a' } })).toEqual(refused('/paths', 'not an array'));
  expect(describe('move', { from: 'p', to: 'q' })).toEqual(refused('/from', 'not an object'));
  expect(describe('move', { from: ['p'], to: 'q' })).toEqual(refused('/from', 'not an object'));
});
