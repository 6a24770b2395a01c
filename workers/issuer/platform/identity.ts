import { waitUntil } from 'cloudflare:workers';
import { createIdentity } from '../../../src/identity/index.ts';
import { type IssuerEnv, readConfig } from './config.ts';

const known = new WeakMap<object, ReturnType<typeof createIdentity>>();

/** One per isolate, so that an identity provider's keys are fetched once and not per request. */
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
