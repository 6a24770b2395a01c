import { readClock } from '../../../src/clock.ts';
import { checkProof, type Proof } from '../../../src/dpop/index.ts';
import {
  type ClientAssertion,
  checkConsent,
  type Identity,
  type IdentityError,
} from '../../../src/identity/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, replayStore } from '../platform/env.ts';
import { identityOf } from '../platform/identity.ts';
import { limitAgent } from '../platform/rate-limiting.ts';
import type { TokenRequest } from './read.ts';
import type { IdentityRefusal } from './refusals/index.ts';
import { useProof } from './use-proof.ts';

/** The parties of a request, proven. */
export interface Parties {
  /** The agent, which is the outermost actor of the capability. */
  readonly workload: Identity;
  /** Absent if the agent acts for no user, which the policy must allow. */
  readonly user?: Identity;
}

export interface Caller extends Parties {
  /** Thumbprint of the key that the agent has proven to hold; absent without a DPoP proof. */
  readonly holder?: string;
}

/** A request that is not proven, with the parties that are: the refusal's record names them. */
export interface Unproven {
  readonly refusal: IdentityRefusal;
  readonly agent?: string;
  readonly subject?: string;
}

/**
 * Proves who calls, for whom, and which key the agent holds. The proof is checked first, because
 * that needs no storage; it is used up last, so that strangers cannot fill the replay store.
 */
export async function proveCaller(
  request: Request,
  read: TokenRequest,
  env: IssuerEnv,
): Promise<Result<Caller, Unproven>> {
  const proof = await readProof(request, env);
  if (!proof.ok) return refuse({ refusal: proof.error });
  const parties = await proveParties(read, env);
  if (!parties.ok) return parties;
  const { workload, user } = parties.value;
  const refused = (refusal: IdentityRefusal) =>
    refuse({
      refusal,
      agent: workload.qualified,
      ...(user && { subject: user.qualified }),
    });
  const limited = await limitAgent(env, workload.qualified);
  if (!limited.ok) return refused({ code: 'rate_limited', of: 'agent', ...limited.error });
  if (!proof.value) return ok(parties.value);
  if (!(await useProof(proof.value, env))) {
    return refused({ code: 'proof_refused', cause: 'replayed' });
  }
  return ok({ ...parties.value, holder: proof.value.thumbprint });
}

/**
 * Verifies the DPoP proof of the key that the capability is to be bound to (RFC 9449 section 5).
 * Returns undefined if the request has none. Uses no storage.
 */
export async function readProof(
  request: Request,
  env: IssuerEnv,
): Promise<Result<Proof | undefined, IdentityRefusal>> {
  const text = request.headers.get('dpop');
  if (text === null) return ok(undefined);
  const { issuer, nonces } = readConfig(env);
  const checked = await checkProof(text, {
    method: 'POST',
    url: `${issuer}/token`,
    now: readClock(),
    ...(nonces && { nonces }),
  });
  if (checked.ok) return checked;
  const { code: cause } = checked.error;
  const isNonce = cause === 'nonce_missing' || cause === 'nonce_refused';
  return refuse(isNonce ? { code: 'nonce_required' } : { code: 'proof_refused', cause });
}

/**
 * Proves the agent and the user. The agent is named by a client assertion, by the `actor_token`, or
 * by both alike; without either, the `subject_token` is the agent's own. A subject that is not the
 * agent is a user, who must have consented.
 */
async function proveParties(
  request: TokenRequest,
  env: IssuerEnv,
): Promise<Result<Parties, Unproven>> {
  const identity = identityOf(env);
  const client = request.client ? await proveClient(request.client, env) : undefined;
  if (client && !client.ok) return refuse({ refusal: client.error });
  const actor =
    request.actorToken === undefined ? undefined : await identity.verify(request.actorToken);
  const clientAgent = client && { agent: client.value.qualified };
  if (actor && !actor.ok) {
    return refuse({ refusal: identityRefusal('actor_refused', actor.error), ...clientAgent });
  }
  // Accepting either of two agents would let the caller spend one agent's consent as the other.
  if (client && actor && client.value.qualified !== actor.value.qualified) {
    return refuse({ refusal: { code: 'actors_differ' }, ...clientAgent });
  }
  const named = client?.value ?? actor?.value;
  if (request.subjectToken === undefined) {
    return named ? ok({ workload: named }) : refuse({ refusal: { code: 'client_missing' } });
  }
  const subject = await identity.verify(request.subjectToken);
  if (!subject.ok) {
    const refusal = identityRefusal('subject_refused', subject.error);
    return refuse({ refusal, ...(named && { agent: named.qualified }) });
  }
  const workload = named ?? subject.value;
  if (subject.value.qualified === workload.qualified) return ok({ workload });
  const consent = checkConsent(subject.value, workload);
  if (consent.ok) return ok({ workload, user: subject.value });
  const proven = { agent: workload.qualified, subject: subject.value.qualified };
  return refuse({ refusal: consent.error, ...proven });
}

/** Verifies a client assertion and uses up its `jti`, before anything is minted. */
async function proveClient(
  assertion: ClientAssertion,
  env: IssuerEnv,
): Promise<Result<Identity, IdentityRefusal>> {
  const proven = await identityOf(env).verifyAssertion(assertion);
  if (!proven.ok) return refuse(identityRefusal('client_refused', proven.error));
  const { identity, once } = proven.value;
  const isFirstUse =
    once === undefined || (await replayStore(env).use('client_assertion', once.id, once.expires));
  return isFirstUse ? ok(identity) : refuse({ code: 'client_replayed' });
}

/**
 * Returns the refusal for an identity that was not accepted; an outage is not the caller's fault.
 */
const identityRefusal = (
  code: 'subject_refused' | 'actor_refused' | 'client_refused',
  error: IdentityError,
): IdentityRefusal =>
  error.code === 'keys_unavailable'
    ? { code: 'identity_unavailable' }
    : {
        code,
        cause: error.code,
        ...(error.code === 'subject_unlisted' && { unlisted: error.subject }),
      };
