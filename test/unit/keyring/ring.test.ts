import { describe, expect, test } from 'vitest';
import {
  addKey,
  type KeyRing,
  readMintKeys,
  retireKey,
  ringFault,
  rotateKeys,
  writeMintKeys,
} from '../../../src/keyring/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { unwrap } from '../fixtures/issuer.ts';

const pair = (digit: string) => ({
  privateKey: `ed25519-private/${digit.repeat(64)}`,
  publicKey: digit.repeat(64),
});
const step = (now: number, atOnce = false) => ({ now, atOnce });
const states = (ring: KeyRing) => ring.map(({ id, state }) => `${id} ${state}`);

const one = unwrap(addKey([], pair('1'), 0));
const two = unwrap(addKey(one, pair('2'), 0));
const rotated = unwrap(rotateKeys(two, undefined, step(120)));
const LIFE = CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;

describe('a ring of root keys', () => {
  test('rotates from one key to the next', () => {
    expect(states(one)).toEqual(['1 active']);
    expect(states(two)).toEqual(['1 active', '2 published']);
    expect(states(rotated)).toEqual(['1 published', '2 active']);
    const retired = unwrap(retireKey(rotated, 1, step(120 + LIFE)));
    expect(states(retired)).toEqual(['1 retired', '2 active']);
    expect(retired[0]).not.toHaveProperty('privateKey');
    expect(states(unwrap(addKey(retired, pair('3'), 0)))).toContain('3 published');
    for (const ring of [one, two, rotated, retired]) expect(ringFault(ring)).toBeUndefined();
  });

  test('does nothing too early, unless forced', () => {
    expect(rotateKeys(two, undefined, step(119))).toEqual({
      ok: false,
      error: { code: 'too_early', id: 2, waitSeconds: 1 },
    });
    expect(retireKey(rotated, 1, step(119 + LIFE))).toMatchObject({ error: { waitSeconds: 1 } });
    expect(rotateKeys(two, undefined, step(0, true)).ok).toBe(true);
    expect(retireKey(rotated, 1, step(120, true)).ok).toBe(true);
    // It has signed nothing.
    expect(retireKey(two, 2, step(0)).ok).toBe(true);
  });

  test('goes back to the previous key on request', () => {
    expect(states(unwrap(rotateKeys(rotated, 1, step(240))))).toEqual(['1 active', '2 published']);
    // By itself it never goes back.
    expect(rotateKeys(rotated, undefined, step(240))).toMatchObject({
      error: { code: 'no_next_key' },
    });
  });

  test.each([
    ['an unknown key', rotateKeys(two, 9, step(500)), 'key_unknown'],
    ['the active key', rotateKeys(two, 1, step(500)), 'key_not_published'],
    ['an unknown key to retire', retireKey(two, 9, step(500)), 'key_unknown'],
    ['the active key to retire', retireKey(two, 1, step(9_000, true)), 'key_active'],
  ])('refuses %s', (_, result, code) => expect(result).toMatchObject({ error: { code } }));

  test('accepts 16 active and published keys, and not 17', () => {
    let ring = one;
    while (ring.length < 16) ring = unwrap(addKey(ring, pair('3'), 0));
    expect(addKey(ring, pair('3'), 0)).toEqual({
      ok: false,
      error: { code: 'keys_count', count: 16 },
    });
    const retired = unwrap(retireKey(ring, 2, step(0)));
    expect(states(unwrap(addKey(retired, pair('3'), 0))).at(-1)).toBe('17 published');
  });
});

describe('the secret MINT_KEYS', () => {
  test('is read as it was written', () => {
    const key = (id: number, digit: string) => ({ id, key: pair(digit).privateKey });
    expect(unwrap(readMintKeys(writeMintKeys(rotated)))).toEqual({
      active: key(2, '2'),
      published: [key(1, '1'), key(2, '2')],
    });
    const retired = unwrap(retireKey(rotated, 1, step(0, true)));
    expect(writeMintKeys(retired)).not.toContain(pair('1').privateKey);
    expect(unwrap(readMintKeys(writeMintKeys(retired))).published).toEqual([key(2, '2')]);
  });

  const entry = (id: number, digit: string, state = 'published') => ({
    id,
    key: pair(digit).privateKey,
    state,
  });
  const active = entry(1, '1', 'active');
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'JSON array'],
    ['another type', { active }, 'JSON array'],
    ['an unknown member', [{ ...active, alg: 'none' }], 'JSON array'],
    ['an unknown state', [active, entry(2, '2', 'paused')], 'JSON array'],
    ['a published key without its key', [active, { id: 2, state: 'published' }], 'JSON array'],
    ['a short key', [{ ...active, key: 'ed25519-private/11' }], 'JSON array'],
    ['an id with a fraction', [{ ...active, id: 1.5 }], 'JSON array'],
    ['no active key', [entry(1, '1')], '0 keys are active'],
    ['two active keys', [active, entry(2, '2', 'active')], '2 keys are active'],
    ['one id twice', [active, entry(1, '2')], 'the same id'],
    ['the id of a retired key', [active, { id: 1, state: 'retired' }], 'the same id'],
    ['one key twice', [active, entry(2, '1')], 'two ids'],
    [
      '17 keys',
      [
        active,
        ...[...'23456789abcdef'].map((d, i) => entry(i + 2, d)),
        entry(20, '0'),
        { id: 21, key: `ed25519-private/${'01'.repeat(32)}`, state: 'published' },
      ],
      'more than 16',
    ],
  ])('with %s is refused, without a byte of a key', (_, value, why) => {
    const read = readMintKeys(value === undefined ? undefined : JSON.stringify(value));
    expect(read).toMatchObject({ ok: false, error: { why: expect.stringContaining(why) } });
    expect(JSON.stringify(read)).not.toMatch(/ed25519-private|[0-9a-f]{16}/);
  });
});
