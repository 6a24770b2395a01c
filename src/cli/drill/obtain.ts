import * as v from 'valibot';
import { createDpopKey, type DpopKey, obtainCapability, provingFetch } from '../../agent/index.ts';
import { readBounded } from '../../body.ts';
import type { Grant } from '../../capability/index.ts';
import type { UnixMilliseconds } from '../../clock.ts';
import { OBTAIN_MILLISECONDS_MAX, TOKEN_TEXT_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import type { CapabilitySource } from './config.ts';
import { readSecret } from './secret.ts';

/** The capability that a drill uses and revokes. */
export interface DrillCapability {
  readonly token: string;
  readonly workflow: string;
  readonly expires: UnixMilliseconds;
  /** The key that it is bound to, if any. */
  readonly holder?: DpopKey | undefined;
}

/** Mints a capability as the configuration says, or takes the one that it names. */
export async function obtainForDrill(
  context: CommandContext,
  issuer: string,
  source: CapabilitySource,
): Promise<Result<DrillCapability, string>> {
  if ('token' in source) {
    const token = await readSecret(context, source.token);
    const { workflow, expires } = source;
    return token.ok ? ok({ token: token.value, workflow, expires: Date.parse(expires) }) : token;
  }
  if ('clientAssertion' in source) return obtainAsClient(context, issuer, source);
  const [subject, actor] = [
    await readSecret(context, source.subjectToken),
    await readSecret(context, source.actorToken),
  ];
  if (!subject.ok) return subject;
  if (!actor.ok) return actor;
  const { audience, task, grants } = source;
  const holder = source.dpop && (await createDpopKey());
  const obtained = await obtainCapability({
    issuer,
    audience,
    task,
    grants: grants as readonly Grant[],
    fetch: context.fetch,
    now: () => context.now().getTime(),
    subjectToken: subject.value,
    actorToken: actor.value,
    ...(holder && { dpop: holder }),
  });
  if (!obtained.ok) {
    const { error } = obtained;
    const why = error.code === 'refused' ? `${error.error}: ${error.description}` : error.code;
    return refuse(`no capability was minted: ${why}`);
  }
  const { token, workflow, expires } = obtained.value;
  return ok({ token, workflow, expires: expires.getTime(), holder });
}

const tokenAnswer = v.object({
  access_token: v.pipe(v.string(), v.maxLength(TOKEN_TEXT_BYTES_MAX)),
  expires_in: v.number(),
  authorization_details: v.pipe(v.array(v.object({ workflow: v.string() })), v.length(1)),
});

const ANSWER_BYTES_MAX = 64 * 1024; // A token of 8 KiB and its grants, with room to spare.

/** Mints for a client that acts for itself, with an assertion (RFC 7523) instead of two tokens. */
async function obtainAsClient(
  context: CommandContext,
  issuer: string,
  source: Extract<CapabilitySource, { clientAssertion: unknown }>,
): Promise<Result<DrillCapability, string>> {
  const assertion = await readSecret(context, source.clientAssertion);
  if (!assertion.ok) return assertion;
  const { audience, task, grants } = source;
  const holder = source.dpop && (await createDpopKey());
  try {
    const sentAt = context.now().getTime();
    const request = new Request(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: audience,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion.value,
        authorization_details: JSON.stringify([{ type: 'hewn_task', task, grants }]),
      }),
      redirect: 'manual',
      signal: AbortSignal.timeout(OBTAIN_MILLISECONDS_MAX),
    });
    const prove = provingFetch(context.fetch, () => context.now().getTime());
    const response = await (holder ? prove(request, holder) : context.fetch(request));
    const body = await readBounded(response, ANSWER_BYTES_MAX);
    const answer = v.safeParse(tokenAnswer, body.ok ? JSON.parse(body.value) : undefined);
    if (!answer.success) return refuse(`no capability was minted: HTTP ${response.status}`);
    const { access_token: token, expires_in, authorization_details } = answer.output;
    const { workflow = '' } = authorization_details[0] ?? {};
    return ok({ token, workflow, expires: sentAt + expires_in * 1000, holder });
  } catch (error) {
    return refuse(`no capability was minted: ${(error as Error).message}`);
  }
}
