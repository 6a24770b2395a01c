import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { projectFile, readProjectFile } from './markdown.ts';

/**
 * Verifies an export as an auditor would, with docs/reference/audit-log.md and without code of this
 * project. The export is the log that release 0.1.0 wrote.
 */
interface Linked {
  seq: number;
  previous: string;
  hash: string;
  record: unknown;
}

/** Step 3. */
function rfc8785(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(rfc8785).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value).sort();
    const member = (name: string) =>
      `${JSON.stringify(name)}:${rfc8785((value as Record<string, unknown>)[name])}`;
    return `{${names.map(member).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Steps 3 to 5. */
function hashOf({ seq, previous, record }: Omit<Linked, 'hash'>): string {
  const digest = createHash('sha256');
  digest.update(Buffer.from(previous, 'hex'));
  digest.update(Buffer.from(rfc8785([seq, record]), 'utf8'));
  return digest.digest('hex');
}

/** Returns the position of the first faulty record, or undefined if the export is intact. */
function firstFault(records: readonly Linked[]): number | undefined {
  let before = '0'.repeat(64);
  for (const [index, linked] of records.entries()) {
    if (linked.seq !== index + 1 || linked.previous !== before) return index + 1;
    if (hashOf(linked) !== linked.hash) return index + 1;
    before = linked.hash;
  }
  return undefined;
}

async function exported(): Promise<Linked[]> {
  const dump = await readFile(projectFile('test/storage/0.1.0/AuditLog.sql'), 'utf8');
  const rows = dump.matchAll(
    /^INSERT INTO record .*? VALUES \((\d+), .*?, '(\{.*\})', '([0-9a-f]{64})', '([0-9a-f]{64})'\);$/gm,
  );
  return [...rows].map(([, seq, body = '', previous = '', hash = '']) => ({
    seq: Number(seq),
    previous,
    hash,
    record: JSON.parse(body.replaceAll("''", "'")),
  }));
}

test('an auditor verifies the chain from the documentation and an export alone', async () => {
  const records = await exported();
  expect(records.length).toBeGreaterThan(40);
  expect(firstFault(records)).toBeUndefined();
});

test('an auditor finds a record that was changed, removed, inserted or moved', async () => {
  const records = await exported();
  const changed = structuredClone(records);
  (changed[4] as { record: { at: number } }).record.at += 1;
  expect(firstFault(changed)).toBe(5);
  expect(firstFault(records.toSpliced(7, 1))).toBe(8);
  expect(firstFault(records.toSpliced(7, 0, records[3] as Linked))).toBe(8);
  const moved = records.toSpliced(7, 1).map((one, index) => ({ ...one, seq: index + 1 }));
  expect(firstFault(moved)).toBe(8);
});

test('the documented example has the documented bytes and hash', async () => {
  const text = await readProjectFile('docs/reference/audit-log.md');
  const part = text.slice(text.indexOf('For the first record of a log'));
  const [json = '', bytes = '', hash = ''] = [...part.matchAll(/^```\w+\n([\s\S]*?)\n```$/gm)].map(
    ([, body = '']) => body,
  );
  const record = JSON.parse(json) as unknown;
  expect(rfc8785([1, record])).toBe(bytes);
  expect(hashOf({ seq: 1, previous: '0'.repeat(64), record })).toBe(hash);
});
