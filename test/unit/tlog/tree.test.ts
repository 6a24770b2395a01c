import { describe, expect, test } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/encoding.ts';
import {
  checkConsistency,
  checkInclusion,
  decodeFrontier,
  EMPTY_FRONTIER,
  EMPTY_ROOT,
  encodeFrontier,
  encodeTile,
  extendFrontier,
  frontierRoot,
  leafHash,
  nodeHash,
  proveConsistency,
  proveConsistencyIn,
  proveInclusion,
  proveInclusionIn,
  readFrontier,
  rootOf,
  sha256,
  type TileReader,
} from '../../../src/tlog/index.ts';
import { leavesOf } from './vectors.ts';

const LARGE = 70_000;
const large = leavesOf(LARGE);
const hex = (bytes: Uint8Array) => toHex(bytes);

/** Reads tiles as the log would have written them: full ones of each level, from the level below. */
function tilesOf(leaves: readonly Uint8Array[]): TileReader {
  const levels: (readonly Uint8Array[])[] = [leaves];
  for (let row = leaves; row.length >= 256; ) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 256 <= row.length; i += 256) above.push(rootOf(row.slice(i, i + 256)));
    levels.push(above);
    row = above;
  }
  return ({ level, index, width }) =>
    encodeTile((levels[level] ?? []).slice(index * 256, index * 256 + width));
}
const read = tilesOf(large);

describe('the tree has the roots of the vectors', () => {
  test('for nothing, for an empty entry and for one record', () => {
    expect(hex(EMPTY_ROOT)).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(hex(leafHash(new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(hex(rootOf([]))).toBe(hex(EMPTY_ROOT));
  });

  test.each([
    [1, 'aceb89d5f1ab4c8ce45f20080b7ef23ee7b421293b7454bcfcfb66b66ca8f731'],
    [2, 'df392c57c1025252a41bf68c875df6c713c6096ef4c31e385a0e15ffc83e3ecd'],
    [3, '5c0798be9b21d3422de6e2655cf92c29ff07cd097be605ec9f48ff698ec5446c'],
    [7, '33f6856624dd4c85372c848c2a9326c65c2fa9eea8ebfb9bdf233f2b161054aa'],
    [8, 'f3e554aff21b21a0729d175a91a998b965b8587a829d70a79206906960a37d55'],
    [255, 'ca00c2af5f176844826c389ed657b5b90e6a4659132d3e82602ecad882befa90'],
    [256, '99d81e23b8eecd3f19e36c07176070d88edc4cb990c59acdb10b83233c2409ea'],
    [257, 'b9885380e51a371a0e893d295b151c74902285937f2aeefd769576c3703cad86'],
    [LARGE, 'e18741957f7ce3722b04d66d8ae2fcbb707b3633159a7a761d1e50e1f0a2dc53'],
  ])('for %i records', async (size, root) => {
    expect(hex(rootOf(large.slice(0, size)))).toBe(root);
    expect(hex(frontierRoot(await readFrontier(size, tilesOf(large.slice(0, size)))))).toBe(root);
  });
});

describe('proofs have the hashes of the vectors', () => {
  const digest = (proof: readonly Uint8Array[]) => hex(sha256(concatBytes(...proof))).slice(0, 16);

  test.each([
    [0, 1, 0, 'e3b0c44298fc1c14'],
    [5, 7, 3, '5d2aeb236185b29c'],
    [6, 7, 2, '9255025436e95c52'],
    [255, 256, 8, 'f16d74c5811ce1da'],
    [256, 257, 1, '69d143e61009ed3b'],
    [69_999, LARGE, 9, '1432abb7661cdacb'],
  ])('of record %i in %i', async (index, size, count, sha) => {
    const leaves = large.slice(0, size);
    const proof = proveInclusionIn(index, leaves);
    expect([proof.length, digest(proof)]).toEqual([count, sha]);
    expect(await proveInclusion(index, size, read)).toEqual(proof);
  });

  test.each([
    [1, 2, 1, 'f8c6b141505b5d63'],
    [3, 7, 4, '3a0975e4d97e5581'],
    [4, 7, 1, 'b98b6fb796f4a7f0'],
    [6, 8, 3, 'beda1ba9d52e1698'],
    [7, 7, 0, 'e3b0c44298fc1c14'],
    [0, 7, 0, 'e3b0c44298fc1c14'],
    [256, 257, 1, '096dbff3118db931'],
    [255, LARGE, 18, '7b58421bfc41a9a2'],
    [65_536, LARGE, 1, 'cdbf911cc88f3fe0'],
  ])('from %i to %i records', async (oldSize, size, count, sha) => {
    const leaves = large.slice(0, size);
    const proof = proveConsistencyIn(oldSize, leaves);
    expect([proof.length, digest(proof)]).toEqual([count, sha]);
    expect(await proveConsistency(oldSize, size, read)).toEqual(proof);
    const [oldRoot, root] = [rootOf(large.slice(0, oldSize)), rootOf(leaves)];
    expect(checkConsistency({ oldSize, oldRoot, size, root }, proof)).toBe(true);
  });
});

/** The proof with each hash spoiled, dropped and doubled, and with one more at either end. */
function spoiled(proof: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const other = leafHash(utf8('another'));
  return [
    ...proof.flatMap((hash, index) => [
      proof.with(index, nodeHash(hash, hash)),
      proof.toSpliced(index, 1),
      proof.toSpliced(index, 0, hash),
      proof.with(index, hash.slice(1)),
    ]),
    [other, ...proof],
    [...proof, other],
  ];
}

test('accepts the inclusion proofs of all sizes to 40, and none that differs', () => {
  let checks = 0;
  for (let size = 1; size <= 40; size++) {
    const leaves = large.slice(0, size);
    const root = rootOf(leaves);
    for (const [index, leaf] of leaves.entries()) {
      const proof = proveInclusionIn(index, leaves);
      const claim = { index, size, leaf, root };
      expect(checkInclusion(claim, proof)).toBe(true);
      for (const bad of spoiled(proof)) expect(checkInclusion(claim, bad)).toBe(false);
      for (const changed of [
        { index: index + 1 },
        { size: index },
        { leaf: root.slice(1) },
        { leaf: leafHash(utf8('another')) },
        { root: leafHash(leaf) },
        { index: -1 },
        { index: index + 0.5 },
        { size: Number.NaN },
      ])
        expect(checkInclusion({ ...claim, ...changed }, proof)).toBe(false);
      checks += 1;
    }
  }
  expect(checks).toBe(820);
});

test('accepts the consistency proofs of all sizes to 40, and none that differs', () => {
  for (let size = 0; size <= 40; size++) {
    const root = rootOf(large.slice(0, size));
    for (let oldSize = 0; oldSize <= size; oldSize++) {
      const oldRoot = rootOf(large.slice(0, oldSize));
      const proof = proveConsistencyIn(oldSize, large.slice(0, size));
      const growth = { oldSize, oldRoot, size, root };
      expect(checkConsistency(growth, proof)).toBe(true);
      for (const bad of spoiled(proof)) expect(checkConsistency(growth, bad)).toBe(false);
      const other = leafHash(utf8('another'));
      expect(checkConsistency({ ...growth, oldRoot: other }, proof)).toBe(false);
      if (oldSize > 0) expect(checkConsistency({ ...growth, root: other }, proof)).toBe(false);
      expect(checkConsistency({ ...growth, oldSize: size + 1 }, proof)).toBe(false);
    }
  }
});

test('proves from tiles what it proves from leaves, at random places of a large log', async () => {
  for (const size of [257, 512, 65_792]) {
    const leaves = large.slice(0, size);
    const [root, reading] = [rootOf(leaves), tilesOf(leaves)];
    for (const index of [0, 255, size - 1]) {
      const proof = await proveInclusion(index, size, reading);
      const leaf = leaves[index] as Uint8Array;
      expect(checkInclusion({ index, size, leaf, root }, proof)).toBe(true);
      const oldSize = index + 1;
      const growth = { oldSize, oldRoot: rootOf(large.slice(0, oldSize)), size, root };
      expect(checkConsistency(growth, await proveConsistency(oldSize, size, reading))).toBe(true);
    }
  }
});

test('cuts a full tile where the partial one is gone', async () => {
  const whole: TileReader = ({ level, index }) => read({ level, index, width: 256 });
  expect(await proveInclusion(5, 7, whole)).toEqual(proveInclusionIn(5, large.slice(0, 7)));
  await expect(proveInclusion(5, 7, () => new Uint8Array(32))).rejects.toThrow(
    /tile\/0\/000\.p\/7/,
  );
});

test('continues from a stored frontier as if it had never stopped', () => {
  let frontier = EMPTY_FRONTIER;
  for (let size = 0; size < 300; size += 7) {
    const stored = decodeFrontier(frontier.size, encodeFrontier(frontier));
    expect(stored).toEqual(frontier);
    frontier = extendFrontier(stored ?? EMPTY_FRONTIER, large.slice(size, size + 7));
    expect(hex(frontierRoot(frontier))).toBe(hex(rootOf(large.slice(0, size + 7))));
  }
});

test('refuses a frontier whose bytes are not of its size', () => {
  const { hashes } = extendFrontier(EMPTY_FRONTIER, large.slice(0, 3));
  const bytes = concatBytes(...hashes);
  expect(decodeFrontier(3, bytes)?.size).toBe(3);
  for (const size of [0, 1, 7, -1, 1.5, Number.NaN])
    expect(decodeFrontier(size, bytes)).toBe(undefined);
  expect(decodeFrontier(3, bytes.slice(1))).toBe(undefined);
});

test('refuses to prove what a tree never had', () => {
  for (const [index, size] of [
    [0, 0],
    [3, 3],
    [-1, 3],
    [0.5, 3],
  ] as const)
    expect(() => proveInclusionIn(index, large.slice(0, size))).toThrow(RangeError);
  expect(() => proveConsistencyIn(4, large.slice(0, 3))).toThrow(RangeError);
});
