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

test('what is written is read back, whatever the names', () => {
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

test('the plain form is the plain names', () => {
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
  ['a part too few', 'a:read'],
  ['a part too many', 'a:read:b:c'],
  ['an empty part', ':read:b'],
  ['an action that is none', 'a:READ:b'],
  ['two spaces', 'a:read:b  c:read:d'],
  ['another spelling of a sign that needs none', 'a:read:b%2Fc'],
  ['lower-case hex', 'a%3ab:read:c'],
  ['half a percent sign', 'a:read:b%2'],
  ['bytes that are no UTF-8', 'a%FF:read:b'],
  ['an overlong slash', 'a:read:b%C0%AFc'],
  ['a dataset that climbs', 'a:read:b/../c'],
  ['a raw letter beyond ASCII', 'ä:read:b'],
  [
    'more grants than a capability holds',
    Array.from({ length: 33 }, (_, i) => `a:read:b${i}`).join(' '),
  ],
])('%s is refused', (_what, scope) => {
  expect(readScope(scope)).toEqual({ ok: false, error: { code: 'scope_invalid' } });
});

test('a grant that has more to say has no short form, and is not said without it', () => {
  const constrained = {
    tool: 'a',
    action: 'read',
    dataset: 'b',
    constraints: { arguments: ['x'], constraints: {} },
  } as const;
  expect(writeScope([constrained])).toBe('');
});
