import { credentialNameOf } from '../../../src/audit/index.ts';
import { readConfig } from './config.ts';
import { credentialDigest, isCredential } from './credential.ts';
import type { IssuerEnv } from './env.ts';

/** The holder of a credential of VERIFIER_CREDENTIALS. */
export interface RemoteVerifier {
  /** Begins the name of each of its verifiers, before a colon. */
  readonly name: string;
  /** The audiences that it verifies for. */
  readonly audiences: readonly string[];
}

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
