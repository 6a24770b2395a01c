import { SignJWT } from 'jose';
import { SET_TYPE, type SetClaims } from '../../../src/signals/index.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { publicJwk, signingKey, thumbprint } from '../platform/signing-keys.ts';

/** Signs `claims` as they are with the signal key, as a JWT of the given `typ`. */
export async function signSignal(privateKey: string, typ: string, claims: object): Promise<string> {
  const kid = await thumbprint(await publicJwk(privateKey));
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid })
    .sign(await signingKey(privateKey));
}

/** A security event token, signed anew for each delivery: a key that was replaced signs none. */
export async function signSet(env: IssuerEnv, claims: SetClaims): Promise<string> {
  const { signals } = readConfig(env);
  if (!signals) throw new Error('a security event is signed where there is no signal key');
  return signSignal(signals.key, SET_TYPE, claims);
}
