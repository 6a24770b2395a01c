/**
 * The variables without which no issuer starts, for tests and measurements. The keys are made for
 * these and good for nothing else: seeds of 32 equal bytes.
 */
export const ISSUER_VARIABLES = {
  ISSUER: 'https://issuer.example',
  AUDIENCES: '["https://gateway.example"]',
  IDENTITY_ISSUERS: JSON.stringify([
    {
      name: 'idp',
      issuer: 'https://idp.example',
      jwksUri: 'https://idp.example/jwks',
      audience: 'https://issuer.example',
      algorithms: ['ES256'],
    },
  ]),
  MINT_KEYS: JSON.stringify([
    { id: 1, key: `ed25519-private/${'01'.repeat(32)}`, state: 'active' },
  ]),
  FEED_KEY: `ed25519-private/${'02'.repeat(32)}`,
  OPERATOR_SHA256: '03'.repeat(32),
} as const;
