import { describe, expect, test } from 'vitest';
import { createNonces, seenProofs } from '../../../src/dpop/index.ts';
import { NOW, SECONDS } from './proofs.ts';

describe('nonces', () => {
  const ours = createNonces(new Uint8Array(32).fill(1));
  const theirs = createNonces(new Uint8Array(32).fill(2));

  test('of one isolate are accepted by another with the same secret only', async () => {
    const nonce = await ours.issue(NOW);
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await createNonces(new Uint8Array(32).fill(1)).accepts(nonce, NOW)).toBe(true);
    expect(await theirs.accepts(nonce, NOW)).toBe(false);
  });

  test('are valid for one to two minutes, and not before', async () => {
    const nonce = await ours.issue(NOW);
    expect(await ours.accepts(nonce, NOW + 119_999)).toBe(true);
    expect(await ours.accepts(nonce, NOW + 120_000)).toBe(false);
    expect(await ours.accepts(nonce, NOW - 1)).toBe(false);
  });

  test.each(['', 'x', 'A'.repeat(43), 'A'.repeat(10_000), '+'.repeat(43)])(
    'cannot be guessed: %#',
    async (nonce) => expect(await ours.accepts(nonce, NOW)).toBe(false),
  );
});

describe('the memory of used proofs', () => {
  test('forgets proofs that are too old to be accepted', () => {
    const seen = seenProofs();
    expect(seen.use('a', SECONDS + 10, NOW)).toBe(true);
    expect(seen.use('a', SECONDS + 10, NOW + 10_000)).toBe(false);
    expect(seen.use('a', SECONDS + 20, NOW + 10_001)).toBe(true);
  });

  test('is bounded, and forgets only the oldest', () => {
    const seen = seenProofs(3);
    for (const id of ['a', 'b', 'c', 'd']) expect(seen.use(id, SECONDS + 300, NOW)).toBe(true);
    for (const id of ['b', 'c', 'd']) expect(seen.use(id, SECONDS + 300, NOW)).toBe(false);
    expect(seen.use('a', SECONDS + 300, NOW)).toBe(true);
  });

  test('drops expired proofs before others', () => {
    const seen = seenProofs(2);
    seen.use('old', SECONDS + 1, NOW);
    seen.use('a', SECONDS + 300, NOW);
    expect(seen.use('b', SECONDS + 300, NOW + 2_000)).toBe(true);
    expect(seen.use('a', SECONDS + 300, NOW + 2_000)).toBe(false);
  });
});
