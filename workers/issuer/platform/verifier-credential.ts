import { credentialNameOf } from '../../../src/credential-digest.ts';
import { readConfig } from './config.ts';
import { credentialDigest, isCredential } from './credential.ts';
import type { IssuerEnv } from './env.ts';

/** The holder of a credential of VERIFIER_CREDENTIALS. */
export interface RemoteVerifier {
  readonly name: string;
  /** The audiences that it verifies for. */
  readonly audiences: readonly string[];
}

/**
 * Returns the name of a sender's verifier, from the name that it has for itself. The credential's
 * name comes first, and a colon, so that no one can report in the name of another credential's
 * verifier. The name of a gateway's isolate has no colon.
 */
export const verifierName = ({ name }: RemoteVerifier, own: string): string => `${name}:${own}`;

/** Returns the holder of the credential of a request; undefined if there is no valid one. */
export async function remoteVerifier(
  headers: Headers,
  env: IssuerEnv,
): Promise<RemoteVerifier | undefined> {
  const { verifiers } = readConfig(env);
  const digest = await credentialDigest(headers);
  const audiences = verifiers
    .filter(({ sha256 }) => isCredential(digest, sha256))
    .map(({ audience }) => audience);
  if (!digest || audiences.length === 0) return undefined;
  return { name: credentialNameOf(new Uint8Array(digest)), audiences };
}
