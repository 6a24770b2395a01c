import { toHex } from '../encoding.ts';

/** 64 bits tell the credentials of a deployment apart. The whole digest would not fit a name. */
const CREDENTIAL_NAME_CHARACTERS = 16;

/** Random per process or isolate; the name of a gateway's isolate contains no colon. */
const INSTANCE = /^[A-Za-z0-9_-]{1,40}$/;

/**
 * Returns the name that a verifier's credential has in records, from the SHA-256 of the credential:
 * its first 16 hex digits. The records of a credential carry it before a colon, so no holder of
 * another credential, and no gateway, can have the same name.
 */
export const credentialNameOf = (digest: Uint8Array): string =>
  toHex(digest).slice(0, CREDENTIAL_NAME_CHARACTERS);

/** Returns whether a verifier's name belongs to the credential of this name. */
export function isVerifierOf(credentialName: string, verifier: string): boolean {
  const [name, instance = '', rest] = verifier.split(':');
  return name === credentialName && rest === undefined && INSTANCE.test(instance);
}
