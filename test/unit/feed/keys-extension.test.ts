import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/canonical-json.ts';
import { openHead } from '../../../src/feed/format/read-head.ts';
import {
  type ApproverKey,
  approverKeysOf,
  type HeadExtension,
  type ReceiptKey,
  receiptKeysOf,
} from '../../../src/feed/index.ts';
import { keyExtensions } from '../../../src/feed/log/index.ts';
import { feedKeys, headOver, sign } from '../fixtures/log.ts';

const receiptKey = (id: number, change: object = {}): ReceiptKey => ({
  id,
  public_key: id.toString(16).padStart(64, '0'),
  gateway: 'https://gateway.example',
  until: null,
  ...change,
});
const approverKey = (id: number, change: object = {}): ApproverKey => ({
  id,
  public_key: id.toString(16).padStart(64, '0'),
  approver: 'https://issuer.example',
  datasets: null,
  until: 1_795_428_000,
  ...change,
});
const numbered = <Key>(count: number, key: (id: number) => Key): readonly Key[] =>
  Array.from({ length: count }, (_, index) => key(index + 1));

async function open(extensions: unknown, shard = 0) {
  const changes = { extensions: extensions as readonly HeadExtension[], shard };
  return openHead(await sign(await headOver([], 0, changes)), feedKeys.publicKey);
}

const listed = (name: string, value: unknown, change: object = {}) => [
  { name, version: 1, critical: false, value: value as Json, ...change },
];

test('a head names the keys for receipts and for approvals that its log gave it', async () => {
  const lists = {
    receipt_keys: numbered(16, receiptKey),
    approver_keys: [approverKey(1), approverKey(2, { datasets: ['bank/eu'], until: null })],
  };
  const extensions = keyExtensions(lists);
  expect(extensions.map(({ name }) => name)).toEqual(['approver_keys', 'receipt_keys']);
  const opened = await open(extensions);
  expect(opened).toMatchObject({ ok: true });
  const head = opened.ok ? opened.value : {};
  expect(receiptKeysOf(head)).toEqual(lists.receipt_keys);
  expect(approverKeysOf(head)).toEqual(lists.approver_keys);
});

test('a head without keys has neither list, and a list of another version is not read', async () => {
  expect(keyExtensions({ receipt_keys: [], approver_keys: [] })).toEqual([]);
  expect(receiptKeysOf({})).toEqual([]);
  const later = listed('receipt_keys', 'anything', { version: 2 });
  const opened = await open(later);
  expect(opened).toMatchObject({ ok: true });
  expect(receiptKeysOf({ extensions: later as readonly HeadExtension[] })).toEqual([]);
});

const { until: _, ...WITHOUT_END } = approverKey(1);

describe('a head is malformed with', () => {
  test.each<[string, unknown, number?]>([
    ['17 keys for receipts', listed('receipt_keys', numbered(17, receiptKey))],
    ['an empty list of keys', listed('receipt_keys', [])],
    ['a critical list of keys', listed('receipt_keys', [receiptKey(1)], { critical: true })],
    ['a list of keys in the head of another shard', listed('receipt_keys', [receiptKey(1)]), 1],
    ['a key with the id 0', listed('receipt_keys', [receiptKey(0)])],
    [
      'a key in upper case',
      listed('receipt_keys', [receiptKey(1, { public_key: 'A'.repeat(64) })]),
    ],
    ['a key with another member', listed('receipt_keys', [{ ...receiptKey(1), more: 1 }])],
    ['a key that does not say until when', listed('approver_keys', [WITHOUT_END])],
    [
      'two keys of one id',
      listed('receipt_keys', [receiptKey(1), receiptKey(1, { public_key: 'a'.repeat(64) })]),
    ],
    [
      'one key under two ids',
      listed('receipt_keys', [
        receiptKey(1),
        receiptKey(2, { public_key: receiptKey(1).public_key }),
      ]),
    ],
    [
      'a list of more than 3 KiB',
      listed(
        'receipt_keys',
        numbered(8, (id) => receiptKey(id, { gateway: 'g'.repeat(400) })),
      ),
    ],
    [
      'an approver of nine datasets',
      listed('approver_keys', [approverKey(1, { datasets: numbered(9, String) })]),
    ],
    [
      'a dataset of 129 characters',
      listed('approver_keys', [approverKey(1, { datasets: ['d'.repeat(129)] })]),
    ],
  ])('%s', async (_, extensions, shard) => {
    expect(await open(extensions, shard)).toEqual({ ok: false, error: { code: 'head_malformed' } });
  });
});
