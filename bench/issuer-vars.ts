import { createHash } from 'node:crypto';

export const OPERATOR = 'operator of a bench';

/**
 * Variables of an issuer in a workerd of its own. Its keys are of equal bytes: for benches only.
 */
export const ISSUER_VARS = {
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
  LOG_KEY: `ed25519-private/${'06'.repeat(32)}`,
  OPERATOR_SHA256: createHash('sha256').update(OPERATOR).digest('hex'),
};
