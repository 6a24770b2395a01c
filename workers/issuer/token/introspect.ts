import { coversGrant, type Grant, writeScope } from '../../../src/capability/index.ts';
import { readClock } from '../../../src/clock.ts';
import { type IssuerEnv, readConfig, statusList, workflowOf } from '../platform/config.ts';
import { credentialDigest, isCredential } from '../platform/credential.ts';
import { readDeniedTools } from './denials.ts';
import { isStopped, type LiveToken, openLiveToken } from './presented-capability.ts';
import { TASK_DETAIL_TYPE } from './read-grants.ts';
import { answerTokenFormRefusal, readTokenForm } from './token-form.ts';

/**
 * `POST /introspect` (RFC 7662), for a verifier about tokens of its own audience, and for the
 * operator about all. Nobody else: open to all it would say of any stolen token what it is good
 * for (section 4).
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
    ? { ...describe(live, usable.grants), ...(await statusReference(live, env)) }
    : { active: false }; // And nothing else, whatever the reason (section 2.2).
  return Response.json(body, { headers: { 'cache-control': 'no-store' } });
}

/** None where no grant has a short form: a constrained one would say more than it is. */
function scopeOf(grants: readonly Grant[]): { scope?: string } {
  const scope = writeScope(grants);
  return scope === '' ? {} : { scope };
}

/** The audiences that the caller may ask about; undefined for a caller with no credential. */
async function audiencesOf(
  headers: Headers,
  env: IssuerEnv,
): Promise<readonly string[] | undefined> {
  const { operatorSha256, verifiers, audiences } = readConfig(env);
  const digest = await credentialDigest(headers);
  if (isCredential(digest, operatorSha256)) return audiences;
  const own = verifiers
    .filter(({ sha256 }) => isCredential(digest, sha256))
    .map(({ audience }) => audience);
  return own.length === 0 ? undefined : own;
}

/** What a token may still be used for; undefined where it is stopped, or nothing of it is left. */
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
  // A resource server that goes by this answer must not serve a denied tool either.
  return { grants: (await grantedTo(live, env))?.filter(isUsable) };
}

/**
 * What it was granted, with the constraints that stand in the token as checks alone. Undefined
 * where that is not known, or is not what the token itself has.
 */
async function grantedTo(
  { token }: LiveToken,
  env: IssuerEnv,
): Promise<readonly Grant[] | undefined> {
  const [block = ''] = token.revocationIds;
  const { workflow, grants } = token.authority;
  const granted = await workflowOf(env, workflow).granted(block);
  return granted?.every((one) => coversGrant(grants, one)) ? granted : undefined;
}

/** RFC 7662 section 2.2, RFC 9396 section 9.2, RFC 8693 section 4.1, RFC 9449 section 6.2. */
function describe(
  { token, expires }: LiveToken,
  grants: readonly Grant[] | undefined,
): Record<string, unknown> {
  const { issuer, agent, subject, audience, issuedAt, workflow, task, holder } = token.authority;
  const [jti, ...caveats] = token.revocationIds;
  // The caveats of a narrowed token have no form in a scope. Its grants alone would say more than
  // it may do, to a resource server that goes by this answer.
  const granted =
    caveats.length === 0 && grants !== undefined
      ? {
          ...scopeOf(grants),
          authorization_details: [{ type: TASK_DETAIL_TYPE, workflow, task, grants }],
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
    iat: Math.floor(issuedAt.getTime() / 1000),
    exp: expires,
    ...(holder === undefined
      ? { token_type: 'Bearer' }
      : { token_type: 'DPoP', cnf: { jkt: holder } }),
  };
}

/**
 * Where to read from now on how the workflow stands (draft-ietf-oauth-status-list section 6.1). The
 * index is drawn for the first who asks: no mint waits for it, and a workflow that nobody asks for
 * takes no place. An answer without it is as true, so it is left out where it cannot be had.
 */
async function statusReference(
  { token }: LiveToken,
  env: IssuerEnv,
): Promise<{ status?: { status_list: { idx: number; uri: string } } }> {
  const { issuer, signals } = readConfig(env);
  if (!signals) return {};
  const { workflow, ancestors, issuedAt } = token.authority;
  const began = Math.floor(issuedAt.getTime() / 1000);
  try {
    const { idx, list } = await statusList(env).place({ workflow, ancestors, issuedAt: began });
    return { status: { status_list: { idx, uri: `${issuer}/status/v1/${list}` } } };
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    console.error({ event: 'status.unavailable', workflow, why });
    return {};
  }
}
