import { describe, expect, test } from 'vitest';
import { FingerprintTable } from '../../../src/feed/replica/fingerprint-table.ts';
import { RevokedIds } from '../../../src/feed/replica/revoked-ids.ts';
import { WorkflowStops } from '../../../src/feed/replica/workflow-stops.ts';
import { SALT } from '../fixtures/log.ts';

describe('a table of fingerprints', () => {
  test('distinguishes fingerprints that differ in any of their 64 bits', () => {
    for (let bit = 0; bit < 32; bit++) {
      const table = new FingerprintTable(SALT);
      expect(table.addFingerprint(1, 1, 1)).toBe(true);
      expect(table.addFingerprint((1 ^ (1 << bit)) >>> 0, 1, 1)).toBe(true);
      expect(table.addFingerprint(1, (1 ^ (1 << bit)) >>> 0, 1)).toBe(true);
      expect(table.addFingerprint(1, 1, 1)).toBe(false);
      expect(table.size).toBe(3);
    }
  });

  test('loses no fingerprint while it grows and shrinks', () => {
    const table = new FingerprintTable(SALT);
    for (let n = 0; n < 5_000; n++) table.addFingerprint(n, n % 7, 1 + (n % 2));
    expect(table.size).toBe(5_000);
    expect([table.countFrom(1), table.countFrom(2), table.countFrom(3)]).toEqual([5_000, 2_500, 0]);
    table.dropBefore(2);
    expect(table.size).toBe(2_500);
    for (let n = 0; n < 5_000; n++) expect(table.addFingerprint(n, n % 7, 2)).toBe(n % 2 === 0);
  });
});

describe('revoked ids', () => {
  test('live as long as their longest entry, to the minute', () => {
    for (const order of [
      [600, 6_000],
      [6_000, 600],
    ]) {
      const ids = new RevokedIds();
      for (const expires of order) ids.add('workflow', 'wf_1', expires);
      ids.dropExpired(6_000);
      expect(ids.has('workflow', 'wf_1')).toBe(true);
      ids.dropExpired(6_001);
      expect(ids.has('workflow', 'wf_1')).toBe(false);
    }
  });

  test('of one kind do not match the other kind', () => {
    const ids = new RevokedIds();
    ids.add('block', '6162', 60);
    expect([ids.has('block', '6162'), ids.has('workflow', 'ab')]).toEqual([true, false]);
    ids.add('workflow', 'cd', 60);
    expect([ids.has('workflow', 'cd'), ids.has('block', '6364')]).toEqual([true, false]);
  });
});

test('of a suspension and a resumption the later one counts, in whatever order they are read', () => {
  const at = { at: 0, expires: 9, id: 'wf_1' };
  const suspension = { kind: 'suspension', seq: 5, ...at } as const;
  const resumption = { kind: 'resumption', seq: 6, gen: 2, ...at } as const;
  for (const order of [
    [suspension, resumption],
    [resumption, suspension],
  ]) {
    const stops = new WorkflowStops();
    for (const entry of order) stops.add(entry);
    expect(stops.find('wf_1', [], 2)).toBeUndefined();
    expect(stops.find('wf_1', [], 1)).toMatchObject({ by: 'generation' });
    stops.add({ ...suspension, seq: 7 });
    expect(stops.find('wf_1', [], 2)).toMatchObject({ by: 'suspension' });
  }
});
