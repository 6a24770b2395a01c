import { readClock } from '../../../src/clock.ts';
import { checkProof, tokenHash } from '../../../src/dpop/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readCredentials } from '../../../src/verifier/index.ts';
import { type IssuerEnv, readConfig } from '../platform/config.ts';
import { type LiveToken, openLiveToken } from './own-token.ts';
import { useProof } from './proof.ts';
import { isStopped } from './stopped.ts';

/** Why a capability does not speak for its workflow here. */
export type CapabilityRefusal =
  /** Not one of ours, ended, or stopped. */
  | { readonly code: 'capability_refused' }
  /** Somebody narrowed it: its holder was given a step, and not the workflow. */
  | { readonly code: 'capability_narrowed' }
  | { readonly code: 'capability_unproven' }
  | { readonly code: 'nonce_required' };

/**
 * A whole, living capability of this issuer: who holds one speaks for its workflow. Its key is
 * still to be proven, where it names one.
 */
export async function openWhole(
  env: IssuerEnv,
  text: string,
): Promise<Result<LiveToken, CapabilityRefusal>> {
  const live = await openLiveToken(env, text, readClock());
  if (!live) return refuse({ code: 'capability_refused' });
  if (live.token.revocationIds.length > 1) return refuse({ code: 'capability_narrowed' });
  if (await isStopped(env, live.token)) return refuse({ code: 'capability_refused' });
  return ok(live);
}

/** The capability that a request brings, with the proof of its key, which is then used up. */
export async function heldCapability(
  request: Request,
  env: IssuerEnv,
): Promise<Result<LiveToken, CapabilityRefusal>> {
  const { token: text, proof } = readCredentials(request);
  const opened = await openWhole(env, text);
  if (!opened.ok) return opened;
  const { holder } = opened.value.token.authority;
  const unproven = refuse({ code: 'capability_unproven' } as const);
  // A proof that is sent is meant: beside a token without a key it is none.
  if (holder === undefined) return proof ? unproven : opened;
  if (proof?.scheme !== 'DPoP') return unproven;
  const { issuer, nonces } = readConfig(env);
  const { pathname } = new URL(request.url);
  const checked = await checkProof(proof.text, {
    method: request.method,
    url: `${issuer}${pathname}`,
    now: readClock(),
    ath: await tokenHash(text),
    ...(nonces && { nonces }),
  });
  if (!checked.ok) {
    const { code } = checked.error;
    const isNonce = code === 'nonce_missing' || code === 'nonce_refused';
    return isNonce ? refuse({ code: 'nonce_required' }) : unproven;
  }
  if (checked.value.thumbprint !== holder) return unproven;
  const used = await useProof(checked.value, env);
  return used.ok ? opened : unproven;
}
