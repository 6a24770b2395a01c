import { SignJWT } from 'jose';
import { thumbprintOf } from '../../../src/jwk-thumbprint.ts';
import { SET_TYPE, type SetClaims } from '../../../src/signals/index.ts';
import { publicJwk, signingKey } from '../../../src/signing-keys.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';

/** Signs claims with the signal key, as a JWT of the given `typ`. */
export async function signSignal(privateKey: string, typ: string, claims: object): Promise<string> {
  const kid = await thumbprintOf(await publicJwk(privateKey));
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid })
    .sign(await signingKey(privateKey));
}

/** Signs an event. Called for each delivery, so a replaced key signs no more events. */
export async function signSet(env: IssuerEnv, claims: SetClaims): Promise<string> {
  const { signals } = readConfig(env);
  if (!signals) throw new Error('Cannot sign a security event: no signal key is configured.');
  return signSignal(signals.key, SET_TYPE, claims);
}
