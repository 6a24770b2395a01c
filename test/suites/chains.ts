/** A chain of blocks that was changed in any way does not verify, with a cold or a warm cache. */
import fc from 'fast-check';
import {
  createChainCache,
  parseAndVerify,
  publicKeyFromText,
  type UnverifiedToken,
} from '../../src/biscuit/index.ts';
import { concatBytes } from '../../src/encoding.ts';
import { ROOT_PUBLIC } from '../conformance/cases/case.ts';
import { type Bytes, bytes, type Field, readFields } from '../forge/index.ts';
import { fuzzToken } from '../fuzz/generate/case.ts';
import { mintPlan } from './properties.ts';
import { expectThat, type SuiteTest } from './suite.ts';

const AUTHORITY = 2;
const BLOCK = 3;

const write = ({ field, value }: Field): Bytes =>
  bytes(field, typeof value === 'bigint' ? new Uint8Array() : value);

const isBlock = ({ field }: Field): boolean => field === AUTHORITY || field === BLOCK;

/** The token with other signed blocks. The first of them becomes the authority block. */
function withBlocks(token: Bytes, blocks: readonly Field[]): Bytes {
  const others = readFields(token).filter((field) => !isBlock(field));
  const placed = blocks.map(({ value }, i) => ({ field: i === 0 ? AUTHORITY : BLOCK, value }));
  return concatBytes(...[...placed, ...others].map(write));
}

const blocksOf = (token: Bytes): readonly Field[] => readFields(token).filter(isBlock);

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
  );
}

async function token(seed: number): Promise<Bytes> {
  const { blocks, ...rest } = fuzzToken(seed);
  // At least three blocks, so that there is a first, a last and one in between.
  const [first = { statements: [] }] = blocks;
  const few = [...blocks, first, first].slice(0, Math.max(3, blocks.length));
  const firstParty = few.map(({ statements }) => ({ statements }));
  const minted: UnverifiedToken = await mintPlan({ ...rest, blocks: firstParty });
  return minted.bytes;
}

async function verifier(warmWith: readonly Bytes[]) {
  const key = publicKeyFromText(`ed25519/${ROOT_PUBLIC}`);
  expectThat(key.ok, 'the root key is valid');
  const cache = createChainCache();
  for (const honest of warmWith) {
    const first = await parseAndVerify(honest, key.value, { cache });
    expectThat(first.ok, 'the honest token verifies');
  }
  return async (changed: Bytes): Promise<boolean> => {
    const cold = await parseAndVerify(changed, key.value);
    const warm = await parseAndVerify(changed, key.value, { cache });
    expectThat(cold.ok === warm.ok, 'the cache changes the answer');
    return cold.ok;
  };
}

const same = (a: Bytes, b: Bytes): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i]);

async function expectAllRefused(honest: readonly Bytes[], changed: readonly Bytes[], what: string) {
  const verifies = await verifier(honest);
  for (const candidate of changed) {
    if (honest.some((one) => same(one, candidate))) continue;
    expectThat(!(await verifies(candidate)), `${what} verifies`);
  }
}

const forSeeds = (
  name: string,
  numRuns: number,
  run: (seed: number, other: number) => Promise<void>,
): SuiteTest => ({
  name,
  run: () => fc.assert(fc.asyncProperty(fc.nat(), fc.nat(), run), { numRuns }),
});

export const CHAINS: readonly SuiteTest[] = [
  forSeeds('blocks in another order do not verify', 15, async (seed) => {
    const honest = await token(seed);
    const orders = permutations(blocksOf(honest)).map((blocks) => withBlocks(honest, blocks));
    await expectAllRefused([honest], orders, 'another order');
  }),
  forSeeds('a token without one of its blocks does not verify', 15, async (seed) => {
    const honest = await token(seed);
    const blocks = blocksOf(honest);
    const fewer = blocks.map((dropped) =>
      withBlocks(
        honest,
        blocks.filter((block) => block !== dropped),
      ),
    );
    const cut = blocks.map((_, i) => withBlocks(honest, blocks.slice(0, i + 1)));
    await expectAllRefused([honest], [...fewer, ...cut], 'a dropped block');
  }),
  forSeeds('blocks or proofs of another token do not verify', 15, async (seed, otherSeed) => {
    const [honest, other] = [await token(seed), await token(otherSeed)];
    const [own, foreign] = [blocksOf(honest), blocksOf(other)];
    const spliced = own.flatMap((_, i) => [
      withBlocks(
        honest,
        own.map((block, j) => (i === j ? (foreign[j] ?? block) : block)),
      ),
      withBlocks(honest, [...own.slice(0, i + 1), ...foreign.slice(i + 1)]),
      withBlocks(other, own.slice(0, i + 1)),
      withBlocks(honest, [...own.slice(0, i), ...foreign.slice(0, 1), ...own.slice(i)]),
    ]);
    await expectAllRefused([honest, other], spliced, 'a spliced chain');
  }),
  forSeeds('a repeated block does not verify', 10, async (seed) => {
    const honest = await token(seed);
    const blocks = blocksOf(honest);
    const repeated = blocks.map((_, i) =>
      withBlocks(honest, blocks.toSpliced(i, 0, ...blocks.slice(i, i + 1))),
    );
    await expectAllRefused([honest], repeated, 'a repeated block');
  }),
  forSeeds('no prefix of a token verifies', 2, async (seed) => {
    const honest = await token(seed);
    const cut = Array.from({ length: honest.length }, (_, i) => honest.slice(0, i));
    await expectAllRefused([honest], cut, 'a truncated token');
  }),
  forSeeds('no token with one flipped bit verifies', 2, async (seed) => {
    const honest = await token(seed);
    const flipped = Array.from({ length: honest.length * 8 }, (_, bit) => {
      const changed = honest.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return changed;
    });
    await expectAllRefused([honest], flipped, 'a flipped bit');
  }),
];
