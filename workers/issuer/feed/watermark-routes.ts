import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { WATERMARK_SCOPES, type Watermark } from '../../../src/feed/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CLOCK_SKEW_SECONDS_MAX,
  FEED_WATERMARK_VALUE_BYTES_MAX,
} from '../../../src/limits.ts';
import { type IssuerEnv, readConfig, revocationLog } from '../platform/config.ts';
import { OPERATOR, problem, readJson } from '../platform/http.ts';
import { publicHex } from '../platform/keys.ts';
import { reason } from '../platform/text.ts';
import { effectOf, readWait } from './effect.ts';

/** Watermarks are in the first log's head, which every verifier follows, whatever its shard. */
const SHARD = 0;

const orderBody = v.strictObject({
  scope: v.picklist(WATERMARK_SCOPES),
  value: v.optional(v.pipe(v.string(), v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX)), ''),
  /** Unix seconds; now, where it is not said. */
  before: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  reason,
});
const FORM =
  'The body is JSON with scope, value (none where the scope is all), reason, and before.';

/**
 * Stops everything of a scope that was issued before a time, with one entry. What is issued later
 * is not stopped: who must get nothing any more is a matter of the policy.
 */
export async function addWatermark(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readJson(request, orderBody, FORM);
  if (order instanceof Response) return order;
  const now = Math.floor(Date.now() / 1000);
  // A token of this very second is meant as well.
  const { scope, before = now + 1 } = order;
  const value = scope === 'issuer_key' ? await keyOf(order.value, env) : order.value;
  if (value === undefined || (value === '') !== (scope === 'all') || !value.isWellFormed()) {
    return problem(400, 'invalid_request', FORM);
  }
  if (before > now + CLOCK_SKEW_SECONDS_MAX) {
    return problem(
      400,
      'invalid_request',
      'before is in the future: it would stop new tokens too.',
    );
  }
  const watermark: Watermark = { scope, value, before };
  const stamp = { id: `watermark.${crypto.randomUUID()}`, at: Date.now() };
  const expires = before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
  const recorded = await revocationLog(env, SHARD).appendWatermark(
    { kind: 'watermark', ...watermark, at: now, expires },
    { event: 'watermark', ...stamp, ...watermark, actor: OPERATOR, reason: order.reason },
  );
  if (!recorded.ok) {
    return problem(
      409,
      recorded.error.code,
      'A head holds no more of them; one of scope all may do.',
    );
  }
  const place = { shard: SHARD, ...recorded.value };
  const effect = await effectOf(env, { ...place, expires, waitSeconds: readWait(request.url) });
  return Response.json({ ...watermark, ...place, ...effect });
}

export async function listWatermarks(_request: IRequest, env: IssuerEnv): Promise<Response> {
  return Response.json({ watermarks: await revocationLog(env, SHARD).watermarks() });
}

/** A root key by its id, as `hewn keys list` has it, or by its public half in lower-case hex. */
async function keyOf(text: string, env: IssuerEnv): Promise<string | undefined> {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  const named = readConfig(env).publishedKeys.find(({ id }) => String(id) === text);
  return named && publicHex(named.key);
}
