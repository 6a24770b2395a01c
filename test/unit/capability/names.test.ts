import { describe, expect, test } from 'vitest';
import {
  checkAudience,
  checkDataset,
  checkPath,
  checkTool,
  covers,
} from '../../../src/capability/index.ts';
import { checkMethod } from '../../../src/capability/names.ts';

const COMBINING = 'cafe\u0301'; // NFD: an e and a combining acute accent.
const UNREADABLE = {
  'Unicode form NFD': COMBINING,
  'a byte order mark': '\uFEFFcrm',
  'a zero-width space': 'c\u200Brm',
  'a zero-width joiner': 'c\u200Drm',
  'a variation selector': 'crm\uFE0F',
  'a Hangul filler': 'crm\u3164',
  'a grapheme joiner': 'crm\u034f',
  'a blank Khitan character, which counts as a mark': 'crm\u{16fe4}',
  'a blank hieroglyph, which counts as a letter': 'crm\u{13441}',
  'a Tifinagh joiner, which counts as a mark': 'crm\u2d7f',
  'an ideographic space': 'c\u3000rm',
  'a right-to-left override': 'crm\u202Etxt',
  'a lone high surrogate': 'crm\uD800',
  'a lone low surrogate': '\uDC00crm',
  'a NUL': 'crm\0',
  'a line feed': 'crm\n',
  'a line separator': 'crm\u2028x',
  'a tab inside': 'c\trm',
  'a no-break space': 'c\u00A0rm',
  'a private-use character': 'crm\uE000',
  'a leading space': ' crm',
  'a trailing space': 'crm ',
  'two spaces in a row': 'crm  search',
  'nothing at all': '',
};

describe('the name of a tool', () => {
  test.each(Object.entries(UNREADABLE))('with %s is refused', (_, name) => {
    expect(checkTool(name)).toMatchObject({
      ok: false,
      error: { code: 'name_invalid', kind: 'tool' },
    });
  });

  test.each([
    'crm.search',
    'mcp/files/read_file',
    'café',
    'x"); allow if true; //',
    'two words',
    '検索',
    '{p0}',
  ])('may be %j', (name) => {
    expect(checkTool(name)).toEqual({ ok: true, value: name });
  });

  test('has up to 128 bytes, counted in UTF-8', () => {
    expect(checkTool('x'.repeat(128)).ok).toBe(true);
    expect(checkTool('x'.repeat(129)).ok).toBe(false);
    expect(checkTool('é'.repeat(64)).ok).toBe(true);
    expect(checkTool(`${'é'.repeat(64)}x`).ok).toBe(false);
  });
});

describe('the name of a dataset', () => {
  const unfit = ['a/../b', '..', '.', './a', 'a/./b', '/a', 'a/', 'a//b', '/', '\\a', 'a\\b'];
  const meaningful = ['a%2fb', '~/a', 'c:a', 'a"b', "a'b", 'a*', 'a?b', 'a|b', 'a;b', 'a<b', '$x'];
  test.each([...Object.entries(UNREADABLE), ...[...unfit, ...meaningful].map((d) => [d, d])])(
    'is refused with %s',
    (_, dataset) => {
      expect(checkDataset(dataset ?? '')).toMatchObject({
        ok: false,
        error: { code: 'name_invalid', kind: 'dataset' },
      });
    },
  );

  test.each([
    'crm',
    'crm/contacts/eu',
    'reports/Q3 2026 (final).md',
    'größe/日本',
    '...',
    'a/.git',
  ])('may be %j', (dataset) => expect(checkDataset(dataset)).toEqual({ ok: true, value: dataset }));

  test('has up to 512 bytes and 32 segments', () => {
    expect(checkDataset('x'.repeat(512)).ok).toBe(true);
    expect(checkDataset('x'.repeat(513)).ok).toBe(false);
    expect(checkDataset(Array(32).fill('a').join('/')).ok).toBe(true);
    expect(checkDataset(Array(33).fill('a').join('/')).ok).toBe(false);
  });
});

describe('a dataset covers', () => {
  test.each([
    ['crm/contacts', 'crm/contacts'],
    ['crm/contacts', 'crm/contacts/eu'],
    ['crm', 'crm/contacts/eu/de'],
  ])('%s covers %s', (granted, asked) => expect(covers(granted, asked)).toBe(true));

  test.each([
    ['crm/contacts', 'crm/contacts-archive'],
    ['crm/contacts', 'crm/contacts.bak/x'],
    ['crm/contacts', 'crm'],
    ['crm/contacts/eu', 'crm/contacts'],
    ['crm', 'CRM/contacts'],
    ['crm/contacts', 'x/crm/contacts'],
  ])('%s does not cover %s', (granted, asked) => expect(covers(granted, asked)).toBe(false));
});

describe('an audience', () => {
  test.each([
    'https://crm.example',
    'https://crm.example/',
    'https://crm.example/v1/api',
    'http://127.0.0.1:8787',
  ])('may be %s', (audience) => {
    expect(checkAudience(audience)).toEqual({ ok: true, value: audience });
  });

  test.each([
    '',
    'crm.example',
    'ftp://crm.example',
    'javascript:alert(1)',
    'https://user@crm.example',
    'https://:pw@crm.example',
    'https://@crm.example',
    'https://crm.example?',
    'https://crm.example#x',
    'https://crm.example/?a=b',
    'HTTPS://crm.example',
    'https://CRM.example',
    'https://crm.example:443',
    'https:crm.example',
    'https:\\\\crm.example',
    ' https://crm.example',
    'https://crm.example\n',
    'https://crm.exa\tmple',
    'https://crm.example/a/../b',
    'https://crm.example/%zz\uD800',
    'https://größe.example',
  ])('must not be %j', (audience) => {
    expect(checkAudience(audience)).toMatchObject({ ok: false, error: { kind: 'audience' } });
  });

  test('has up to 512 bytes', () => {
    const fill = (length: number) => `https://crm.example/${'a'.repeat(length - 20)}`;
    expect(checkAudience(fill(512)).ok).toBe(true);
    expect(checkAudience(fill(513)).ok).toBe(false);
  });
});

describe('a method', () => {
  test.each(['GET', 'DELETE', 'X'.repeat(16)])('may be %s', (method) => {
    expect(checkMethod(method).ok).toBe(true);
  });
  test.each(['', 'get', 'GET ', 'GET\n', 'M-SEARCH', 'X'.repeat(17)])(
    'must not be %j',
    (method) => {
      expect(checkMethod(method)).toMatchObject({ ok: false, error: { kind: 'method' } });
    },
  );
});

describe('a path', () => {
  test.each(['/', '/v1/contacts', '/v1/contacts/', '/a%20b', '/a.b/..c', '/größe', '/%C3%A9'])(
    'may be %s',
    (path) => expect(checkPath(path)).toEqual({ ok: true, value: path }),
  );

  test.each([
    ...['', 'v1', '//', '//evil', '/a//b', '/a/./b', '/a/../b', '/a/..', '/a/.', '/.', '/..'],
    ...['/a%2fb', '/a%2Fb', '/a%5cb', '/a%00', '/a\0', '/%2e%2e/b', '/%2E./b', '/a\\b', '/a;b'],
    ...['/a?b', '/a#b', '/a%', '/a%2', '/a%zz', '/a%252fb', '/a%c0%afb', '/a%ff', '/a\u200Bb'],
    ...['/\uD800', '/cafe\u0301'],
  ])('must not be %j', (path) => {
    expect(checkPath(path)).toMatchObject({ ok: false, error: { kind: 'path' } });
  });

  test('has up to 2048 bytes', () => {
    expect(checkPath(`/${'a'.repeat(2_047)}`).ok).toBe(true);
    expect(checkPath(`/${'a'.repeat(2_048)}`).ok).toBe(false);
  });
});
