import { withBiscuit } from '#biscuit-wasm';
import type { Datalog } from '../capability/index.ts';
import { toParameters } from './terms.ts';

/** A signed token. */
export interface Minted {
  readonly token: string;
  /**
   * The revocation id of the authority block, in lower-case hex. Revoking it also revokes every
   * token narrowed from this one.
   */
  readonly revocationId: string;
}

/**
 * Signs an authority block with the root key (`ed25519-private/<hex>`). The token carries
 * `rootKeyId` as a hint for verifiers.
 */
export const mint = (authority: Datalog, rootKey: string, rootKeyId: number): Minted =>
  withBiscuit((reference) => {
    const builder = reference.Biscuit.builder();
    builder.addCodeWithParameters(authority.source, toParameters(authority), {});
    builder.setRootKeyId(rootKeyId);
    const token = builder.build(reference.PrivateKey.fromString(rootKey));
    const [revocationId] = token.getRevocationIdentifiers() as string[];
    if (revocationId === undefined) throw new Error('a minted token has no revocation id');
    return { token: token.toBase64().replace(/=+$/, ''), revocationId };
  });
