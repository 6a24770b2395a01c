import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { receiptKeysOf } from '../../../../src/feed/index.ts';
import type { KeyDraft } from '../../../../workers/issuer/feed/keys/state.ts';
import { loseAudit } from '../audit-weather.ts';
import { photograph } from './model/photograph.ts';
import { archive, env, follow, log, restartLog, workflow } from './scene.ts';

afterEach(() => reset());

const BY = { actor: 'operator', reason: 'test' };
const key = (n: number): KeyDraft => ({
  list: 'receipt_keys',
  public_key: n.toString(16).padStart(64, '0'),
  gateway: 'https://gateway.example',
  until: null,
});

/** The ids of the keys for receipts in the newest head. */
async function named(): Promise<readonly number[]> {
  const { feed } = await follow();
  const head = await feed.refresh();
  if (!head.ok) throw new Error(head.error.code);
  return receiptKeysOf(head.value).map(({ id }) => id);
}

describe('the keys for receipts in the head of a log', () => {
  test('are those that were added, in a head that is signed at once', async () => {
    const { feed } = await follow();
    await feed.refresh();
    const added = await log().addKey(key(1), BY);
    expect(added).toMatchObject({
      ok: true,
      value: { key: { id: 1 }, changed: true, archived: true, recorded: true },
    });
    await feed.refresh();
    expect(feed.head && receiptKeysOf(feed.head)).toMatchObject([{ id: 1 }]);
    expect(await log().addKey(key(1), BY)).toMatchObject({ ok: true, value: { changed: false } });
  });

  test('get no key that is not recorded first', async () => {
    await log().append(workflow('wf_1'));
    await loseAudit(log(), env, 'fails');
    expect(await log().addKey(key(1), BY)).toEqual({
      ok: false,
      error: { code: 'audit_unavailable' },
    });
    expect(await named()).toEqual([]);
  });

  test('lose a key that is removed, whether or not that can be recorded', async () => {
    await log().addKey(key(1), BY);
    await log().addKey(key(2), BY);
    await loseAudit(log(), env, 'fails');
    expect(await log().removeKey('receipt_keys', 1, BY)).toMatchObject({
      ok: true,
      value: { key: { id: 1 }, archived: true, recorded: false },
    });
    expect(await named()).toEqual([2]);
    expect(await log().addKey(key(1), BY)).toEqual({ ok: false, error: { code: 'key_removed' } });
  });

  test('are the same after a restart, and a restore brings no removed key back', async () => {
    await log().addKey(key(1), BY);
    await restartLog();
    expect(await named()).toEqual([1]);
    const restore = await photograph();
    await log().removeKey('receipt_keys', 1, BY);
    await restore();
    expect(await named()).toEqual([]);
    expect(await archive().headKeys()).toMatchObject({ change: 2, lists: { receipt_keys: [] } });
  });
});
