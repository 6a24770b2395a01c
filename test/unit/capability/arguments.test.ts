import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import {
  type ArgumentNode,
  argumentNodes,
  parseArgumentConstraints,
  parseBudgets,
  toMicros,
} from '../../../src/capability/index.ts';
import { unwrap } from '../fixtures/issuer.ts';

const nodes = (args: JsonObject): readonly ArgumentNode[] => unwrap(argumentNodes(args));
/** All nodes except arrays and objects that are not empty. */
const leaves = (args: JsonObject): readonly ArgumentNode[] =>
  nodes(args).filter(({ pointer, count, members }) => pointer && !count && !members?.length);
const leaf = (value: Json): ArgumentNode | undefined => leaves({ a: value })[0];
const refusal = (args: unknown) => argumentNodes(args as JsonObject);

const nested = (depth: number): Json => (depth === 0 ? 1 : { d: nested(depth - 1) });

describe('a leaf is listed under its RFC 6901 pointer', () => {
  test('with ~ and / escaped, and list items by index', () => {
    const args = { 'a/b': 1, 'm~n': { '': [true, ['x']] }, '~1': null };
    expect(leaves(args).map(({ pointer }) => pointer)).toEqual([
      '/a~1b',
      '/m~0n//0',
      '/m~0n//1/0',
      '/~01',
    ]);
  });

  test('and a nested value is not confused with a name that looks like its pointer', () => {
    const [flat] = leaves({ 'a/b': 1 });
    const [deep] = leaves({ a: { b: 1 } });
    expect(flat?.pointer).not.toBe(deep?.pointer);
  });

  test('containers are listed, including the whole and empty ones', () => {
    expect(nodes({ a: [[]], 'b/c': { d: {} } })).toEqual([
      { pointer: '', type: 'object', members: ['/a', '/b~1c'] },
      { pointer: '/a', type: 'array', count: 1 },
      { pointer: '/a/0', type: 'array', count: 0 },
      { pointer: '/b~1c', type: 'object', members: ['/b~1c/d'] },
      { pointer: '/b~1c/d', type: 'object', members: [] },
    ]);
    expect(nodes({})).toEqual([{ pointer: '', type: 'object', members: [] }]);
  });

  test('with its type', () => {
    const types = leaves({ s: '', i: 1, n: 0.5, b: false, z: null }).map(({ type }) => type);
    expect(types).toEqual(['string', 'integer', 'number', 'boolean', 'null']);
  });
});

describe('refuses arguments', () => {
  test('nested deeper than 16 levels, but not with 16', () => {
    expect(refusal({ a: nested(15) }).ok).toBe(true);
    expect(refusal({ a: nested(16) })).toMatchObject({ error: { why: 'nested too deeply' } });
  });

  test('nested deeper than the stack, without overflowing it', () => {
    expect(refusal({ a: nested(5_000) }).ok).toBe(false);
  });

  test('with more than 128 leaves, but not with 128', () => {
    expect(refusal({ a: Array(128).fill(0) }).ok).toBe(true);
    expect(refusal({ a: Array(129).fill(0) })).toMatchObject({ error: { why: 'too many leaves' } });
    expect(refusal({ a: Array(129).fill([]) }).ok).toBe(false);
    expect(refusal({ a: Array(100).fill(0), b: Array(29).fill(0) }).ok).toBe(false);
  });

  test('with a name too long for a pointer, and does not repeat the name', () => {
    const named = (name: string) => argumentNodes({ a: { [name]: { b: 1 } } });
    expect(named('n'.repeat(507)).ok).toBe(true); // `/a/`, the name, `/b`: 512 bytes.
    for (const name of ['n'.repeat(508), 'é'.repeat(254), '~'.repeat(254), 'n'.repeat(240_000)]) {
      const { error } = refusal({ a: { [name]: { b: 1 } } }) as { error: { pointer: string } };
      expect(error).toMatchObject({ code: 'arguments_invalid', why: 'a name that is too long' });
      expect(error.pointer.length).toBeLessThanOrEqual(512);
    }
  });

  test('with more than 128 arrays and objects, but not with 128', () => {
    // Nine containers for one leaf, fourteen times, in one array: 127, and the whole.
    const around = (count: number): Json => [...Array(count).fill(nested(9)), [1]];
    expect(refusal({ a: around(13), b: nested(8) }).ok).toBe(true);
    expect(refusal({ a: around(14) })).toMatchObject({ error: { why: 'too many containers' } });
  });

  test.each([
    [{ a: '\uD800' }, '/a'],
    [{ a: ['x', '\uDFFF!'] }, '/a/1'],
    [{ '\uD800': 1 }, ''],
  ])('with a lone surrogate: %j', (args, pointer) => {
    expect(refusal(args)).toMatchObject({ error: { code: 'arguments_invalid', pointer } });
  });

  test.each([undefined, 1n, Symbol('x'), () => 1])('with %s, which is not JSON', (value) => {
    expect(refusal({ a: value })).toMatchObject({ error: { why: 'not a JSON value' } });
  });
});

describe('a number in the arguments', () => {
  test.each([
    [0, 0n],
    [-0, 0n],
    [1, 1_000_000n],
    [-1, -1_000_000n],
    [0.5, 500_000n],
    [0.1, 100_000n],
    [50.000001, 50_000_001n],
    [-0.000001, -1n],
    [9_223_372_036_854, 9_223_372_036_854_000_000n],
    [-9_223_372_036_854, -9_223_372_036_854_000_000n],
  ])('%d is exactly %d millionths', (value, micros) => expect(toMicros(value)).toBe(micros));

  test.each([
    0.1 + 0.2,
    1e-7,
    50.0000001,
    1e21,
    1e300,
    2 ** 53,
    2 ** 63,
    -(2 ** 63),
    9_223_372_036_855,
    -9_223_372_036_855,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%d does not fit and is refused', (value) => {
    expect(toMicros(value)).toBeUndefined();
    expect(refusal({ a: value })).toMatchObject({ error: { pointer: '/a' } });
  });

  test('has its value and its millionths if it is an integer, and only its millionths if not', () => {
    expect(leaf(7)).toEqual({ pointer: '/a', type: 'integer', value: 7, micros: 7_000_000n });
    expect(leaf(7.5)).toEqual({ pointer: '/a', type: 'number', micros: 7_500_000n });
  });

  test('is 0 for -0, and the integer 1 for 1.0', () => {
    expect(Object.is(leaf(-0)?.value, 0)).toBe(true);
    expect(leaf(JSON.parse('1.0') as Json)).toEqual(leaf(1));
    expect(leaf(JSON.parse('1e2') as Json)).toEqual(leaf(100));
  });

  test('stays a text if it is written as one', () => {
    const text = { length: 4, forms: ['text', 'path'] };
    expect(leaf('9000')).toEqual({ pointer: '/a', type: 'string', value: '9000', text });
  });
});

describe('a text that is a URL', () => {
  test.each([
    ['https://crm.example/v1', 'https', 'crm.example', 443, '/v1'],
    ['HTTPS://CRM.example:8443', 'https', 'crm.example', 8443, '/'],
    ['https://crm.example./x?y#z', 'https', 'crm.example', 443, '/x'],
    ['https://good.example@evil.example/', 'https', 'evil.example', 443, '/'],
    ['http://[::1]/', 'http', '[::1]', 80, '/'],
    ['http://0x7f.1/', 'http', '127.0.0.1', 80, '/'],
    ['https://xn--gre-hoa5h.example/a%20b', 'https', 'xn--gre-hoa5h.example', 443, '/a%20b'],
    ['ftp://files.example/a', 'ftp', 'files.example', 21, '/a'],
  ])('%s is read as its target reads it', (text, scheme, host, port, path) => {
    expect(leaf(text)?.text?.url).toMatchObject({ scheme, host, port, path });
  });

  test('has no port if its scheme has none', () => {
    expect(leaf('git://files.example/a')?.text?.url).toEqual({
      scheme: 'git',
      host: 'files.example',
      path: '/a',
    });
  });

  test.each([
    'https://crm.example/a/../b',
    'https://crm.example/a/./b',
    'https://crm.example/%2e%2e/b',
    'https://crm.example/a%2Fb',
    'https://crm.example/a%5cb',
    'https://crm.example/a%00',
    'https://crm.example//b',
    'https://crm.example\\@evil.example/',
    'https://crm.example/a\\b',
  ])('%s has an ambiguous path and is refused', (text) => {
    expect(refusal({ a: text })).toMatchObject({ error: { why: 'an ambiguous URL path' } });
  });

  test.each(['crm.example', 'see https://crm.example', 'https:crm.example', '//crm.example', ''])(
    '%j is not an absolute URL and has no URL facts',
    (text) => expect(leaf(text)?.text).not.toHaveProperty('url'),
  );
});

describe('refuses a value whose members a check could not see', () => {
  class Payment {
    get to() {
      return 'https://evil.example/';
    }
  }
  const odd: readonly (readonly [string, unknown])[] = [
    ['a Map', new Map([['to', 'evil']])],
    ['a URLSearchParams', new URLSearchParams('to=evil')],
    ['a URL', new URL('https://evil.example/')],
    ['a Date', new Date(0)],
    ['an instance of a class', new Payment()],
    ['an object that inherits its members', Object.create({ to: 'evil' })],
    ['a boxed text', Object('evil')],
    ['bytes', new Uint8Array([1])],
  ];

  test.each(odd)('%s', (_, value) => {
    expect(refusal(value)).toMatchObject({ ok: false, error: { code: 'arguments_invalid' } });
    const inside = { ok: false, error: { code: 'arguments_invalid', pointer: '/a' } };
    expect(refusal({ a: value })).toMatchObject(inside);
  });

  test('refuses a list with a hole, and does not throw', () => {
    // biome-ignore lint/suspicious/noSparseArray: a JavaScript caller can pass one.
    expect(refusal({ a: [, 'x'] })).toMatchObject({ ok: false, error: { pointer: '/a/0' } });
  });

  test.each(odd)('constraints and budgets are not read from %s either', (_, value) => {
    expect(parseArgumentConstraints({ arguments: ['to'], constraints: value })).toMatchObject({
      ok: false,
      error: { code: 'constraint_invalid' },
    });
    expect(parseBudgets(value)).toMatchObject({ ok: false, error: { code: 'budgets_invalid' } });
  });

  test('accepts objects without a prototype and objects of another realm', () => {
    const bare: object = Object.assign(Object.create(null), { a: 1 });
    expect(refusal(bare)).toMatchObject({ ok: true });
    expect(refusal(runInNewContext('({ a: { b: 1 } })'))).toMatchObject({ ok: true });
  });
});
