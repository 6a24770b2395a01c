import {
  callFacts,
  openToken,
  REQUEST_FACTS,
  type TrustedIssuer,
  trustIssuer,
  type VerifiedCapability,
} from '../../../src/capability/index.ts';
import { readClock, type UnixMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import { checkProof, type Proof, tokenHash } from '../../../src/dpop/index.ts';
import { fromBase64Url, toHex } from '../../../src/encoding.ts';
import { adminAudience } from '../../../src/operator-capability/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { publicJwk } from '../../../src/signing-keys.ts';
import { readCredentials } from '../../../src/verifier/index.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import { useProof } from './use-proof.ts';

/** A token of this issuer that has not expired. */
export interface LiveToken {
  readonly token: VerifiedCapability;
  readonly expires: UnixSeconds;
}

/** Why a capability gives no authority over its workflow here. */
export type CapabilityRefusal =
  /** Not a token of this issuer, expired, or stopped. */
  | { readonly code: 'capability_refused' }
  /** Its holder was given a part of the work, not the workflow. */
  | { readonly code: 'capability_narrowed' }
  | { readonly code: 'capability_unproven' }
  | { readonly code: 'nonce_required' };

const trustedIssuers = new WeakMap<IssuerConfig, Promise<TrustedIssuer>>();

/** Returns this issuer as a verifier trusts it; made once per isolate. */
function ownIssuer(config: IssuerConfig): Promise<TrustedIssuer> {
  let issuer = trustedIssuers.get(config);
  if (!issuer) {
    // Every published key: tokens of an older key are valid until that key is retired.
    const keys = config.publishedKeys.map(async ({ id, key }) => {
      const { x } = await publicJwk(key);
      return { id, publicKey: toHex(fromBase64Url(x) ?? new Uint8Array()) };
    });
    issuer = Promise.all(keys).then(trustIssuer);
    trustedIssuers.set(config, issuer);
  }
  return issuer;
}

/**
 * Verifies the signature and the expiry of a token of this issuer; whether it is stopped is not
 * checked. Returns undefined for everything else, without a reason: a reason would only help
 * someone who tries out forged tokens.
 */
export async function openLiveToken(
  env: IssuerEnv,
  text: string,
  now: UnixMilliseconds,
): Promise<LiveToken | undefined> {
  const live = await openAnyToken(env, text, now);
  // A capability of an operator has no workflow, and no use outside of the admin API.
  return live && isOfOperator(env, live) ? undefined : live;
}

/** The same for a capability of an operator, which only the admin API accepts. */
export async function openOperatorToken(
  env: IssuerEnv,
  text: string,
  now: UnixMilliseconds,
): Promise<LiveToken | undefined> {
  const live = await openAnyToken(env, text, now);
  return live && isOfOperator(env, live) ? live : undefined;
}

const isOfOperator = (env: IssuerEnv, { token }: LiveToken): boolean =>
  token.authority.audience === adminAudience(readConfig(env).issuer);

async function openAnyToken(
  env: IssuerEnv,
  text: string,
  now: UnixMilliseconds,
): Promise<LiveToken | undefined> {
  const config = readConfig(env);
  const opened = await openToken(text, await ownIssuer(config));
  if (!opened.ok || opened.value.authority.issuer !== config.issuer) return undefined;
  const token = opened.value;
  const { authority, holder } = token;
  const { audience } = authority;
  const known = callFacts(new Date(now), audience, holder === undefined ? {} : { holder });
  const failed = token.failedChecks(known);
  if (!failed.ok) return undefined;
  // A check that also reads the call is undecided until there is a call.
  const hasFailed = failed.value.some(({ facts }) =>
    facts.every((fact) => REQUEST_FACTS.includes(fact)),
  );
  const { expires } = token;
  return hasFailed || expires === undefined ? undefined : { token, expires };
}

/**
 * Returns whether a token of this issuer is stopped: by the log of its workflow's shard, or by
 * shard 0, which has the watermarks that stop tokens of every shard.
 */
export async function isStopped(
  env: IssuerEnv,
  { authority, issuerKey, revocationIds: blocks }: VerifiedCapability,
): Promise<boolean> {
  const shards = [...new Set([0, authority.shard ?? 0])];
  const answers = await Promise.all(
    shards.map((shard) => revocationLog(env, shard).isStopped({ ...authority, issuerKey, blocks })),
  );
  return answers.includes(true);
}

/**
 * Opens a live, unnarrowed and unstopped capability of this issuer: its holder has authority over
 * its workflow. If the capability is bound to a key, the caller must still check the proof.
 */
export async function openUnnarrowed(
  env: IssuerEnv,
  text: string,
): Promise<Result<LiveToken, CapabilityRefusal>> {
  const live = await openLiveToken(env, text, readClock());
  if (!live) return refuse({ code: 'capability_refused' });
  if (live.token.revocationIds.length > 1) return refuse({ code: 'capability_narrowed' });
  if (await isStopped(env, live.token)) return refuse({ code: 'capability_refused' });
  return ok(live);
}

/**
 * Authenticates a request by the unnarrowed capability in its `Authorization` header and, if that
 * is bound to a key, by a DPoP proof, which is used up.
 */
export async function authenticateByCapability(
  request: Request,
  env: IssuerEnv,
): Promise<Result<LiveToken, CapabilityRefusal>> {
  const opened = await openUnnarrowed(env, readCredentials(request).token);
  return opened.ok ? proveHolder(request, env, opened.value) : opened;
}

/** A token that is presented, whether it was narrowed or not. */
export interface PresentedToken extends LiveToken {
  readonly text: string;
}

/** Does the same with a token that may have been narrowed: it says what its holder was given. */
export async function authenticateByToken(
  request: Request,
  env: IssuerEnv,
): Promise<Result<PresentedToken, CapabilityRefusal>> {
  const { token: text } = readCredentials(request);
  const live = await openLiveToken(env, text, readClock());
  if (!live || (await isStopped(env, live.token))) return refuse({ code: 'capability_refused' });
  const proven = await proveHolder(request, env, live);
  return proven.ok ? ok({ ...live, text }) : proven;
}

/** Requires the proof of the key that a token is bound to, by its last hop if it was handed on. */
async function proveHolder(
  request: Request,
  env: IssuerEnv,
  live: LiveToken,
): Promise<Result<LiveToken, CapabilityRefusal>> {
  const { proof } = readCredentials(request);
  const { holder } = live.token;
  const unproven = refuse({ code: 'capability_unproven' } as const);
  // Rejects a DPoP proof sent with an unbound token: it proves nothing.
  if (holder === undefined) return proof ? unproven : ok(live);
  const proven = await readHolderProof(request, env, holder);
  if (!proven.ok) return proven;
  const isFirstUse = await useProof(proven.value, env);
  return isFirstUse ? ok(live) : unproven;
}

/** Checks the proof of a request that its token is bound to this key. Uses no storage. */
export async function readHolderProof(
  request: Request,
  env: IssuerEnv,
  holder: string,
): Promise<
  Result<Proof, Extract<CapabilityRefusal, { code: 'capability_unproven' | 'nonce_required' }>>
> {
  const { token: text, proof } = readCredentials(request);
  const unproven = refuse({ code: 'capability_unproven' } as const);
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
  return checked.value.thumbprint === holder ? checked : unproven;
}
