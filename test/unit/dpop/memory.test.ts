import { describe, expect, test } from 'vitest';
import { createNonces, seenProofs } from '../../../src/dpop/index.ts';
import { NOW, SECONDS } from './proofs.ts';

describe('nonces', () => {
  const ours = createNonces(new Uint8Array(32).fill(1));
  const theirs = createNonces(new Uint8Array(32).fill(2));

  test('of one isolate are accepted by another with the same secret, and by no other', async () => {
    const nonce = await ours.issue(NOW);
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await createNonces(new Uint8Array(32).fill(1)).accepts(nonce, NOW)).toBe(true);
    expect(await theirs.accepts(nonce, NOW)).toBe(false);
  });

  test('are good for one minute to two, and not before their time', async () => {
    const nonce = await ours.issue(NOW);
    expect(await ours.accepts(nonce, NOW + 119_999)).toBe(true);
    expect(await ours.accepts(nonce, NOW + 120_000)).toBe(false);
    expect(await ours.accepts(nonce, NOW - 1)).toBe(false);
  });

  test.each(['', 'x', 'A'.repeat(43), 'A'.repeat(10_000), '+'.repeat(43)])(
    'are not guessed: %#',
    async (nonce) => expect(await ours.accepts(nonce, NOW)).toBe(false),
  );
});

describe('the memory of used proofs', () => {
  test('forgets what is refused by its age', () => {
    const seen = seenProofs();
    expect(seen.use('a', SECONDS + 10, NOW)).toBe(true);
    expect(seen.use('a', SECONDS + 10, NOW + 10_000)).toBe(false);
    expect(seen.use('a', SECONDS + 20, NOW + 10_001)).toBe(true);
  });

  test('is bounded: the oldest is forgotten first, and nothing else', () => {
    const seen = seenProofs(3);
    for (const id of ['a', 'b', 'c', 'd']) expect(seen.use(id, SECONDS + 300, NOW)).toBe(true);
    for (const id of ['b', 'c', 'd']) expect(seen.use(id, SECONDS + 300, NOW)).toBe(false);
    expect(seen.use('a', SECONDS + 300, NOW)).toBe(true);
  });

  test('drops what has expired before what has not', () => {
    const seen = seenProofs(2);
    seen.use('old', SECONDS + 1, NOW);
    seen.use('a', SECONDS + 300, NOW);
    expect(seen.use('b', SECONDS + 300, NOW + 2_000)).toBe(true);
    expect(seen.use('a', SECONDS + 300, NOW + 2_000)).toBe(false);
  });
});
