/**
 * WebCrypto's names for the two algorithms. Separate from the private keys, so that a verifier,
 * which has none, does not load that code.
 */
export const IMPORT = {
  ed25519: { name: 'Ed25519' },
  secp256r1: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

export const SIGN = {
  ed25519: { name: 'Ed25519' },
  secp256r1: { name: 'ECDSA', hash: 'SHA-256' },
} as const;
