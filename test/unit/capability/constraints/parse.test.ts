import { describe, expect, test } from 'vitest';
import { CONSTRAINTS_MAX } from '../../../../src/capability/constraints/limits.ts';
import {
  parseArgumentConstraints,
  parseByPointer,
  parseConstraint,
} from '../../../../src/capability/index.ts';

const url = (change: Record<string, unknown>) => ({
  url: { schemes: ['https'], host: 'api.example', ...change },
});
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);

describe('parses a constraint:', () => {
  test.each<[unknown]>([
    [{ exact: '' }],
    [{ exact: null }],
    [{ exact: -0.000001 }],
    [{ oneOf: many(64) }],
    [{ oneOf: [1, 0.5] }],
    [{ prefix: 'GB' }],
    [{ glob: '/a/**/*.md' }],
    [{ pathBelow: '/' }],
    [url({})],
    [url({ host: '[::1]', port: 65_535, pathBelow: '/v1/a%20b' })],
    [{ url: { schemes: ['https', 'wss'], hostSuffix: 'acme.example' } }],
    [{ cidr: '0.0.0.0/0' }],
    [{ cidr: ['10.0.0.0/8', 'fd00::/8'] }],
    [{ number: {} }],
    [{ integer: { min: 1, max: 1 } }],
    [{ length: { max: 0 } }],
    [{ matches: '(?i)[a-z]{1,20}' }],
    [{ optional: { allOf: [{ every: { allOf: [{ prefix: 'a' }] } }, { count: { min: 1 } }] } }],
    [{ any: { cidr: '::1/128' } }],
    [{ subsetOf: ['a'] }],
    [{ present: true }],
    [{ absent: true }],
  ])('%j', (input) => expect(parseConstraint(input)).toEqual({ ok: true, value: input }));
});

describe('refuses a constraint:', () => {
  test.each<[string, unknown, string]>([
    ['not an object', 'GB1', ''],
    ['a list', [{ exact: 1 }], ''],
    ['null', null, ''],
    ['nothing', {}, ''],
    ['an unknown kind', { notOneOf: ['a'] }, ''],
    ['a name that every object inherits', { constructor: 'a' }, ''],
    ['two kinds', { prefix: 'a', suffix: 'b' }, ''],
    ['a kind and a comment', { exact: 'a', comment: 'b' }, ''],
    ['an exact list', { exact: ['a'] }, 'exact'],
    ['an exact object', { exact: {} }, 'exact'],
    ['an exact lone surrogate', { exact: '\uD800' }, 'exact'],
    ['an exact text in NFD', { exact: 'e\u0301' }, 'exact'],
    ['an exact long text', { exact: 'é'.repeat(257) }, 'exact'],
    ['an exact number that does not fit millionths', { exact: 0.1 + 0.2 }, 'exact'],
    ['not a number', { exact: Number.NaN }, 'exact'],
    ['a list instead of a range', { number: [] }, 'number'],
    ['a list instead of a range of integers', { integer: [] }, 'integer'],
    ['a list instead of a URL', { url: [] }, 'url.schemes'],
    ['one of nothing', { oneOf: [] }, 'oneOf'],
    ['one of 65', { oneOf: many(65) }, 'oneOf'],
    ['one of a mixture', { oneOf: ['1', 1] }, 'oneOf'],
    ['one of null', { oneOf: [null] }, 'oneOf'],
    ['an empty prefix', { prefix: '' }, 'prefix'],
    ['a prefix of a URL', { prefix: 'https://good.example' }, 'prefix'],
    ['a prefix of a path', { prefix: 'reports/' }, 'prefix'],
    ['a prefix with a backslash', { prefix: 'C:\\' }, 'prefix'],
    ['an invisible suffix', { suffix: '\u200b' }, 'suffix'],
    ['a glob with a dot segment', { glob: '../*' }, 'glob'],
    ['a glob in the middle of a segment', { glob: 'a**/b' }, 'glob'],
    ['a glob with a trailing slash', { glob: 'a/' }, 'glob'],
    ['a glob with a class', { glob: '[ab]' }, 'glob'],
    ['a path with a dot segment', { pathBelow: 'a/../b' }, 'pathBelow'],
    ['a path with a trailing slash', { pathBelow: 'a/' }, 'pathBelow'],
    ['an empty path', { pathBelow: '' }, 'pathBelow'],
    ['a URL without a host', { url: { schemes: ['https'] } }, 'url'],
    ['a URL with host and hostSuffix', url({ hostSuffix: 'a.example' }), 'url'],
    ['a URL of an unknown scheme', url({ schemes: ['file'] }), 'url.schemes.0'],
    ['a URL of no scheme', url({ schemes: [] }), 'url.schemes'],
    ['a URL with user info', url({ userInfo: 'a' }), 'url.userInfo'],
    ['a host in upper case', url({ host: 'API.example' }), 'url.host'],
    ['a host with user info', url({ host: 'a@b.example' }), 'url.host'],
    ['a host with a port', url({ host: 'b.example:443' }), 'url.host'],
    ['a host with a trailing dot', url({ host: 'b.example.' }), 'url.host'],
    ['a host in Unicode', url({ host: 'bücher.example' }), 'url.host'],
    ['an octal host', url({ host: '0177.0.0.1' }), 'url.host'],
    ['a star as host', url({ host: '*.example' }), 'url.host'],
    ['a port of 0', url({ port: 0 }), 'url.port'],
    ['a port as a text', url({ port: '443' }), 'url.port'],
    ['a path with a query', url({ pathBelow: '/a?b' }), 'url.pathBelow'],
    ['a path that is sent otherwise', url({ pathBelow: '/é' }), 'url.pathBelow'],
    ['an address with a length beyond', { cidr: '10.0.0.0/33' }, 'cidr'],
    ['an address with bits behind', { cidr: '10.0.0.1/8' }, 'cidr'],
    ['a lone address', { cidr: '10.0.0.1' }, 'cidr'],
    ['a mapped range', { cidr: '::ffff:10.0.0.0/104' }, 'cidr'],
    ['an empty range', { number: { min: 2, max: 1 } }, 'number'],
    ['a misspelt end', { number: { maximum: 1 } }, 'number.maximum'],
    ['an end as a text', { number: { max: '1' } }, 'number.max'],
    ['an end beyond 64 bits', { number: { max: 1e13 } }, 'number.max'],
    ['infinity', { number: { max: Number.POSITIVE_INFINITY } }, 'number.max'],
    ['half an integer', { integer: { max: 0.5 } }, 'integer.max'],
    ['a negative length', { length: { min: -1 } }, 'length.min'],
    ['a length without an end', { length: {} }, 'length'],
    ['an invalid pattern', { matches: '(' }, 'matches'],
    ['a pattern that closes our group', { matches: 'a)|(?:b' }, 'matches'],
    ['a pattern that looks behind', { matches: '(?<=a)b' }, 'matches'],
    ['a pattern with a back-reference', { matches: '(a)\\1' }, 'matches'],
    ['a large pattern', { matches: '(?:a{10}){30}' }, 'matches'],
    ['a long pattern', { matches: 'a'.repeat(257) }, 'matches'],
    ['a pattern that comments ours away', { matches: '(?x)a#' }, 'matches'],
    ['absent: false', { absent: false }, 'absent'],
    ['optional twice', { optional: { optional: { exact: 1 } } }, 'optional'],
    ['optionally absent', { optional: { absent: true } }, 'optional'],
    ['lists of lists', { every: { every: { exact: 1 } } }, 'every'],
    ['a nested joining', { allOf: [{ allOf: [{ exact: 1 }] }] }, 'allOf.0'],
    ['a joining of nothing', { allOf: [] }, 'allOf'],
    ['a joining of nine', { allOf: Array(9).fill({ exact: 1 }) }, 'allOf'],
    ['an optional element', { every: { optional: { exact: 1 } } }, 'every'],
    ['a fault inside', { optional: { every: url({ host: 'A' }) } }, 'optional.every.url.host'],
  ])('%s', (_, input, where) => {
    const parsed = parseConstraint(input, '/a');
    expect(parsed).toMatchObject({
      ok: false,
      error: { code: 'constraint_invalid', pointer: '/a', where },
    });
  });
});

describe('refuses constraints by pointer', () => {
  const exact = { exact: 1 };
  test.each<[string, unknown, string]>([
    ['that are a list', [], ''],
    ['on a text that is not a pointer', { a: exact }, 'a'],
    ['on the whole', { '': exact }, ''],
    ['on a bad escape', { '/a~2': exact }, '/a~2'],
    ['on a lone surrogate', { '/\uD800': exact }, '/\uD800'],
    [
      'on a member named *, which the catalogue reads as every element',
      { '/to/*': exact },
      '/to/*',
    ],
    ['on a member inside a member named *', { '/to/*/x': exact }, '/to/*/x'],
    ['on the absence of a member named *', { '/to/*': { absent: true } }, '/to/*'],
    ['on an argument named *', { '/*': exact }, '/*'],
    ['deeper than arguments go', { [`${'/a'.repeat(17)}`]: exact }, '/a'.repeat(17)],
    ['one inside another', { '/a': exact, '/a/b': exact }, '/a/b'],
    [
      'if there are too many',
      Object.fromEntries(many(CONSTRAINTS_MAX + 1).map((v) => [`/${v}`, exact])),
      '',
    ],
  ])('%s', (_, input, pointer) => {
    expect(parseByPointer(input)).toMatchObject({ ok: false, error: { pointer } });
  });

  test('but not if a name only starts like another', () => {
    expect(parseByPointer({ '/a': exact, '/ab': exact, '/a~1b': exact }).ok).toBe(true);
  });
});

describe('refuses the constraints of a tool', () => {
  test.each<[string, unknown]>([
    ['without a list of arguments', { constraints: {} }],
    ['with an unknown member', { arguments: [], constraints: {}, open: true }],
    ['with a repeated argument', { arguments: ['a', 'a'], constraints: {} }],
    ['with 65 arguments', { arguments: many(65), constraints: {} }],
    ['with an argument that is not a string', { arguments: [1], constraints: {} }],
    ['with an argument named *', { arguments: ['*'], constraints: {} }],
    ['with a lone surrogate', { arguments: ['\uD800'], constraints: {} }],
    ['with an invalid constraint', { arguments: ['b'], constraints: { '/a': {} } }],
    [
      'with a constraint on an argument that is not listed',
      { arguments: ['b'], constraints: { '/a': { exact: 1 } } },
    ],
  ])('%s', (_, input) => expect(parseArgumentConstraints(input).ok).toBe(false));
});
