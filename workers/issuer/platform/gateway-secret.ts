import { hkdfSync } from 'node:crypto';
import { type IssuerEnv, readConfig } from './config.ts';

/**
 * The secret of the gateway of this audience, the same in each of its isolates, for what it seals.
 * Made of the feed key, of which it tells nothing; a gateway with a secret of its own needs none.
 */
export function gatewaySecret(env: IssuerEnv, audience: string): string {
  const { feedKey } = readConfig(env);
  const label = `hewn gateway secret ${audience}`;
  return Buffer.from(hkdfSync('sha256', feedKey, '', label, 32)).toString('hex');
}
