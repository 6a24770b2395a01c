import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ACTIONS,
  checkDataset,
  checkTool,
  readScope,
  writeScope,
} from '../../../src/capability/index.ts';

const named = (check: (text: string) => { readonly ok: boolean }) =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => check(text).ok);

const grant = fc.record({
  tool: named(checkTool),
  action: fc.constantFrom(...ACTIONS),
  dataset: named(checkDataset),
});

test('reads back the scope that it wrote, for any names', () => {
  const grants = fc.uniqueArray(grant, { minLength: 1, maxLength: 4, selector: JSON.stringify });
  fc.assert(
    fc.property(grants, (asked) => {
      const scope = writeScope(asked);
      // RFC 6749 section 3.3: %x21 / %x23-5B / %x5D-7E, and spaces between.
      expect(scope).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(readScope(scope)).toEqual({ ok: true, value: asked });
    }),
  );
});

test('writes plain names as they are', () => {
  const plain = 'mcp/files/read_text_file:read:files/reports';
  expect(readScope(plain)).toEqual({
    ok: true,
    value: [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }],
  });
  expect(readScope('a%3Ab:read:c%20d')).toMatchObject({
    value: [{ tool: 'a:b', dataset: 'c d' }],
  });
});

test.each([
  ['nothing', ''],
  ['a missing part', 'a:read'],
  ['an additional part', 'a:read:b:c'],
  ['an empty part', ':read:b'],
  ['an unknown action', 'a:READ:b'],
  ['two spaces', 'a:read:b  c:read:d'],
  ['an encoded character that needs no encoding', 'a:read:b%2Fc'],
  ['lower-case hex', 'a%3ab:read:c'],
  ['half a percent sign', 'a:read:b%2'],
  ['bytes that are not UTF-8', 'a%FF:read:b'],
  ['an overlong slash', 'a:read:b%C0%AFc'],
  ['a dataset with a dot segment', 'a:read:b/../c'],
  ['a letter beyond ASCII that is not encoded', 'ä:read:b'],
  [
    'more grants than a capability can have',
    Array.from({ length: 33 }, (_, i) => `a:read:b${i}`).join(' '),
  ],
])('refuses a scope with %s', (_what, scope) => {
  expect(readScope(scope)).toEqual({ ok: false, error: { code: 'scope_invalid' } });
});

test('leaves out a grant with constraints, which has no short form', () => {
  const constrained = {
    tool: 'a',
    action: 'read',
    dataset: 'b',
    constraints: { arguments: ['x'], constraints: {} },
  } as const;
  expect(writeScope([constrained])).toBe('');
});
