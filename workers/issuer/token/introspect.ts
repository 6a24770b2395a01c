import { coversGrant, type Grant, groupReads, writeScope } from '../../../src/capability/index.ts';
import { readClock, toSeconds } from '../../../src/clock.ts';
import { readConfig } from '../platform/config.ts';
import { credentialDigest, isCredential } from '../platform/credential.ts';
import { type IssuerEnv, statusList, workflowOf } from '../platform/env.ts';
import { remoteVerifier } from '../platform/verifier-credential.ts';
import { readDeniedTools } from './denials.ts';
import { isStopped, type LiveToken, openLiveToken } from './presented-capability.ts';
import { TASK_DETAIL_TYPE } from './read-grants.ts';
import { answerTokenFormRefusal, readTokenForm } from './token-form.ts';

/**
 * `POST /introspect` (RFC 7662): a verifier asks about tokens of its own audience, the operator
 * about all tokens. Everyone else is refused, because the answer would tell the thief of a token
 * what it is good for (section 4).
 */
export async function introspectionEndpoint(request: Request, env: IssuerEnv): Promise<Response> {
  const audiences = await audiencesOf(request.headers, env);
  if (!audiences) return answerTokenFormRefusal({ code: 'verifier_unknown' });
  const form = await readTokenForm(request);
  if (!form.ok) return answerTokenFormRefusal(form.error);
  const live = await openLiveToken(env, form.value.token, readClock());
  const usable =
    live && audiences.includes(live.token.authority.audience) && (await usableGrants(live, env));
  const body = usable
    ? { ...describeToken(live, usable.grants), ...(await statusReference(live, env)) }
    : { active: false }; // And nothing else, whatever the reason (section 2.2).
  return Response.json(body, { headers: { 'cache-control': 'no-store' } });
}

/** Returns the audiences that the caller may ask about; undefined without a valid credential. */
async function audiencesOf(
  headers: Headers,
  env: IssuerEnv,
): Promise<readonly string[] | undefined> {
  const { operatorSha256, audiences } = readConfig(env);
  if (isCredential(await credentialDigest(headers), operatorSha256)) return audiences;
  return (await remoteVerifier(headers, env))?.audiences;
}

/**
 * Returns what a token may still be used for; undefined if it is stopped or every tool is denied.
 * Denied tools are left out, so a resource server that relies on this answer does not serve them.
 */
async function usableGrants(
  live: LiveToken,
  env: IssuerEnv,
): Promise<{ grants: readonly Grant[] | undefined } | undefined> {
  const { authority } = live.token;
  const [stopped, denied] = await Promise.all([
    isStopped(env, live.token),
    readDeniedTools(env, authority),
  ]);
  if (stopped || !denied.ok) return undefined;
  const isUsable = ({ tool }: Grant) => !denied.value.includes(tool);
  if (!authority.grants.some(isUsable)) return undefined;
  return { grants: (await recordedGrants(live, env))?.filter(isUsable) };
}

/**
 * Returns the grants as they were minted, with the constraints that the token itself only has as
 * checks. Undefined if the workflow does not know them, or if they exceed those in the token.
 */
async function recordedGrants(
  { token }: LiveToken,
  env: IssuerEnv,
): Promise<readonly Grant[] | undefined> {
  const [block = ''] = token.revocationIds;
  const { workflow, grants } = token.authority;
  const recorded = await workflowOf(env, workflow).granted(block);
  return recorded?.every((grant) => coversGrant(grants, grant)) ? recorded : undefined;
}

/** RFC 7662 section 2.2, RFC 9396 section 9.2, RFC 8693 section 4.1, RFC 9449 section 6.2. */
function describeToken(
  { token, expires }: LiveToken,
  grants: readonly Grant[] | undefined,
): Record<string, unknown> {
  const { issuer, agent, subject, audience, issuedAt, workflow, task } = token.authority;
  const { holder, hops } = token;
  const [jti, ...caveats] = token.revocationIds;
  // A caveat cannot be expressed as a scope. The grants alone would claim more than a narrowed
  // token may do, to a resource server that relies on this answer.
  const granted =
    caveats.length === 0 && grants !== undefined
      ? {
          ...scopeOf(grants),
          authorization_details: [
            { type: TASK_DETAIL_TYPE, workflow, task, grants: groupReads(grants) },
          ],
        }
      : {};
  return {
    active: true,
    ...granted,
    client_id: agent,
    act: { sub: agent },
    sub: subject,
    aud: audience,
    iss: issuer,
    jti,
    iat: toSeconds(issuedAt.getTime()),
    exp: expires,
    ...(holder === undefined
      ? { token_type: 'Bearer' }
      : { token_type: 'DPoP', cnf: { jkt: holder } }),
    ...(hops.length > 0 && { hops }),
  };
}

/** Left out if no grant has a short form: a constrained grant as a scope would claim too much. */
function scopeOf(grants: readonly Grant[]): { scope?: string } {
  const scope = writeScope(grants);
  return scope === '' ? {} : { scope };
}

/**
 * Returns where the state of the workflow can be read from then on (draft-ietf-oauth-status-list
 * section 6.1). The index is allocated at the first introspection, so mints do not wait for it and
 * unused workflows take no place. If it is unavailable it is left out: the answer is still true.
 */
async function statusReference(
  { token }: LiveToken,
  env: IssuerEnv,
): Promise<{ status?: { status_list: { idx: number; uri: string } } }> {
  const { issuer, signals } = readConfig(env);
  if (!signals) return {};
  const { workflow, ancestors, issuedAt } = token.authority;
  const began = toSeconds(issuedAt.getTime());
  try {
    const { idx, list } = await statusList(env).place({ workflow, ancestors, issuedAt: began });
    return { status: { status_list: { idx, uri: `${issuer}/status/v1/${list}` } } };
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    console.error({ event: 'status.unavailable', workflow, why });
    return {};
  }
}
