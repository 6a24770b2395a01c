import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { needlesOf, Scanner } from '../../../workers/gateway/upstream/scanner.ts';

const SECRET = 'sk-live_9fK+x/Zq=%41\\"a&b?Y7';
const NEEDLES = needlesOf([SECRET]);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin = (text: string): string =>
  [...bytesOf(text)].map((b) => String.fromCharCode(b)).join('');

/** Scans a text in chunks of this size. Returns what was released, and whether a secret was found. */
function scan(text: string | Uint8Array, size = 7, needles = NEEDLES) {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const scanner = new Scanner(needles);
  const released: number[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    const part = scanner.push(bytes.subarray(start, start + size));
    if (!part) return { leaked: true, released: Uint8Array.from(released) };
    released.push(...part);
  }
  const rest = scanner.end();
  if (!rest) return { leaked: true, released: Uint8Array.from(released) };
  return { leaked: false, released: Uint8Array.from([...released, ...rest]) };
}

const hex = (text: string): string =>
  [...bytesOf(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const percent = (text: string): string =>
  [...bytesOf(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const unicode = (text: string): string =>
  [...text].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const base64Url = (text: string): string =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const lines = (text: string): string => text.replace(/(.{8})/g, '$1\r\n');
const html = (text: string): string => [...text].map((each) => `&#${each.charCodeAt(0)};`).join('');
const htmlHex = (text: string): string =>
  [...text].map((each) => `&#x${each.charCodeAt(0).toString(16)};`).join('');
const plain = (text: string): string => (/[\\%&]/.test(text) ? unicode(text) : text);
const mixed = (text: string): string =>
  [...text].map((each, index) => [unicode, percent, plain, htmlHex][index % 4]?.(each)).join('');
const utf16 = (text: string): string => [...text].map((each) => `${each}\0`).join('');

const SPELLINGS: readonly (readonly [string, (text: string) => string])[] = [
  ['itself', String],
  ['base64', btoa],
  ['base64 after one byte', (text) => btoa(`a${text}`)],
  ['base64 after two bytes', (text) => btoa(`ab${text}c`)],
  ['base64 of Basic', (text) => btoa(`service:${text}`)],
  ['base64url', base64Url],
  ['base64url after one byte', (text) => base64Url(`a${text}z`)],
  ['base64url after two bytes', (text) => base64Url(`ab${text}`)],
  ['base64 in lines', (text) => lines(btoa(text))],
  ['base64 in lines, in JSON', (text) => json(lines(btoa(`a${text}`)))],
  ['base64, percent-encoded', (text) => encodeURIComponent(btoa(text))],
  ['base64 with escaped slashes', (text) => btoa(text).replaceAll('/', '\\/')],
  ['hex', hex],
  ['hex in capital letters', (text) => hex(text).toUpperCase()],
  [
    'hex in mixed case',
    (text) => [...hex(text)].map((c, i) => (i % 3 ? c : c.toUpperCase())).join(''),
  ],
  ['percent-encoding of every byte', percent],
  ['percent-encoding in capital letters', (text) => percent(text).toUpperCase()],
  ['percent-encoding where needed', encodeURIComponent],
  ['percent-encoding twice', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['a form', (text) => new URLSearchParams({ a: text }).toString()],
  ['JSON', json],
  ['JSON in JSON', (text) => json(json(text))],
  ['JSON in JSON in JSON', (text) => json(json(json(text)))],
  ['\\u escapes', unicode],
  [
    '\\u escapes in capital letters',
    (text) => unicode(text).replaceAll(/u(....)/g, (_, d) => `u${d.toUpperCase()}`),
  ],
  ['\\u escapes in JSON', (text) => json(unicode(text))],
  ['\\x escapes', (text) => percent(text).replaceAll('%', '\\x')],
  ['references of HTML', html],
  ['hexadecimal references of HTML', htmlHex],
  ['a different escape for each character', mixed],
  ['UTF-16', utf16],
  ['lower case', (text) => text.toLowerCase()],
];

describe('a secret is found, whole and in chunks of any size, and nothing of it is released, as', () => {
  test.each(SPELLINGS)('%s', (_, spell) => {
    const spelled = spell(SECRET);
    for (const size of [1, 2, 3, 5, 16, 1_000]) {
      const { leaked, released } = scan(`{"ok":true,"echo":"${spelled}"}`, size);
      expect([size, leaked]).toEqual([size, true]);
      // Before the secret may stand what its spelling put there.
      expect(released.length).toBeLessThanOrEqual('{"ok":true,"echo":"'.length + 14);
    }
  });
});

test('an agent cannot hide a secret behind what it makes the server write before it', () => {
  for (const before of [
    '%',
    '%4',
    '\\',
    '\\u',
    '\\u00',
    '&',
    '&#',
    '&#x',
    '&am',
    's',
    'sk-',
    '\\\\',
  ]) {
    expect([before, scan(`${before}${SECRET}`).leaked]).toEqual([before, true]);
    expect([before, scan(`${before}${btoa(SECRET)}`).leaked]).toEqual([before, true]);
  }
});

test('what has no secret passes unchanged, whatever it is and wherever it is cut', () => {
  const pieces = fc.oneof(
    fc.string(),
    fc.constantFrom('%', '%4', '\\u00', '&amp;', '&#', '\\"', SECRET.slice(0, -3), ' ', '\0'),
    fc.constantFrom(
      btoa(SECRET).slice(0, 20),
      hex(SECRET).slice(0, 30),
      percent(SECRET.slice(0, 9)),
    ),
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      (all, size) => {
        const text = all.join('');
        const { leaked, released } = scan(text, size);
        expect(leaked).toBe(false);
        expect(released).toEqual(bytesOf(text));
      },
    ),
  );
});

test('any secret is found in any spelling behind any text', () => {
  const unit = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  const secret = fc
    .string({ minLength: 12, maxLength: 60, unit })
    // One that looks escaped in two syntaxes at a time is beyond what a chain of levels undoes.
    .filter((own) => ['%', '&', '\\'].filter((sign) => own.includes(sign)).length < 2);
  fc.assert(
    fc.property(
      secret,
      fc.string({ maxLength: 10 }),
      fc.constantFrom(...SPELLINGS),
      fc.integer({ min: 1, max: 30 }),
      (own, before, [, spell], size) => {
        const text = `${latin(before)}{"a":"${spell(own)}"}`;
        expect(scan(text, size, needlesOf([own])).leaked).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test('a token in the form of a JWT is known by its signature, and others of its server are not it', () => {
  const head = base64Url('{"alg":"RS256","kid":"one"}');
  const token = (signature: string) => `${head}.${base64Url('{"sub":"a"}')}.${signature}`;
  const needles = needlesOf([token('AbCdEfGh1234567890-xyz')]);
  expect(scan(token('ZyXwVuTs0987654321-abc'), 9, needles).leaked).toBe(false);
  expect(scan(`a ${token('AbCdEfGh1234567890-xyz')}`, 9, needles).leaked).toBe(true);
});

test('an event that is complete is released at once, and little is ever held back', () => {
  const scanner = new Scanner(NEEDLES);
  const event = bytesOf('data: {"jsonrpc":"2.0","result":{"text":"a\\nb"}}\n\n');
  expect(scanner.push(event)).toEqual(event);
  // A partial match with as much white space as it can have.
  const spaced = [...SECRET]
    .slice(0, -1)
    .map((each) => `${each}${' '.repeat(64)}`)
    .join('');
  const released = scanner.push(bytesOf(spaced + ' '.repeat(100_000)))?.length ?? 0;
  expect(spaced.length + 100_000 - released).toBeLessThanOrEqual(64);
});
