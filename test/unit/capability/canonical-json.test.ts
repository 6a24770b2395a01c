import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import { argumentsDigest } from '../../../src/capability/index.ts';
import { toHex } from '../../../src/encoding.ts';

const hash = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const digest = async (args: JsonObject) => toHex(await argumentsDigest(args));

describe('RFC 8785', () => {
  test('section 3.2.2: writes the example of the RFC', () => {
    const input = `{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(input) as Json)).toBe(
      '{"literals":[null,true,false],' +
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('section 3.2.3: sorts members by UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const values = [...canonicalJson(input).matchAll(/:"([^"]*)"/g)].map((match) => match[1]);
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  // Appendix B: the bits of an IEEE 754 number, and its text.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: writes the number with the bits %s as %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\uD800', { '\uDC00': 1 }])(
    'refuses %j, which has no canonical form',
    (value) => expect(() => canonicalJson(value as Json)).toThrow(TypeError),
  );
});

describe('the digest of arguments', () => {
  test('is the SHA-256 of the canonical bytes', async () => {
    expect(await digest({})).toBe(hash('{}'));
    expect(await digest({ b: [1, -0, 0.1], a: 'é' })).toBe(hash('{"a":"é","b":[1,0,0.1]}'));
  });

  test('is the same for every order of members, and differs for different values', async () => {
    const one = await digest({ path: 'a', limit: 1 });
    expect(await digest({ limit: 1, path: 'a' })).toBe(one);
    for (const other of [
      { path: 'a', limit: '1' },
      { path: 'a', limit: 1.000001 },
      { path: 'a' },
      { path: 'a', limit: 1, more: null },
      { path: 'A', limit: 1 },
    ] satisfies JsonObject[]) {
      expect(await digest(other)).not.toBe(one);
    }
  });

  test('includes a member named __proto__', async () => {
    const args = JSON.parse('{"__proto__":{"path":"x"}}') as JsonObject;
    expect(await digest(args)).toBe(hash('{"__proto__":{"path":"x"}}'));
  });
});
