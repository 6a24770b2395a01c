import { waitUntil } from 'cloudflare:workers';
import { createIdentity } from '../../../src/identity/index.ts';
import { readConfig } from './config.ts';
import type { IssuerEnv } from './env.ts';

const known = new WeakMap<object, ReturnType<typeof createIdentity>>();

/** Returns the instance of this isolate, so that the keys of a provider are fetched once. */
export function identityOf(env: IssuerEnv): ReturnType<typeof createIdentity> {
  const config = readConfig(env);
  let identity = known.get(config);
  if (!identity) {
    identity = createIdentity(config.identityIssuers, {
      self: config.issuer,
      background: waitUntil,
    });
    known.set(config, identity);
  }
  return identity;
}
