import { describe, expect, test } from 'vitest';
import {
  bytes,
  date,
  integer,
  parseAuthorizer,
  parseBlock,
  parseCheck,
  parseFact,
  parsePolicy,
  parseRule,
  parseTerm,
  printAuthorizer,
  printBlock,
  printCheck,
  printFact,
  printRule,
  printTerm,
  set,
  string,
  variable,
} from '../../../../src/biscuit/datalog/index.ts';
import { DEFAULT_LIMITS } from '../../../../src/biscuit/limits.ts';
import { good } from './scene.ts';

describe('terms', () => {
  test.each([
    ['9007199254740991', { kind: 'integer', value: 9007199254740991 }],
    ['9007199254740992', { kind: 'integer', value: 9007199254740992n }],
    ['-9223372036854775808', { kind: 'integer', value: -(2n ** 63n) }],
    ['"a\\"b\\\\c\\nd\te\nf"', { kind: 'string', value: 'a"b\\c\nd\te\nf' }],
    ['2018-12-20T00:00:00Z', { kind: 'date', value: 1545264000 }],
    ['2018-12-20T01:00:00.999+01:00', { kind: 'date', value: 1545264000 }],
    ['hex:00fF', { kind: 'bytes', value: new Uint8Array([0, 255]) }],
    ['null', { kind: 'null', value: null }],
    ['{,}', { kind: 'set', value: [] }],
    ['{ , }', { kind: 'set', value: [] }],
    ['{}', { kind: 'map', value: [] }],
    ['{true}', { kind: 'set', value: [{ kind: 'bool', value: true }] }],
    ['{hex:aa}', { kind: 'set', value: [bytes(new Uint8Array([0xaa]))] }],
    ['{2, 1, 2}', set([integer(1), integer(2)])],
    ['{"é", "z", "😁", "\uffee"}', { kind: 'set', value: ['z', 'é', '\uffee', '😁'].map(string) }],
    [
      '{"b": 1, 2: [], "b": 3}',
      {
        kind: 'map',
        value: [
          { key: integer(2), value: { kind: 'array', value: [] } },
          { key: string('b'), value: integer(3) },
        ],
      },
    ],
  ])('%s', (text, term) => {
    expect(good(parseTerm(text))).toEqual(term);
  });

  test.each([
    ['9223372036854775808', 'an integer of 64 bits'],
    ['2018-02-29T00:00:00Z', 'a date of the calendar, in or after 1970'],
    ['2018-12-20T24:00:00Z', 'a date of the calendar, in or after 1970'],
    ['1969-12-31T23:59:59Z', 'a date of the calendar, in or after 1970'],
    ['1970-01-01T00:30:00+01:00', 'a date of the calendar, in or after 1970'],
    ['{1, "a"}', 'another integer'],
    ['{1, {2}}', 'another integer'],
    ['{{2}}', 'a value that is no set'],
    ['[$x]', 'a value'],
    ['"open', 'a string in quotes'],
    ['"a\\qb"', 'a string in quotes'],
    ['hex:abc', 'bytes in hex'],
    ['{true: 1}', 'a string in quotes'],
    ['truer', 'true, false or null'],
  ])('%s is refused: expected %s', (text, expected) => {
    const result = parseTerm(text);
    expect(result).toMatchObject({ ok: false, error: { code: 'parse_failed' } });
    expect(!result.ok && 'expected' in result.error && result.error.expected).toContain(expected);
  });
});

describe('expressions bind as in the reference', () => {
  const same = (one: string, other: string) => {
    const withoutParens = (text: string) =>
      JSON.stringify(good(parseCheck(`check if ${text}`)), (_, value) =>
        Array.isArray(value) ? value.filter((item) => item?.operator !== 'parens') : value,
      );
    expect(withoutParens(one)).toBe(withoutParens(other));
  };
  test.each([
    ['1 + 2 * 3 - 4', '(1 + (2 * 3)) - 4'],
    ['1 | 2 ^ 3 & 4', '(1 | 2) ^ (3 & 4)'],
    ['1 < 2 || 3 > 4 && 5 == 6', '(1 < 2) || ((3 > 4) && (5 == 6))'],
    ['1 + 1 & 2 === 2', '((1 + 1) & 2) === 2'],
    ['!1 + 2', '!(1 + 2)'],
    ['!$a & $b', '(!$a) & $b'],
    ['!$a.length() + 1 === 2', '(!($a.length() + 1)) === 2'],
    ['$a &&! $b', '$a && (!$b)'],
    ['$a<-1', '$a < (-1)'],
    ['1 -1', '1 - 1'],
    ['$a.get(0).length() > 1', '(($a.get(0)).length()) > 1'],
  ])('%s is %s', (text, explicit) => {
    same(text, explicit);
  });

  test.each([
    '1 < 2 < 3',
    '1 == 2 == 3',
    '1 +',
    '(1',
    '$a.nothing()',
    '$a.length(1)',
    '[1].all(true)',
    '$a .length()',
  ])('%s is refused', (text) => {
    expect(parseCheck(`check if ${text}`)).toMatchObject({
      ok: false,
      error: { code: 'parse_failed' },
    });
  });
});

describe('statements', () => {
  const source = `// a comment
    trusting authority, ed25519/${'ab'.repeat(32)}; /* another
    one */ user("alice"); ns::fact_123("hello é\t😁")
    ; right($0, "read") <- resource($0), owner($1, $0), $1 == "alice" trusting previous;
    check if a(1), true or b($x), !$x; CHECK ALL a($x); reject if c(1); // and the end`;

  test('of a block are parsed and printed one per line', () => {
    const printed = `trusting authority, ed25519/${'ab'.repeat(32)};
user("alice");
ns::fact_123("hello é\t😁");
right($0, "read") <- resource($0), owner($1, $0), $1 == "alice" trusting previous;
check if a(1), true or b($x), !$x;
check all a($x);
reject if c(1);
`;
    expect(printBlock(good(parseBlock(source)))).toBe(printed);
    expect(printBlock(good(parseBlock(printed)))).toBe(printed);
  });

  test('of an authorizer may include policies, whose order is kept', () => {
    const printed = 'a(1);\nallow if a(1) trusting previous;\ndeny if true or false;\n';
    expect(printAuthorizer(good(parseAuthorizer(printed)))).toBe(printed);
  });

  test('one by one', () => {
    expect(printFact(good(parseFact(' a( 1 ,2 ) ')))).toBe('a(1, 2)');
    expect(printRule(good(parseRule('a() <- b($x)')))).toBe('a() <- b($x)');
    expect(good(parsePolicy('deny if true')).kind).toBe('deny');
    expect(good(parseCheck('check if(true)')).kind).toBe('if');
  });

  test.each([
    ['empty input', '', 1, 1, '"trusting"', undefined],
    ['a missing semicolon', 'a(1)\nb(2)', 2, 1, '";"', 'b(2)'],
    ['a policy in a block', 'a(1);\n  allow if true;', 2, 9, '"("', 'if true;'],
    ['a missing bracket', 'a(1, 2', 1, 7, '")"', ''],
    ['a variable in a fact', 'a($x);', 1, 6, '"<-"', ';'],
    [
      'a head that is not bound',
      'b(1);\n a($x) <- b($y);',
      2,
      2,
      'a head whose variables occur in predicates of the body',
      'a($x) <- b($y);',
    ],
    [
      'a bad scope',
      'check if true trusting another',
      1,
      24,
      '"authority" or "previous"',
      'another',
    ],
    ['a short key', 'check if true trusting ed25519/zz', 1, 24, 'a public key', 'ed25519/zz'],
    [
      'a key of one byte',
      'check if true trusting ed25519/00',
      1,
      24,
      'a key of 32 bytes',
      undefined,
    ],
    ['a comment that does not end', 'a(1); /* b', 1, 7, 'a predicate', '/* b'],
    ['reject all', 'reject all a(1)', 1, 1, '"reject if"', 'reject all a(1)'],
    ['half a character', 'a("\ud83d")', 1, 4, 'well-formed Unicode', undefined],
    ['columns count characters', 'a("😁", b)', 1, 8, 'a value', 'b)'],
  ])('%s is refused with its place', (name, text, line, column, expected, found) => {
    const result = parseBlock(text);
    if (name === 'empty input') {
      expect(result.ok).toBe(true);
      return;
    }
    expect(result).toMatchObject({ ok: false, error: { code: 'parse_failed', line, column } });
    if (result.ok || result.error.code !== 'parse_failed') throw new Error('not refused');
    expect(result.error.expected).toContain(expected);
    if (found !== undefined) expect(result.error.found).toBe(found);
  });
});

describe('parameters', () => {
  const key = { algorithm: 'ed25519', bytes: new Uint8Array(32).fill(7) } as const;

  test('stay values, whatever they look like', () => {
    const hostile = 'x") or true; //';
    const text = 'check if user({name}), {list}.contains({name}) trusting {key}';
    const check = good(
      parseCheck(text, { name: string(hostile), list: set([string(hostile)]), key }),
    );
    expect(printCheck(check)).toBe(
      `check if user("x\\") or true; //"), {"x\\") or true; //"}.contains("x\\") or true; //") trusting ed25519/${'07'.repeat(32)}`,
    );
  });

  test('work in collections and as map keys', () => {
    expect(
      printTerm(
        good(parseFact('a([{n}, {{n}: {n}}, { {n} }])', { n: integer(1) })).terms[0] ?? string(''),
      ),
    ).toBe('[1, {1: 1}, {1}]');
  });

  test('must all be given, and all be used', () => {
    expect(parseFact('a({x}, {y})', { y: integer(1), z: integer(2) })).toEqual({
      ok: false,
      error: { code: 'parameters_mismatch', missing: ['x'], unused: ['z'] },
    });
    expect(parseFact('a({toString})')).toMatchObject({ error: { missing: ['toString'] } });
  });

  test('of the wrong kind count as missing', () => {
    expect(parseFact('a({x})', { x: key })).toMatchObject({ error: { missing: ['x'] } });
    expect(parseCheck('check if true trusting {x}', { x: integer(1) })).toMatchObject({
      error: { missing: ['x'] },
    });
    expect(parseFact('a({x})', { x: variable('y') })).toMatchObject({
      error: { code: 'parse_failed' },
    });
    expect(parseFact('a({ {x}: 1 })', { x: date(1) })).toMatchObject({
      error: { code: 'parse_failed' },
    });
  });
});

describe('limits', () => {
  test.each([
    ['parentheses', `${'('.repeat(65)}1${')'.repeat(65)}`],
    ['negations', '!'.repeat(100_000)],
    ['arrays', '['.repeat(100_000)],
    ['maps', '{1:'.repeat(80_000)],
    ['closures', '[1].any($x -> '.repeat(70)],
    ['calls of try_or', `1${'.try_or(1)'.repeat(20_000)}`],
  ])('%s inside one another', (_, text) => {
    expect(parseCheck(`check if ${text}`)).toMatchObject({
      ok: false,
      error: { code: 'limit_exceeded', limit: 'sourceDepthMax' },
    });
  });

  test('long chains are not deep', () => {
    expect(parseCheck(`check if true${' && true'.repeat(20_000)}`).ok).toBe(true);
    expect(parseCheck(`check if 1${'.get(0)'.repeat(20_000)} == 1`).ok).toBe(true);
  });

  test('rejects text over the limit without parsing it', () => {
    const limits = { ...DEFAULT_LIMITS, sourceCharsMax: 4 };
    expect(parseFact('a(1)', {}, limits).ok).toBe(true);
    expect(parseFact('a(12)', {}, limits)).toMatchObject({
      error: { code: 'limit_exceeded', limit: 'sourceCharsMax' },
    });
  });
});
