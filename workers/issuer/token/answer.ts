import { groupReads } from '../../../src/capability/index.ts';
import { readClock } from '../../../src/clock.ts';
import { appendRecord } from '../audit/append.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { ACCESS_TOKEN_TYPE } from './read.ts';
import { TASK_DETAIL_TYPE } from './read-grants.ts';
import { type RefusedRequest, refusalRecord } from './record.ts';
import { entryOf, type TokenRefusal, toWire } from './refusals/index.ts';
import type { Mint } from './sign.ts';

/** Answers with the token (RFC 6749 section 5.1, RFC 8693 section 2.2.1, RFC 9396 section 7). */
export async function answerMint({ token, plan, start }: Mint, env: IssuerEnv): Promise<Response> {
  const { id: workflow, task, grants, holder, expires, startedAt } = start;
  const { scope, refused } = plan;
  const body = {
    access_token: token,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: holder === undefined ? 'Bearer' : 'DPoP',
    expires_in: expires - startedAt,
    ...(scope !== undefined && { scope }),
    // Exactly what the token has, as an introspection shows it (RFC 9396 section 9.2).
    authorization_details: [{ type: TASK_DETAIL_TYPE, workflow, task, grants: groupReads(grants) }],
    ...(refused !== undefined && { hewn_refused: refused }),
  };
  return answer(body, 200, {}, env);
}

/** Logs and audits a refusal, as its entry says, and answers it (RFC 6749 section 5.2). */
export async function answerRefusal(
  refusal: TokenRefusal,
  request: RefusedRequest | undefined,
  env: IssuerEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  const { audited, logged } = entryOf(refusal);
  const { status, headers, body } = toWire(refusal);
  const stamp = { id: `refusal.${crypto.randomUUID()}`, at: readClock() };
  const record = refusalRecord(refusal, body.error, stamp, request);
  const unlisted = 'unlisted' in refusal && { unlisted: refusal.unlisted };
  if (logged) console.log({ ...record, ...unlisted, event: 'token.refused' });
  if (audited) ctx.waitUntil(appendRecord(env, record));
  return answer(body, status, headers, env);
}

/** RFC 6749 section 5.1: an answer with a token must not be stored on the way. */
async function answer(
  body: unknown,
  status: number,
  extraHeaders: Readonly<Record<string, string>>,
  env: IssuerEnv,
): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', pragma: 'no-cache', ...extraHeaders });
  // The nonce for the caller's next proof (RFC 9449 section 8.2), if nonces are configured.
  const nonce = await readConfig(env).nonces?.issue(readClock());
  if (nonce !== undefined) headers.set('dpop-nonce', nonce);
  return Response.json(body, { status, headers });
}
