import * as v from 'valibot';
import { expect, test } from 'vitest';
import { CALL_END, CHARGE } from '../../../src/issuer-api/index.ts';

/** What a verifier may state of one call that it charges. */
const charge = (measured: object) => ({
  workflow: `wf_${'A'.repeat(22)}`,
  tool: 'mcp/bank/pay',
  nonce: 'n'.repeat(22),
  amounts: {},
  measured,
});
const DIGEST = 'ab'.repeat(16);
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`/to${n}`, null]));

test.each<[string, object, object]>([
  ['at most 16 arguments', many(16), many(17)],
  [
    'at most 64 values of an argument',
    { '/to': { values: Array(64).fill(DIGEST) } },
    { '/to': { values: Array(65).fill(DIGEST) } },
  ],
  ['digests, and never a value', { '/to': { values: [DIGEST] } }, { '/to': { values: ['bob'] } }],
  [
    'whole sums that are not negative',
    { '/to': { values: [], micros: 0 } },
    { '/to': { values: [], micros: -1 } },
  ],
  ['nothing else', { '/to': { values: [] } }, { '/to': { values: [], more: 1 } }],
])('a charge measures %s', (_, taken, refused) => {
  expect(v.is(CHARGE, charge(taken))).toBe(true);
  expect(v.is(CALL_END, { ...charge(taken), end: 'ok' })).toBe(true);
  expect(v.is(CHARGE, charge(refused))).toBe(false);
  expect(v.is(CALL_END, { ...charge(refused), end: 'ok' })).toBe(false);
});
