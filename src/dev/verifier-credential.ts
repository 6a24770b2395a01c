import { createHash } from 'node:crypto';

/**
 * Returns the credential with which an API of this machine sends its records. Derived from the
 * operator's, so that it needs no place and stays the same in the next run.
 */
export const verifierCredential = (operator: string, audience: string): string =>
  createHash('sha256').update(`verifier of hewn dev ${audience} ${operator}`).digest('base64url');

/** Returns what the issuer knows of it. */
export const credentialDigest = (credential: string): string =>
  createHash('sha256').update(credential).digest('hex');
