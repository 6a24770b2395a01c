import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/index.ts';
import {
  hidesCanaries,
  isOpen,
  readTrailFilter,
  searchOf,
} from '../../../src/console/trail/filter.ts';
import { RECORD_EVENTS, recordLine } from '../../../src/console/trail/record-words.ts';
import { RECORDS } from '../audit/entry/records.ts';

describe('a record as a line of the trail', () => {
  test.each(Object.values(RECORDS).map((record) => [record.event, record] as const))(
    'a record of the kind %s has words',
    (_, record) => {
      const { kind, words } = recordLine(record);
      expect(kind).toMatch(/^\w+$/);
      expect(words).toMatch(/\w{3}/);
      expect(words).not.toMatch(/undefined|\[object|NaN/);
    },
  );

  test('is written for every kind of record', () => {
    expect([...RECORD_EVENTS].sort()).toEqual(Object.keys(RECORDS).sort());
  });

  test('names the kind of a record that a newer issuer wrote', () => {
    const record = { event: 'novelty', id: 'x', at: 1 } as unknown as AuditRecord;
    expect(recordLine(record)).toEqual({ kind: 'unknown', words: 'novelty' });
  });

  test('survives a record whose members were replaced by their digests', () => {
    const digest = { sha256: 'f'.repeat(64), bytes: 100_000 };
    for (const record of Object.values(RECORDS)) {
      const kept = ['event', 'id', 'at'];
      const cut = Object.fromEntries(
        Object.entries(record).map(([name, value]) => [name, kept.includes(name) ? value : digest]),
      );
      expect(() => recordLine(cut as unknown as AuditRecord), record.event).not.toThrow();
    }
  });
});

describe('the filter of the trail', () => {
  const read = (query: string) => readTrailFilter(new URLSearchParams(query));

  test('is read from the address, and anything else in it is left out', () => {
    expect(read('by=tool&value=%20mcp/files%20&event=mint&day=2026-11-28')).toEqual({
      by: 'tool',
      value: 'mcp/files',
      event: 'mint',
      day: '2026-11-28',
    });
    expect(read('by=__proto__&value=x&day=2026-13-40&event=')).toEqual({});
    expect(read('by=tool&value=')).toEqual({});
    expect(read('day=yesterday')).toEqual({});
  });

  test('asks for one day in UTC, and for a workflow with those below it', () => {
    expect(searchOf({ by: 'workflow', value: 'wf_x', day: '2026-02-28' })).toEqual({
      workflow: 'wf_x',
      tree: 'true',
      from: '2026-02-28T00:00:00.000Z',
      until: '2026-03-01T00:00:00.000Z',
    });
    expect(searchOf({})).toEqual({});
  });

  test('leaves the stops of the drill out, unless the address or the search asks for them', () => {
    expect(hidesCanaries(read(''))).toBe(true);
    expect(hidesCanaries(read('event=revocation'))).toBe(true);
    expect(hidesCanaries(read('canaries=shown'))).toBe(false);
    expect(hidesCanaries(read('canaries=1'))).toBe(true);
    expect(hidesCanaries(read('by=workflow&value=wf_x'))).toBe(false);
    expect(hidesCanaries(read('by=id&value=x'))).toBe(false);
  });

  test('is open as long as nothing is looked for', () => {
    expect(isOpen(read('canaries=shown'))).toBe(true);
    expect(isOpen(read('event=mint'))).toBe(false);
  });
});
