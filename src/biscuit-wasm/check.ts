import { withBiscuit } from '#biscuit-wasm';
import type { Datalog } from '../capability/index.ts';
import type { Minted } from './mint.ts';
import { toParameters } from './terms.ts';

/** What another engine was asked to mint. */
export interface MintOrder {
  readonly authority: Datalog;
  /** The public half of the root key, 32 bytes in lower-case hex. */
  readonly rootKey: string;
  readonly rootKeyId: number;
}

/** Signs what is compared and never leaves this file. */
const ANY_KEY = `ed25519-private/${'01'.repeat(32)}`;

/**
 * Returns what the reference implementation finds wrong with a token that another engine minted;
 * undefined if nothing. It verifies the signatures, and compares the authority block with the one
 * that it reads from the same Datalog itself.
 */
export function findMintFault(
  { token: text, revocationId }: Minted,
  { authority, rootKey, rootKeyId }: MintOrder,
): string | undefined {
  let named: unknown;
  try {
    return withBiscuit(({ Biscuit, PrivateKey, PublicKey, SignatureAlgorithm }) => {
      const token = Biscuit.fromBase64WithProvider(text, (id: unknown) => {
        named = id;
        return PublicKey.fromString(rootKey, SignatureAlgorithm.Ed25519);
      });
      const builder = Biscuit.builder();
      builder.addCodeWithParameters(authority.source, toParameters(authority), {});
      // Read from a token, because a builder orders the texts of a set by the alphabet, and a token
      // by when they first appear in the block.
      const expected = builder.build(PrivateKey.fromString(ANY_KEY));
      if (named !== rootKeyId) return 'another root key id';
      if (token.countBlocks() !== 1) return 'not one block';
      if (token.getRevocationIdentifiers()[0] !== revocationId) return 'another revocation id';
      return token.getBlockSource(0) === expected.getBlockSource(0)
        ? undefined
        : 'another authority';
    });
  } catch (error) {
    return error instanceof Error ? error.message : JSON.stringify(error);
  }
}
