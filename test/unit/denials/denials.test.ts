import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  codesCountedAs,
  DENIALS,
  type DenialCode,
  isOneOfCodes,
  UPSTREAM_FAILURES,
} from '../../../src/denials/index.ts';

describe('the table of denials', () => {
  test.each(Object.entries(DENIALS))('has a line for %s that a header can quote', (_, entry) => {
    expect(entry.message).toMatch(/^[A-Z][\x20-\x21\x23-\x5b\x5d-\x7e]+\.$/);
  });

  test('counts only temporary denials as outages', () => {
    for (const code of codesCountedAs('outage')) expect(DENIALS[code].status).toBe(503);
  });

  test('counts only forbidden calls as out of scope', () => {
    for (const code of codesCountedAs('out_of_scope')) expect(DENIALS[code].status).toBe(403);
  });
});

describe('a code from outside', () => {
  const codes = ['revoked', 'expired'] as const satisfies readonly DenialCode[];

  test('is narrowed to the codes that it is compared with', () => {
    const code: string = 'revoked';
    expect(isOneOfCodes(codes, code)).toBe(true);
    if (isOneOfCodes(codes, code)) expectTypeOf(code).toEqualTypeOf<'revoked' | 'expired'>();
  });

  test.each(['suspended', 'constructor', 'a code of a later release', undefined])(
    'that is not among them is not: %s',
    (code) => expect(isOneOfCodes(codes, code)).toBe(false),
  );
});

test.each(Object.entries(UPSTREAM_FAILURES))(
  'the message of %s says whether the request may have been carried out',
  (_, { effect, message }) => {
    expect(message.includes('may have carried out')).toBe(effect === 'unknown');
  },
);
