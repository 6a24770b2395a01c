import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AuditRecord, isPartDigest, storedForm } from '../../../src/audit/index.ts';
import { canonicalJson, type Json } from '../../../src/canonical-json.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const kept = (record: object, now = 7) =>
  storedForm(record as AuditRecord, sha256, now) as unknown as Record<string, Json>;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const digestOf = (part: Json) => ({
  sha256: sha256(Buffer.from(canonicalJson(part))),
  bytes: Buffer.byteLength(canonicalJson(part)),
});

const base = { event: 'refusal', id: 'refusal.1', at: 1, workflow: 'wf_1' };

test('a record that fits is stored unchanged', () => {
  const record = { ...base, grants: [{ tool: 't', constraints: { '/a': { exact: 'x' } } }] };
  expect(kept(record)).toEqual(record);
});

test('a part that is too long is replaced by a digest that its owner can recompute', () => {
  const reason = 'ä'.repeat(3_000);
  expect(kept({ ...base, reason, actor: 'operator' })).toEqual({
    ...base,
    reason: digestOf(reason),
    actor: 'operator',
  });
});

test('constraints are replaced before their grants, the longest first', () => {
  const grant = (size: number) => ({
    tool: 'mcp/files/write_file',
    dataset: 'files/summaries',
    constraints: { '/path': { exact: 'x'.repeat(size) } },
  });
  const record = { ...base, grants: [grant(1_000), grant(3_000), grant(500)] };
  const { grants } = kept(record) as unknown as { grants: { constraints: Json }[] };
  expect(grants.map((one) => JSON.stringify(one).includes('sha256'))).toEqual([false, true, false]);
  expect(grants[1]).toMatchObject({ tool: 'mcp/files/write_file', dataset: 'files/summaries' });
  const many = kept({ ...base, grants: Array.from({ length: 32 }, () => grant(100)) });
  expect(bytesOf(many)).toBeLessThanOrEqual(4_096);
  expect((many.grants as Json[]).filter(isPartDigest).length).toBeGreaterThan(0);
  expect((many.grants as Json[]).filter((one) => !isPartDigest(one)).length).toBeGreaterThan(5);
});

test('a mint keeps its grants, their rules and its revocation id, up to 24 KiB', () => {
  const blocks = ['ab'.repeat(64)];
  const grants = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      tool: `mcp/crm/get_customer_by_field_${n}`,
      action: 'read',
      dataset: 'crm/customers/eu',
    }));
  const mint = (count: number) => ({
    ...base,
    event: 'mint',
    blocks,
    grants: grants(count),
    rules: grants(count).map(() => 'allow if user("local-idp", $user), action("read")'),
  });
  expect(kept(mint(128))).toEqual(mint(128));
  const longer = kept(mint(200));
  expect(bytesOf(longer)).toBeLessThanOrEqual(24_576);
  expect(longer).toMatchObject({ blocks, rules: mint(200).rules });
});

test('a record of many small members is identified by the digest of the whole', () => {
  const members = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`m${i}`, i]));
  const record = { ...base, ...members };
  expect(kept(record)).toEqual({ ...base, whole: digestOf(record as unknown as Json) });
});

test('any value is stored: bounded, hashable, and with an event, an id and a time', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
      fc.string({ unit: 'binary', maxLength: 6_000 }),
      fc.dictionary(fc.string({ unit: 'binary' }), tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value, { maxKeys: 8 }), (record) => {
      const written = kept(record);
      expect(bytesOf(written)).toBeLessThanOrEqual(4_096);
      expect(() => canonicalJson(JSON.parse(JSON.stringify(written)) as Json)).not.toThrow();
      expect([typeof written.event, typeof written.id, typeof written.at]).toEqual([
        'string',
        'string',
        'number',
      ]);
      // Idempotent: the stored form of a stored form is the same.
      expect(kept(written)).toEqual(written);
    }),
    { numRuns: 300 },
  );
});

test('a record that contains itself is cut and stored', () => {
  const record: Record<string, unknown> = { ...base };
  record.self = record;
  expect(bytesOf(kept(record))).toBeLessThanOrEqual(4_096);
});
