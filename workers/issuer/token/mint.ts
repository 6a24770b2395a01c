import type { MintRecord, RefusalRecord } from '../../../src/audit/index.ts';
import { mint } from '../../../src/biscuit-wasm/index.ts';
import { type Grant, writeAuthority } from '../../../src/capability/index.ts';
import type { Identity, IdentityError } from '../../../src/identity/index.ts';
import { CAPABILITY_SECONDS_MAX } from '../../../src/limits.ts';
import type { Policy } from '../../../src/policy/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { IssuerConfig } from '../config.ts';
import type { WorkflowStart } from '../objects/workflow.ts';
import type { TokenRefusal } from './refusal.ts';
import type { TokenRequest } from './request.ts';

/** A capability that is signed but not yet handed out, and what must be written before it is. */
export interface Mint {
  readonly token: string;
  readonly record: MintRecord;
  readonly start: WorkflowStart;
}

export interface MintInput {
  readonly config: IssuerConfig;
  readonly policy: Policy;
  readonly request: TokenRequest;
  readonly user: Identity;
  readonly workload: Identity;
  /** A fresh workflow id. */
  readonly workflow: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Decides and signs; pure but for the signature. Lifetime is the smallest of all that bound it. */
export function mintCapability(input: MintInput): Result<Mint, TokenRefusal> {
  const { config, policy, request, user, workload, workflow } = input;
  const now = Math.floor(input.now / 1000);
  const { audience, task } = request;
  const decision = policy.decide({
    ...{ workload, user, task, audience, now: new Date(now * 1000), requests: request.grants },
  });
  const { owner, lifetimeSeconds } = decision;
  if (decision.granted.length === 0 || owner === undefined) {
    return refuse({ code: 'policy_refused', cause: decision.refused[0]?.code ?? 'no_owner' });
  }
  const seconds = Math.min(
    lifetimeSeconds,
    CAPABILITY_SECONDS_MAX,
    ...[user, workload].map(({ expires }) => Math.floor(expires.getTime() / 1000) - now),
  );
  if (seconds < 1) return refuse({ code: 'lifetime_exhausted' });

  const grants: readonly Grant[] = decision.granted.map(({ grant }) => grant);
  const who = { workflow, agent: workload.qualified, subject: user.qualified, owner, task };
  const gen = 1;
  const authority = writeAuthority(
    {
      ...{ ...who, issuer: config.issuer, audience, gen, grants, ancestors: [] },
      issuedAt: new Date(now * 1000),
    },
    new Date((now + seconds) * 1000),
  );
  // The request's names were checked when it was read: what fails here is an identity's own text.
  if (!authority.ok) return refuse({ code: 'policy_refused', cause: authority.error.code });
  const { token, revocationId } = mint(authority.value, config.mintKey, config.mintKeyId);
  const blocks = [revocationId];
  const expires = now + seconds;
  return ok({
    token,
    record: {
      ...{ event: 'mint', id: `mint.${workflow}`, at: input.now, ...who },
      ...{ blocks, audience, grants, expires },
      rules: decision.granted.map(({ rule }) => rule),
      refused: decision.refused.map(({ grant, code }) => ({
        ...{ tool: grant.tool, dataset: grant.dataset, code },
      })),
    },
    start: {
      ...{ id: workflow, agent: who.agent, subject: who.subject, owner, task },
      ...{ gen, audience, grants, startedAt: now, expires, blocks },
    },
  });
}

/** The record of a request that was refused, as far as it is known who asked. */
export function refusalRecord(
  refusal: TokenRefusal,
  error: string,
  stamp: { readonly id: string; readonly at: number },
  who: { readonly agent?: string; readonly subject?: string; readonly task?: string },
): RefusalRecord {
  const cause = 'cause' in refusal ? `${refusal.code}:${refusal.cause}` : refusal.code;
  return { event: 'refusal', ...stamp, ...who, error, code: cause };
}

/**
 * An identity that was not accepted, as this endpoint's refusal; outages are not the caller's
 * fault.
 */
export const identityRefusal = (
  code: 'subject_refused' | 'actor_refused',
  error: IdentityError,
): TokenRefusal =>
  error.code === 'keys_unavailable'
    ? { code: 'identity_unavailable' }
    : { code, cause: error.code };
