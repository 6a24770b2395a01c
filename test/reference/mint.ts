/** Mints tokens with the reference implementation, the same bytes every time. */
import { createHash } from 'node:crypto';
import type { Reference } from './arena.ts';

export type BlockPlan = {
  readonly code: string;
  /**
   * The private key of a third party, `ed25519-private/…`, which makes this a third-party block.
   */
  readonly signedBy?: string;
};

export type TokenPlan = {
  readonly blocks: readonly [BlockPlan, ...BlockPlan[]];
  readonly rootKeyId?: number;
  readonly sealed?: boolean;
};

/**
 * Runs `use` while the platform's random bytes are a function of `seed`. The reference draws the
 * next key of every block from them, and committed vectors must be reproducible.
 */
export function withFixedRandomness<T>(seed: string, use: () => T): T {
  let draws = 0;
  const fill = <A extends ArrayBufferView | null>(array: A): A => {
    if (!(array instanceof Uint8Array)) throw new TypeError('the reference fills bytes');
    for (let offset = 0; offset < array.length; offset += 32) {
      const hash = createHash('sha256').update(`${seed}/${draws++}`).digest();
      array.set(hash.subarray(0, Math.min(32, array.length - offset)), offset);
    }
    return array;
  };
  Object.defineProperty(crypto, 'getRandomValues', { value: fill, configurable: true });
  try {
    return use();
  } finally {
    // Restores the method of the prototype.
    Reflect.deleteProperty(crypto, 'getRandomValues');
  }
}

type Biscuit = ReturnType<Reference['Biscuit']['fromBytes']>;

function append(reference: Reference, token: Biscuit, plan: BlockPlan): Biscuit {
  const block = new reference.BlockBuilder();
  block.addCode(plan.code);
  if (plan.signedBy === undefined) return token.appendBlock(block);
  const secret = reference.PrivateKey.fromString(plan.signedBy);
  const signed = token.getThirdPartyRequest().createBlock(secret, block);
  return token.appendThirdPartyBlock(
    reference.KeyPair.fromPrivateKey(secret).getPublicKey(),
    signed,
  );
}

/**
 * `rootSecret` is `ed25519-private/…` or `secp256r1-private/…`. Throws what the reference throws.
 */
export function mint(
  reference: Reference,
  rootSecret: string,
  plan: TokenPlan,
): Uint8Array<ArrayBuffer> {
  const builder = new reference.BiscuitBuilder();
  if (plan.rootKeyId !== undefined) builder.setRootKeyId(plan.rootKeyId);
  const [authority, ...others] = plan.blocks;
  builder.addCode(authority.code);
  let token = builder.build(reference.PrivateKey.fromString(rootSecret));
  for (const block of others) token = append(reference, token, block);
  if (plan.sealed === true) token = token.sealToken();
  return new Uint8Array(token.toBytes());
}
