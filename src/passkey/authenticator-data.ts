import { toBase64Url } from '../encoding.ts';

/** What an authenticator signs beside the client data (WebAuthn section 6.1). */
export interface AuthenticatorData {
  readonly rpIdHash: Uint8Array;
  readonly isUserPresent: boolean;
  readonly isUserVerified: boolean;
  /** Rises with each signature, or is always 0. */
  readonly counter: number;
  /** The credential that was made, in base64url. Only in the answer to a registration. */
  readonly credential?: string;
}

const HASH_BYTES = 32;
const FIXED_BYTES = 37; // The hash, the flags and the counter.
const CREDENTIAL_AT = FIXED_BYTES + 16 + 2; // The model of the authenticator, and a length.

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/** Reads authenticator data. Returns undefined if it is too short for what its flags promise. */
export function readAuthenticatorData(bytes: Uint8Array): AuthenticatorData | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(HASH_BYTES);
  const credential = flags & ATTESTED ? credentialIn(bytes, view) : undefined;
  if (flags & ATTESTED && credential === undefined) return undefined;
  return {
    rpIdHash: bytes.subarray(0, HASH_BYTES),
    isUserPresent: (flags & PRESENT) !== 0,
    isUserVerified: (flags & VERIFIED) !== 0,
    counter: view.getUint32(HASH_BYTES + 1),
    ...(credential !== undefined && { credential }),
  };
}

function credentialIn(bytes: Uint8Array, view: DataView): string | undefined {
  if (bytes.length < CREDENTIAL_AT) return undefined;
  const length = view.getUint16(CREDENTIAL_AT - 2);
  const end = CREDENTIAL_AT + length;
  if (length === 0 || bytes.length < end) return undefined;
  return toBase64Url(new Uint8Array(bytes.subarray(CREDENTIAL_AT, end)));
}
