import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asOf030, sampleOf } from '../../../src/audit/calls/index.ts';
import {
  type DecisionRecord,
  readVerifierRecord,
  toDecisionRecord,
  toDispatchRecord,
} from '../../../src/audit/index.ts';

/** What a route that only observes keeps of a call. */

const JWT = `eyJhbGciOiJFZERTQSJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`;
const STAMP = { verifier: 'v', n: 1, at: 1_000 };
const recordWith = (sample: unknown): unknown => ({
  event: 'decision',
  id: 'v.1',
  ...STAMP,
  blocks: [],
  allowed: false,
  mode: 'observe',
  observed: true,
  code: 'no_grant',
  sample,
});

describe('a sample', () => {
  test('has short arguments as they are', () => {
    const args = {
      path: 'reports/q3.md',
      head: 3,
      tags: ['a', 'b'],
      deep: { on: true, off: null },
    };
    expect(sampleOf(args)).toEqual({ arguments: args });
  });

  test.each([
    ['a password by its name', { user: 'alice', password: 'x' }, '/password'],
    ['an API key by its name', { nested: { api_key: 'x' } }, '/nested/api_key'],
    ['a JWT by its form', { note: `see ${JWT}` }, '/note'],
    ['a capability by its form', { note: 'En0KE'.repeat(20) }, '/note'],
    ['a header with a credential', { header: 'Bearer abcdefghijkl' }, '/header'],
    ['a URL with a password', { url: 'https://alice:pw@example.com/x' }, '/url'],
    ['a key of a cloud provider', { id: 'AKIAIOSFODNN7EXAMPLE' }, '/id'],
    ['a long text', { body: 'word '.repeat(100) }, '/body'],
    ['a list with a secret', { list: ['a', JWT] }, '/list'],
  ])('leaves out %s, and says where', (_, args, pointer) => {
    const sample = sampleOf(args);
    expect(sample.cut).toContain(pointer);
    expect(JSON.stringify(sample)).not.toMatch(/eyJ|En0KE|abcdefghijkl|:pw@|AKIA|word word|"x"/);
  });

  test('leaves out the longest members of too many', () => {
    const args = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`a${n}`, 'x '.repeat(20 + n * 4)]),
    );
    const sample = sampleOf(args);
    expect(JSON.stringify(sample.arguments).length).toBeLessThan(2_049);
    expect(Object.keys(sample.arguments ?? {})).toContain('a0');
    expect(sample.cut).toContain('/a19');
  });

  test('has no arguments if more was left out than it can name', () => {
    const args = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`a${n}`, 'x '.repeat(400)]),
    );
    expect(sampleOf(args)).toEqual({ cut: [''] });
  });

  test('of any arguments is a record that the log accepts', () => {
    fc.assert(
      fc.property(fc.object({ withUnicodeString: true, maxDepth: 8 } as object), (args) => {
        const sample = sampleOf(args, { address: '203.0.113.7' });
        expect(JSON.stringify(sample).length).toBeLessThan(5_000);
        const record = JSON.parse(JSON.stringify(recordWith(sample)));
        expect(readVerifierRecord(record)).toEqual(record);
      }),
    );
  });

  test.each([
    ['an unknown member', { arguments: {}, more: 1 }],
    ['arguments that are no object', { arguments: [1] }],
    ['more arguments than a sample has', { arguments: { a: 'x'.repeat(3_000) } }],
    ['a lone surrogate', { arguments: { a: '\ud800' } }],
    ['a source of another form', { source: 'me' }],
  ])('with %s is refused by the log', (_, sample) => {
    expect(readVerifierRecord(recordWith(sample))).toBeUndefined();
  });
});

describe('the record of a route that observes', () => {
  const evidence = {
    revocationIds: [],
    tool: 'mcp/files/read_file',
    action: 'read',
    datasets: ['files/a'],
    tier: 1,
    definition: 'a1'.repeat(32),
    labels: ['pii'],
  } as const;
  const observed = { code: 'no_grant', tool: 'x', action: 'read', dataset: 'y' } as const;
  const sample = sampleOf({ path: 'a' });
  const request = 'a3'.repeat(32);

  test('says what would be denied, and what was called', () => {
    const record = toDecisionRecord(
      { allowed: true, stale: false, evidence, observed, mode: 'observe', sample },
      STAMP,
    );
    expect(record).toMatchObject({
      allowed: false,
      observed: true,
      mode: 'observe',
      code: 'no_grant',
      definition: evidence.definition,
      labels: ['pii'],
      sample: { arguments: { path: 'a' } },
    });
    expect(readVerifierRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  test('says so of an allowed call as well', () => {
    const record = toDecisionRecord(
      { allowed: true, stale: false, evidence, mode: 'observe', sample },
      STAMP,
    );
    expect(record).toMatchObject({ allowed: true, mode: 'observe', sample });
    expect(record).not.toHaveProperty('observed');
  });

  test('is announced in tier 3 without what was sampled', () => {
    const record = toDecisionRecord(
      { allowed: true, stale: false, evidence, mode: 'observe', sample },
      STAMP,
    );
    const announced = toDispatchRecord(record);
    expect(announced).not.toHaveProperty('sample');
    expect(readVerifierRecord(JSON.parse(JSON.stringify(announced)))).toEqual(announced);
  });

  test('has in 0.3.0 what that release knows', () => {
    const record: DecisionRecord = toDecisionRecord(
      { allowed: true, stale: false, evidence, observed, mode: 'observe', sample, request },
      STAMP,
    );
    const known = { status: 200, result: 'ok', milliseconds: 1, bytes: 2 } as const;
    const ended = { ...record, outcome: { ...known, answer: 'b2'.repeat(32) } };
    expect(readVerifierRecord(ended)).toEqual(ended);
    const earlier = asOf030(ended);
    expect(earlier.outcome).toEqual(known);
    expect(earlier).toMatchObject({ observed: true, code: 'no_grant', datasets: ['files/a'] });
    for (const member of ['mode', 'request', 'definition', 'labels', 'sample', 'provenance']) {
      expect(earlier).not.toHaveProperty(member);
    }
    expect(asOf030(earlier)).toBe(earlier);
  });
});
