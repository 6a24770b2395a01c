import { describe, expect, test } from 'vitest';
import { type SignedBlock, writeSignedBlock } from '../../../../src/biscuit/format/index.ts';
import {
  authorize,
  createChainCache,
  DEFAULT_CACHE_BOUNDS,
  fact,
  generateKeyPair,
  integer,
  mint,
  narrow,
  parseAndVerify,
  parseToken,
  verifyToken,
} from '../../../../src/biscuit/index.ts';
import { DEFAULT_LIMITS } from '../../../../src/biscuit/limits.ts';
import { BoundedMap } from '../../../../src/biscuit/token/bounded-map.ts';
import { good } from '../answers.ts';
import { allow, altered, datalog, root, sealed, stranger, tokenOf, verdict } from './scene.ts';

const token = await tokenOf('a(1);', 'check if a(1);', 'check if n($n), $n < 5;');
const authority = await tokenOf('a(1);');

/** Verifies each of them twice: a token is cached when it is seen again. */
async function warm(...tokens: readonly (typeof token)[]) {
  const cache = createChainCache();
  for (const one of [...tokens, ...tokens])
    expect(await verdict(one, root.publicKey, { cache })).toBe('verified');
  return cache;
}

describe('a warm cache', () => {
  test('returns the same object for the same token, decoded once', async () => {
    const cache = await warm(token);
    const first = good(await parseAndVerify(token.text, root.publicKey, { cache }));
    const again = good(await verifyToken(good(parseToken(token.bytes)), root.publicKey, { cache }));
    expect(again).toBe(first);
    expect(cache.size).toEqual({ tokens: 1, blocks: 2 });
  });

  test('shares decoded blocks with tokens narrowed from the cached one', async () => {
    const cache = await warm(token);
    const first = good(await parseAndVerify(token.text, root.publicKey, { cache }));
    const narrowed = good(await narrow(token, datalog('check if b("new");')));
    const second = good(await parseAndVerify(narrowed.text, root.publicKey, { cache }));
    expect(second.blocks.slice(0, 3).map(({ block }) => block)).toEqual(
      first.blocks.map(({ block }) => block),
    );
    for (const [id, { block }] of first.blocks.slice(0, -1).entries())
      expect(second.blocks[id]?.block).toBe(block);
    expect(second.blocks[3]?.block.checks).toHaveLength(1);
    expect(cache.size).toEqual({ tokens: 1, blocks: 3 });
  });

  test('caches no decision: the same token with other facts is decided again', async () => {
    const cache = await warm(token);
    for (const [n, isAllowed] of [
      [1, true],
      [9, false],
      [1, true],
    ] as const) {
      const verified = good(await parseAndVerify(token.text, root.publicKey, { cache }));
      const answer = authorize(verified, {
        ...allow,
        facts: [fact('n', integer(n)), fact('a', integer(1))],
      });
      expect(answer.ok).toBe(isAllowed);
    }
  });

  test('rejects a cached chain with any bit changed', async () => {
    const cache = await warm(token);
    const { bytes } = token;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = bytes.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await verdict(copy, root.publicKey, { cache })).not.toBe('verified');
    }
    expect(cache.size).toEqual({ tokens: 1, blocks: 2 });
  });

  test('rejects another payload under a cached signature', async () => {
    const cache = await warm(token, authority);
    const forged = altered(token, (envelope) => ({
      ...envelope,
      blocks: envelope.blocks.map((block) =>
        writeSignedBlock({ ...block, payload: Uint8Array.from([...block.payload, 0x7a, 0]) }),
      ),
    }));
    expect(await verdict(forged, root.publicKey, { cache })).toBe('signature_invalid');
  });

  test('rejects a cached block after another chain', async () => {
    const other = await tokenOf('a(1);', 'check if a(1);', 'check if n($n), $n < 5;');
    const cache = await warm(token, other);
    let last: SignedBlock | undefined;
    altered(token, (envelope) => {
      last = envelope.blocks[2];
      return envelope;
    });
    const mixed = altered(other, (envelope) => ({
      ...envelope,
      blocks: envelope.blocks.map((block, id) => (id === 2 && last ? last : block)),
    }));
    expect(await verdict(mixed, root.publicKey, { cache })).toBe('signature_invalid');
  });

  test('still checks the proof, so blocks cannot be cut off', async () => {
    const cache = await warm(token, authority);
    for (const length of [1, 2]) {
      const cut = altered(token, (envelope) => ({
        ...envelope,
        blocks: envelope.blocks.slice(0, length),
      }));
      expect(await verdict(cut, root.publicKey, { cache })).toBe('proof_key_mismatch');
    }
    const seal = altered(await sealed(token), (envelope) => ({
      ...envelope,
      blocks: envelope.blocks.slice(0, 2),
    }));
    expect(await verdict(seal, root.publicKey, { cache })).toBe('seal_invalid');
  });

  test('finds a token only under its own root key', async () => {
    const cache = await warm(token);
    expect(await verdict(token, stranger.publicKey, { cache })).toBe('signature_invalid');
    expect(await verdict(token, [], { cache })).toBe('root_key_unknown');
    const same = { ...root.publicKey, bytes: root.publicKey.bytes.slice() };
    expect(await verdict(token, same, { cache })).toBe('verified');
    const keys = [{ key: stranger.publicKey }, { key: root.publicKey }];
    expect(await verdict(token, keys, { cache })).toBe('verified');
  });

  test('does not serve a caller that allows fewer algorithms', async () => {
    const cache = createChainCache();
    const p256 = await generateKeyPair('secp256r1');
    const other = good(await mint({ rootKey: p256.privateKey, block: datalog('a();') }));
    const algorithms = ['secp256r1', 'ed25519'] as const;
    expect(await verdict(other, p256.publicKey, { cache, algorithms })).toBe('verified');
    expect(await verdict(other, p256.publicKey, { cache })).toBe('key_algorithm_refused');
    const answer = await parseAndVerify(other.text, p256.publicKey, { cache });
    expect(answer.ok).toBe(false);
  });

  test('does not serve a caller with other limits', async () => {
    const cache = await warm(token);
    const limits = { ...DEFAULT_LIMITS, blocksMax: 2 };
    const answer = await parseAndVerify(token.text, root.publicKey, { cache, limits });
    expect(answer).toEqual({
      ok: false,
      error: { code: 'limit_exceeded', limit: 'blocksMax', maximum: 2 },
    });
    const wider = { ...DEFAULT_LIMITS };
    expect((await parseAndVerify(token.text, root.publicKey, { cache, limits: wider })).ok).toBe(
      true,
    );
    expect(cache.size).toEqual({ tokens: 1, blocks: 2 });
  });

  test('is empty after clear', async () => {
    const cache = await warm(token);
    cache.clear();
    expect(cache.size).toEqual({ tokens: 0, blocks: 0 });
    expect(await verdict(token, root.publicKey, { cache })).toBe('verified');
  });
});

test('stores only successes', async () => {
  const cache = createChainCache();
  await verdict(token, stranger.publicKey, { cache });
  const cut = altered(token, (envelope) => ({ ...envelope, blocks: envelope.blocks.slice(0, 2) }));
  await verdict(cut, root.publicKey, { cache });
  expect(cache.size).toEqual({ tokens: 0, blocks: 0 });
});

test('a token seen once leaves only its chain, without the last block', async () => {
  const cache = createChainCache();
  for (let i = 0; i < 5; i++) {
    const step = good(await narrow(token, datalog(`check if true, ${i} >= 0;`)));
    expect(await verdict(step, root.publicKey, { cache })).toBe('verified');
  }
  expect(cache.size).toEqual({ tokens: 0, blocks: 3 });
});

test('entries are bounded, and a chain in use stays', async () => {
  const cache = createChainCache({ ...DEFAULT_CACHE_BOUNDS, entriesMax: 8 });
  let first: unknown;
  for (let i = 0; i < 40; i++) {
    const one = good(await narrow(authority, datalog(`check if true, ${i} >= 0;`)));
    const wide = good(await narrow(await tokenOf(`a(${i});`), datalog('check if true;')));
    for (const text of [one.text, one.text, wide.text, wide.text]) {
      const verified = good(await parseAndVerify(text, root.publicKey, { cache }));
      if (text !== one.text) continue;
      first ??= verified.blocks[0]?.block;
      expect(verified.blocks[0]?.block).toBe(first);
    }
    expect(Math.max(cache.size.tokens, cache.size.blocks)).toBeLessThanOrEqual(8);
  }
});

describe('a bounded map', () => {
  test('never exceeds its bounds in entries and bytes', () => {
    const map = new BoundedMap<string, number>({ entriesMax: 10, bytesMax: 100 });
    for (let i = 0; i < 1_000; i++) {
      map.set(`${i}`, i, (i % 30) + 1);
      expect(map.size).toBeLessThanOrEqual(10);
    }
    expect(map.get('999')).toBe(999);
    expect(map.get('0')).toBeUndefined();
  });

  test('keeps entries that are read and drops the others', () => {
    const map = new BoundedMap<string, string>({ entriesMax: 4, bytesMax: 100 });
    map.set('kept', 'kept', 1);
    for (let i = 0; i < 50; i++) {
      map.set(`${i}`, 'other', 1);
      expect(map.get('kept')).toBe('kept');
    }
    expect(map.get('1')).toBeUndefined();
  });

  test('ignores an entry that is too large, and counts the same key once', () => {
    const map = new BoundedMap<string, number>({ entriesMax: 10, bytesMax: 100 });
    map.set('large', 1, 51);
    expect(map.get('large')).toBeUndefined();
    for (let i = 0; i < 100; i++) map.set('same', i, 20);
    map.set('other', 1, 20);
    expect([map.get('same'), map.get('other'), map.size]).toEqual([99, 1, 2]);
  });
});

test('derive computes a value once while the token is cached', async () => {
  const cache = await warm(token);
  let read = 0;
  const readBlocks = ({ blocks }: { readonly blocks: readonly unknown[] }) => {
    read++;
    return blocks.length;
  };
  for (let i = 0; i < 3; i++) {
    const verified = good(await parseAndVerify(token.text, root.publicKey, { cache }));
    expect(verified.derive(readBlocks)).toBe(3);
  }
  expect(read).toBe(1);
});
