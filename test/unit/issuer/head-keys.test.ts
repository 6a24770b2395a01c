import { describe, expect, test } from 'vitest';
import {
  addKey,
  type HeadKeysState,
  type KeyDraft,
  NO_HEAD_KEYS,
  removeKey,
} from '../../../workers/issuer/feed/keys/state.ts';

const NOW = 1_795_428_000;
const key = (n: number, change: object = {}): KeyDraft =>
  ({
    list: 'receipt_keys',
    public_key: n.toString(16).padStart(64, '0'),
    gateway: 'https://gateway.example',
    until: null,
    ...change,
  }) as KeyDraft;

function stateOf(...drafts: readonly KeyDraft[]): HeadKeysState {
  return drafts.reduce((state, draft) => {
    const added = addKey(state, draft, NOW);
    if (!added.ok) throw new Error(added.error.code);
    return added.value.state;
  }, NO_HEAD_KEYS);
}
const many = (count: number, change: object = {}) =>
  Array.from({ length: count }, (_, index) => key(index + 1, change));

describe('the keys of the head', () => {
  test('get ascending ids, which both lists share and none uses again', () => {
    const approver = { list: 'approver_keys', approver: 'a', datasets: null } as const;
    const { gateway: _, ...draft } = key(2) as KeyDraft & { gateway: string };
    const state = stateOf(key(1), { ...draft, ...approver } as KeyDraft);
    expect(state.receipt_keys[0]?.id).toBe(1);
    expect(state.approver_keys[0]?.id).toBe(2);
    const removed = removeKey(state, 'approver_keys', 2);
    const next = removed.ok && addKey(removed.value.state, key(3), NOW);
    expect(next).toMatchObject({ ok: true, value: { key: { id: 3 } } });
  });

  test('stay as they are if the same key is added again', () => {
    const state = stateOf(key(1));
    expect(addKey(state, key(1), NOW)).toMatchObject({
      ok: true,
      value: { state, changed: false, key: { id: 1 } },
    });
  });

  test.each([
    ['another gateway', key(1, { gateway: 'https://other.example' })],
    ['another end', key(1, { until: NOW + 60 })],
    ['another list', key(1, { list: 'approver_keys', approver: 'a', datasets: null })],
  ])('refuse a key that they have with %s', (_, draft) => {
    expect(addKey(stateOf(key(1)), draft, NOW)).toEqual({
      ok: false,
      error: { code: 'key_conflict' },
    });
  });

  test('never take a key back that was removed', () => {
    const removed = removeKey(stateOf(key(1)), 'receipt_keys', 1);
    const again = removed.ok && addKey(removed.value.state, key(1), NOW);
    expect(again).toEqual({ ok: false, error: { code: 'key_removed' } });
  });

  test('are at most 16 in a list, and a key whose time is over makes room', () => {
    const full = { ok: false, error: { code: 'keys_full' } };
    expect(addKey(stateOf(...many(16)), key(17), NOW)).toEqual(full);
    const ending = stateOf(...many(16, { until: NOW + 10 }));
    expect(addKey(ending, key(17), NOW)).toEqual(full);
    expect(addKey(ending, key(17), NOW + 10)).toMatchObject({ ok: true });
  });

  test('take at most 3 KiB of the head', () => {
    const long = { gateway: `https://${'g'.repeat(490)}.example` };
    const state = stateOf(...many(4, long));
    expect(addKey(state, key(5, long), NOW)).toEqual({ ok: false, error: { code: 'keys_full' } });
  });

  test('remember the last 128 keys that were removed', () => {
    let state = NO_HEAD_KEYS;
    for (const draft of many(129)) {
      const added = addKey(state, draft, NOW);
      if (!added.ok) throw new Error('not added');
      const removed = removeKey(added.value.state, 'receipt_keys', added.value.key.id);
      if (!removed.ok) throw new Error('not removed');
      state = removed.value.state;
    }
    expect(state.removed).toHaveLength(128);
    expect(state.removed).not.toContain((key(1) as { public_key: string }).public_key);
  });

  test('have no key of an id that was removed or of the other list', () => {
    const unknown = { ok: false, error: { code: 'key_unknown' } };
    expect(removeKey(stateOf(key(1)), 'approver_keys', 1)).toEqual(unknown);
    expect(removeKey(NO_HEAD_KEYS, 'receipt_keys', 1)).toEqual(unknown);
  });
});
