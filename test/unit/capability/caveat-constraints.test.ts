import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { type ConstraintsByPointer, callFacts, checkCall } from '../../../src/capability/index.ts';
import { AUDIENCE, at, mintToken, narrowed, opened, unwrap } from '../fixtures/issuer.ts';

/** A hijacked agent sends a limited argument with another type or elsewhere, or leaves it out. */
async function passes(constraints: ConstraintsByPointer, args: JsonObject): Promise<boolean> {
  const token = await opened(await narrowed(mintToken(), { constraints }));
  const call = unwrap(
    await checkCall({ tool: 'crm.search', action: 'read', dataset: ['crm/contacts'], args }),
  );
  const failed = token.failedChecks(callFacts(new Date(at(1)), AUDIENCE, call));
  return failed.ok && failed.value.length === 0;
}

const outcomes = (
  constraints: ConstraintsByPointer,
  allowed: readonly JsonObject[],
  denied: readonly JsonObject[],
) => {
  test.each(allowed.map((args) => [args]))('allows %j', async (args) => {
    expect(await passes(constraints, args)).toBe(true);
  });
  test.each(denied.map((args) => [args]))('denies %j', async (args) => {
    expect(await passes(constraints, args)).toBe(false);
  });
};

describe('a maximum of 50', () => {
  outcomes(
    { '/amount': { number: { max: 50 } } },
    [{ amount: 50 }, { amount: 0.5 }, { amount: -1 }, { amount: 50, more: 9_000 }],
    [
      { amount: 50.000001 },
      { amount: 51 },
      { amount: '9000' },
      { amount: '1' },
      { amount: [1] },
      { amount: { value: 1 } },
      { amount: true },
      { amount: null },
      { amount: [] },
      {},
      { Amount: 1 },
      { inner: { amount: 1 } },
    ],
  );
});

describe('a range from 0 to 0.5', () => {
  outcomes(
    { '/p': { number: { min: 0, max: 0.5 } } },
    [{ p: 0 }, { p: -0 }, { p: 0.5 }, { p: 0.499999 }],
    [{ p: -0.000001 }, { p: 0.500001 }, {}],
  );
});

describe('an exact number', () => {
  outcomes({ '/n': { exact: 1 } }, [{ n: 1 }], [{ n: 1.000001 }, { n: '1' }, { n: true }, {}]);
});

describe('an exact text', () => {
  outcomes(
    { '/to': { exact: '1' } },
    [{ to: '1' }],
    [{ to: 1 }, { to: '1 ' }, { to: ['1'] }, { to: 1.5 }, { to: null }, { to: {} }, {}],
  );
});

describe('null', () => {
  outcomes({ '/x': { exact: null } }, [{ x: null }], [{ x: 'null' }, { x: 0 }, { x: [] }, {}]);
});

describe('a boolean', () => {
  outcomes({ '/x': { exact: false } }, [{ x: false }], [{ x: true }, { x: 'false' }, { x: 0 }]);
});

describe('one of several texts', () => {
  outcomes(
    { '/to': { oneOf: ['GB1', '7'] } },
    [{ to: 'GB1' }, { to: '7' }],
    [{ to: 'GB3' }, { to: 7 }, { to: ['GB1'] }, { to: null }, { to: true }, { to: 'gb1' }, {}],
  );
});

describe('a maximum on an escaped and nested argument', () => {
  outcomes(
    { '/a~1b/0': { number: { max: 1 } } },
    [{ 'a/b': { 0: 1 } }, { 'a/b': { 0: 1 }, more: 2 }],
    [
      { 'a/b': { 0: 2 } },
      { 'a/b': [1] },
      { 'a/b': { 0: 1, 1: 2 } },
      { a: { b: { 0: 1 } } },
      { 'a~1b': { 0: 1 } },
      { 'a/b': {} },
    ],
  );
});

describe('a maximum for every element', () => {
  outcomes(
    { '/a~1b': { every: { number: { max: 1 } } } },
    [{ 'a/b': [1] }, { 'a/b': [] }, { 'a/b': [0.5, 1, 1] }, { 'a/b': [1], 'a/b/0': 9 }],
    [{ 'a/b': [1, 2] }, { 'a/b': 1 }, { 'a/b': { 0: 1 } }, { 'a/b': [[1]] }, { 'a/b': [1, '1'] }],
  );
});

test('two constraints apply together', async () => {
  const constraints = { '/a': { number: { max: 1 } }, '/b': { exact: 'x' } };
  expect(await passes(constraints, { a: 1, b: 'x' })).toBe(true);
  expect(await passes(constraints, { a: 2, b: 'x' })).toBe(false);
  expect(await passes(constraints, { a: 1, b: 'y' })).toBe(false);
});
