/** biscuit-wasm 0.6.0, its objects freed, its instance renewed before its memory slows it down. */
import type { Contestant, Fixture } from './contest.ts';

export type Reference = typeof import('@biscuit-auth/biscuit-wasm');

/** How the runtime at hand makes an instance, and how large its memory is. */
export type Link = () => Promise<{ readonly reference: Reference; memoryBytes(): number }>;

const ARENA_BYTES_MAX = 16 * 1024 * 1024;
const LIMITS = { max_facts: 1_000, max_iterations: 100, max_time_micro: 1_000_000 };

export async function makeReference(fixture: Fixture, link: Link): Promise<Contestant> {
  let { reference, memoryBytes } = await link();
  let held: ReturnType<Reference['Biscuit']['fromBase64']>;
  let rootKey: ReturnType<Reference['PublicKey']['fromString']>;
  const renew = async () => {
    ({ reference, memoryBytes } = await link());
    const { Ed25519 } = reference.SignatureAlgorithm;
    rootKey = reference.PublicKey.fromString(fixture.rootPublicKey, Ed25519);
    held = reference.Biscuit.fromBase64(fixture.token, rootKey);
  };
  await renew();

  const builtBlock = () => {
    const block = new reference.BlockBuilder();
    block.addCode(fixture.blockCode);
    return block;
  };
  return {
    // A renewal costs a millisecond: between rounds, it is not in the figures.
    prepare: async () => {
      if (memoryBytes() > ARENA_BYTES_MAX) await renew();
    },
    operations: {
      cold: () => {
        const token = reference.Biscuit.fromBase64(fixture.token, rootKey);
        const builder = new reference.AuthorizerBuilder();
        builder.addCode(fixture.requestFacts + fixture.authorizer);
        const authorizer = builder.buildAuthenticated(token);
        authorizer.authorizeWithLimits(LIMITS);
        authorizer.free();
        token.free();
      },
      narrow: () => {
        const block = builtBlock();
        const next = held.appendBlock(block);
        next.toBase64();
        next.free();
        block.free();
      },
      ...narrowBuilt(() => held, builtBlock),
    },
  };
}

type Held = () => ReturnType<Reference['Biscuit']['fromBase64']>;

/** The block is built anew with every instance: it does not outlive its memory. */
function narrowBuilt(held: Held, build: () => InstanceType<Reference['BlockBuilder']>) {
  let block: ReturnType<typeof build> | undefined;
  let of: ReturnType<Held> | undefined;
  return {
    'narrow-built': () => {
      if (of !== held()) [block, of] = [build(), held()];
      if (block === undefined) return;
      const next = held().appendBlock(block);
      next.toBase64();
      next.free();
    },
  };
}
