import { describe, expect, test } from 'vitest';
import {
  type KeptReceipt,
  keepNewest,
  readAttached,
  readAttachedHeader,
  readReceiptsMeta,
  receiptsMeta,
  writeAttachedHeader,
  writeAttachedMeta,
} from '../../../src/receipts/index.ts';
import { check, issue, leavesOf, NOW, PAYEES, served, WORKFLOW } from './scene.ts';

const IBAN = 'CH9300762011623852957';
const prompt = { text: 'Pay Meier', salt: 'A'.repeat(22) };

test('an agent reads the receipts of an answer, and finds the values in its data', async () => {
  const { receipts } = await issue();
  const meta = JSON.parse(JSON.stringify(receiptsMeta(receipts)));
  expect(JSON.stringify(meta)).not.toContain(IBAN);
  expect(readReceiptsMeta(meta, PAYEES, WORKFLOW)).toEqual(receipts);
});

describe('an agent keeps no receipt', () => {
  test.each<[string, (meta: Record<string, unknown>) => unknown, string?]>([
    ['that is no list', (meta) => meta],
    ['without a seed', ({ seed: _, ...meta }) => [meta]],
    ['of 33 leaves', (meta) => [{ ...meta, leaves: Array(33).fill('/payees/0/iban') }]],
    ['of a value that the answer lacks', (meta) => [{ ...meta, leaves: ['/payees/9/iban'] }]],
    ['that is malformed', (meta) => [{ ...meta, receipt: 'x' }]],
    ['of another workflow', (meta) => [meta], 'wf_other'],
    ['in an answer of nine', (meta) => Array(9).fill(meta)],
  ])('%s', async (_, change, workflow = WORKFLOW) => {
    const [meta] = receiptsMeta((await issue()).receipts) as unknown as Record<string, unknown>[];
    expect(readReceiptsMeta(change(meta ?? {}), PAYEES, workflow)).toEqual([]);
  });
});

describe('what a call brings', () => {
  test('is the same after writing and reading, with each receipt once', async () => {
    const leaves = await leavesOf([IBAN, 8]);
    const written = JSON.parse(JSON.stringify(writeAttachedMeta({ prompt, leaves })));
    expect(written.receipts).toHaveLength(1);
    const read = readAttached(written);
    expect(read).toEqual({ prompt, leaves });
    expect((await check(read?.leaves ?? [])).values).toHaveLength(2);
  });

  test('fits the header, with fewer leaves if it would be too long', async () => {
    const leaves = await leavesOf([IBAN]);
    const header = writeAttachedHeader({ leaves }) ?? '';
    expect(header.length).toBeLessThanOrEqual(3_072);
    expect(readAttachedHeader(header)).toEqual({ leaves });
    const long = leaves.map((leaf) => ({ ...leaf, pointer: 'x'.repeat(3_000) }));
    expect(writeAttachedHeader({ leaves: [...leaves, ...long] })).toBe(header);
    expect(writeAttachedHeader({ leaves: long })).toBeUndefined();
  });

  test('fits the bound of a call, with fewer leaves if it would be too long', async () => {
    const [leaf] = await leavesOf([IBAN]);
    if (!leaf) throw new Error('no leaf');
    const long = { ...leaf, receipt: 'r'.repeat(48 * 1024) };
    expect(readAttached(writeAttachedMeta({ leaves: [leaf, long] }))).toEqual({ leaves: [leaf] });
    expect(writeAttachedMeta({ leaves: [long] })).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['no object', []],
    ['an unknown member', { prompt, more: 1 }],
    ['leaves that are no list', { leaves: {} }],
    ['a leaf of four members', { receipts: ['r'], leaves: [[0, 0, '', 'x']] }],
    ['a leaf of a receipt that is missing', { receipts: [], leaves: [[0, 0, '', 'x', '']] }],
    ['more than 48 KiB', { prompt: { text: 'x'.repeat(49_152), salt: '' } }],
  ])('is not read with %s', (_, value) => expect(readAttached(value)).toBeUndefined());

  test.each([
    ['a missing header', null],
    ['a header of 3,073 bytes', 'A'.repeat(3_073)],
    ['a header that is no base64url', '%'],
    ['a header that is no JSON', 'eA'],
  ])('is not read from %s', (_, text) => expect(readAttachedHeader(text)).toBeUndefined());
});

describe('of the receipts of a workflow are kept', () => {
  const receipt = (name: string, change: Partial<KeptReceipt> = {}): KeptReceipt => ({
    receipt: name,
    seed: '',
    leaves: [{ pointer: '/x', value: 1 }],
    exp: NOW + 300,
    named: false,
    ...change,
  });
  const names = (kept: readonly KeptReceipt[]) => kept.map((one) => one.receipt);

  test('each once, without those that have expired', () => {
    const kept = keepNewest(
      [receipt('a'), receipt('b', { exp: NOW })],
      [receipt('a'), receipt('c')],
      NOW,
    );
    expect(names(kept)).toEqual(['a', 'c']);
  });

  test('the newest 256 leaves', () => {
    const leaves = Array.from({ length: 32 }, (_, index) => ({
      pointer: `/${index}`,
      value: index,
    }));
    const nine = Array.from({ length: 9 }, (_, index) => receipt(`r${index}`, { leaves }));
    expect(names(keepNewest(nine.slice(0, 8), nine.slice(8), NOW))).toEqual(names(nine.slice(1)));
  });

  test('at most 64 KiB', () => {
    const long = Array.from({ length: 9 }, (_, index) => receipt(`${index}`.padEnd(8_000, 'x')));
    expect(keepNewest([], long, NOW)).toHaveLength(8);
  });
});

test('a call brings at most 16 receipts and 64 leaves, the newest', async () => {
  const issued = await Promise.all(
    Array.from({ length: 17 }, () => issue(served({ payees: [{ iban: IBAN }] }))),
  );
  const kept = issued.flatMap(({ receipts }) => receipts);
  const { fittingLeaves } = await import('../../../src/receipts/index.ts');
  const leaves = await fittingLeaves(kept, [IBAN]);
  expect(leaves).toHaveLength(16);
  expect(leaves[0]?.receipt).toBe(kept.at(-1)?.receipt);
  expect((await check(leaves)).values).toHaveLength(16);
});
