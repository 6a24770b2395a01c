import { hkdfSync } from 'node:crypto';
import { readConfig } from './config.ts';
import type { IssuerEnv } from './env.ts';

/**
 * Derives the secret with which the gateway of an audience seals its state. It is the same in each
 * isolate of the gateway, and reveals nothing about the feed key that it is derived from. A gateway
 * that has its own secret does not use it.
 */
export function gatewaySecret(env: IssuerEnv, audience: string): string {
  const { feedKey } = readConfig(env);
  const label = `hewn gateway secret ${audience}`;
  return Buffer.from(hkdfSync('sha256', feedKey, '', label, 32)).toString('hex');
}
