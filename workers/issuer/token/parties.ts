import { type ClientAssertion, checkConsent, type Identity } from '../../../src/identity/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { type IssuerEnv, replayStore } from '../platform/config.ts';
import { identityOf } from '../platform/identity.ts';
import { identityRefusal, type TokenRefusal } from './refusal.ts';
import type { TokenRequest } from './request.ts';

/** For the log: filled in as far as each party was proven, with what the request asks for. */
export interface Who {
  agent?: string;
  subject?: string;
  task?: string;
  asked?: Pick<TokenRequest, 'audience' | 'grants'>;
}

export interface Parties {
  /** The agent: the outermost actor of what will be minted. */
  readonly workload: Identity;
  /** Absent where the agent acts on nobody's behalf, which the policy must allow. */
  readonly user?: Identity;
}

/**
 * Who asks, and for whom. The agent is named by a client assertion, by the actor_token, or by both
 * alike; where there is neither, the subject_token is the agent's own. A subject that is not the
 * agent is a user, who must have agreed.
 */
export async function proveParties(
  request: TokenRequest,
  env: IssuerEnv,
  who: Who,
): Promise<Result<Parties, TokenRefusal>> {
  const identity = identityOf(env);
  const client = request.client ? await proveClient(request.client, env) : undefined;
  if (client && !client.ok) return client;
  if (client) who.agent = client.value.qualified;
  const actor =
    request.actorToken === undefined ? undefined : await identity.verify(request.actorToken);
  if (actor && !actor.ok) return refuse(identityRefusal('actor_refused', actor.error));
  // Two proofs of two agents: which one would be spent is not for us to choose.
  if (client && actor && client.value.qualified !== actor.value.qualified) {
    return refuse({ code: 'actors_differ' });
  }
  const named = client?.value ?? actor?.value;
  if (named) who.agent = named.qualified;
  if (request.subjectToken === undefined) {
    return named ? ok({ workload: named }) : refuse({ code: 'client_missing' });
  }
  const subject = await identity.verify(request.subjectToken);
  if (!subject.ok) return refuse(identityRefusal('subject_refused', subject.error));
  const workload = named ?? subject.value;
  who.agent = workload.qualified;
  if (subject.value.qualified === workload.qualified) return ok({ workload });
  who.subject = subject.value.qualified;
  const consent = checkConsent(subject.value, workload);
  return consent.ok ? ok({ workload, user: subject.value }) : consent;
}

/** Its `jti` is used up here, after the signature was checked and before anything is minted. */
async function proveClient(
  assertion: ClientAssertion,
  env: IssuerEnv,
): Promise<Result<Identity, TokenRefusal>> {
  const proven = await identityOf(env).verifyAssertion(assertion);
  if (!proven.ok) return refuse(identityRefusal('client_refused', proven.error));
  const { identity, once } = proven.value;
  const unseen =
    once === undefined || (await replayStore(env).use('client_assertion', once.id, once.expires));
  return unseen ? ok(identity) : refuse({ code: 'client_replayed' });
}
