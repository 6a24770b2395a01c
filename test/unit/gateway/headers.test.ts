import { describe, expect, test } from 'vitest';
import {
  decodeHeader,
  encodeHeader,
  mismatchedHeader,
  mismatchedParameter,
  parameterHeaders,
} from '../../../src/mcp-headers/index.ts';

const NEWEST = { 'mcp-protocol-version': '2026-07-28' };
const meta = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } };

describe('a text in a header', () => {
  test.each(['plain', 'two words', 'ä', ' padded ', 'a\nb', '=?base64?eA==?=', ''])(
    'returns as it was: %j',
    (text) => {
      const encoded = encodeHeader(text);
      expect(encoded).toMatch(/^[\x20-\x7e]*$/);
      expect(new Headers({ x: encoded }).get('x')).toBe(encoded);
      expect(decodeHeader(encoded)).toBe(text);
    },
  );

  test.each(['=?base64?eA?=', '=?base64?eB==?=', '=?base64?!?=', '=?base64?/w==?='])(
    'with a second spelling is not read: %s',
    (value) => expect(decodeHeader(value)).toBeUndefined(),
  );
});

describe('headers that repeat the body', () => {
  const read = { method: 'resources/read', params: { uri: 'notes://a', ...meta } };
  const right = { ...NEWEST, 'mcp-method': 'resources/read', 'mcp-name': 'notes://a' };

  test('are accepted if they do', () => {
    expect(mismatchedHeader(new Headers(right), read)).toBeUndefined();
    expect(mismatchedHeader(new Headers(), read)).toBeUndefined();
  });

  test.each([
    ['mcp-method', { ...right, 'mcp-method': 'resources/list' }],
    ['mcp-method', { ...right, 'mcp-method': 'Resources/read' }],
    ['mcp-method', { ...NEWEST, 'mcp-name': 'notes://a' }],
    ['mcp-name', { ...right, 'mcp-name': 'notes://b' }],
    ['mcp-name', { ...right, 'mcp-name': 'notes://a, notes://a' }],
    ['mcp-name', { ...NEWEST, 'mcp-method': 'resources/read' }],
    ['mcp-protocol-version', { ...right, 'mcp-protocol-version': '2025-11-25' }],
    ['mcp-param-uri', { ...right, 'Mcp-Param-Uri': 'notes://a' }],
  ])('are refused: %s in %j', (header, headers) => {
    expect(mismatchedHeader(new Headers(headers), read)).toBe(header);
  });

  test('are not required before revision 2026-07-28', () => {
    const old = { method: 'tools/call', params: { name: 'x' } };
    expect(
      mismatchedHeader(new Headers({ 'mcp-protocol-version': '2025-11-25' }), old),
    ).toBeUndefined();
    expect(mismatchedHeader(new Headers({ 'mcp-name': 'y' }), old)).toBe('mcp-name');
  });
});

describe('headers that repeat arguments', () => {
  const expected = { Region: '/region', Level: '/options/level' };
  const args = { region: 'ä', options: { level: 42 }, query: 'x' };
  const check = (headers: Record<string, string>, given: typeof args | object = args) =>
    mismatchedParameter(new Headers(headers), expected, given as never, true);
  const right = Object.fromEntries(parameterHeaders(expected, args));

  test('are made from the arguments', () => {
    expect(right).toEqual({ 'Mcp-Param-Region': '=?base64?w6Q=?=', 'Mcp-Param-Level': '42' });
    expect(parameterHeaders(expected, { region: null, options: { level: 1.5 } })).toEqual([]);
    expect(parameterHeaders(expected, { region: 'cut \ud83d' })).toEqual([]);
  });

  test('are accepted if they do, in any letter case, and numbers as numbers', () => {
    expect(check(right)).toBeUndefined();
    expect(check({ 'MCP-PARAM-REGION': '=?base64?w6Q=?=', 'mcp-param-level': '42.0' })).toBe(
      undefined,
    );
  });

  test.each([
    ['another value', { ...right, 'Mcp-Param-Level': '43' }, args],
    ['a value that is not encoded as it must be', { ...right, 'Mcp-Param-Region': 'a' }, args],
    ['a number in another form', { ...right, 'Mcp-Param-Level': '0x2a' }, args],
    ['a header without its argument', right, { region: 'ä' }],
    ['a number with leading zeros', { ...right, 'Mcp-Param-Level': '042' }, args],
    ['an argument without its header', { 'Mcp-Param-Level': '42' }, args],
    ['a header of no argument', { ...right, 'Mcp-Param-Query': 'x' }, args],
    ['an object as the argument', right, { ...args, region: {} }],
  ])('are refused: %s', (_, headers, given) => {
    expect(check(headers, given)).toMatch(/^mcp-param-/);
  });

  test('need not be there before revision 2026-07-28, and still must be right', () => {
    const old = (headers: Record<string, string>) =>
      mismatchedParameter(new Headers(headers), expected, args, false);
    expect(old({})).toBeUndefined();
    expect(old({ 'Mcp-Param-Level': '1' })).toBe('mcp-param-level');
  });
});
