import { createHash } from 'node:crypto';
import { ISSUER_VARIABLES } from '../test/issuer-variables.ts';

export const OPERATOR = 'operator of a bench';

/**
 * Variables of an issuer in a workerd of its own, for benches only.
 */
export const ISSUER_VARS = {
  ...ISSUER_VARIABLES,
  LOG_KEY: `ed25519-private/${'06'.repeat(32)}`,
  OPERATOR_SHA256: createHash('sha256').update(OPERATOR).digest('hex'),
};
