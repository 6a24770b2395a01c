/**
 * What WebCrypto calls the two algorithms. Apart from the private keys, of which a verifier, that
 * has none, then loads nothing.
 */
export const IMPORT = {
  ed25519: { name: 'Ed25519' },
  secp256r1: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

export const SIGN = {
  ed25519: { name: 'Ed25519' },
  secp256r1: { name: 'ECDSA', hash: 'SHA-256' },
} as const;
