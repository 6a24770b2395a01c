import { expect, test } from 'vitest';
import { type KeptReceipt, keepNewest } from '../../../src/receipts/index.ts';
import { NOW } from './scene.ts';

const receipt = (name: string, change: Partial<KeptReceipt> = {}): KeptReceipt => ({
  receipt: name,
  seed: 'seed',
  leaves: [{ pointer: '/iban', value: 'CH93' }],
  exp: NOW + 300,
  named: false,
  ...change,
});
const namesOf = (receipts: readonly KeptReceipt[]) => receipts.map((one) => one.receipt[0]);

test('the newest receipts of 64 KiB are kept, in order and each once', () => {
  const large = ['a', 'b', 'c'].map((name) => receipt(name.padEnd(30_000, 'x')));
  expect(namesOf(keepNewest([], large, NOW))).toEqual(['b', 'c']);
  const [first, second] = large;
  if (!first || !second) throw new Error('no receipt');
  expect(namesOf(keepNewest([first], [first, second], NOW))).toEqual(['a', 'b']);
});

test('the newest receipts of 256 leaves are kept, and none that has expired', () => {
  const leaves = Array.from({ length: 32 }, (_, n) => ({ pointer: `/${n}`, value: n }));
  const full = Array.from({ length: 9 }, (_, n) => receipt(`${n}`, { leaves }));
  expect(namesOf(keepNewest(full.slice(0, 8), full.slice(8), NOW))).toEqual([...'12345678']);
  expect(keepNewest([receipt('a', { exp: NOW })], [], NOW)).toEqual([]);
});
