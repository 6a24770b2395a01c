import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { WATERMARK_SCOPES, type Watermark } from '../../../src/feed/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CLOCK_SKEW_SECONDS_MAX,
  FEED_WATERMARK_VALUE_BYTES_MAX,
} from '../../../src/limits.ts';
import { type IssuerEnv, revocationLog } from '../platform/config.ts';
import { OPERATOR, problem, readJson } from '../platform/http.ts';
import { reason } from '../platform/text.ts';
import { readWait, waitForEffect } from './effect.ts';
import { matchesOf, readScopeRequest } from './scope-request.ts';

/** Watermarks are in the first log's head, which every verifier follows, whatever its shard. */
const SHARD = 0;

const scoped = {
  scope: v.picklist(WATERMARK_SCOPES),
  value: v.optional(v.pipe(v.string(), v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX)), ''),
};
const orderBody = v.strictObject({
  ...scoped,
  /** Unix seconds; now, where it is not said. Of the feed's records, 1 is a withdrawal. */
  before: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(2))),
  reason,
  even_unknown: v.optional(v.literal(true)),
  dry_run: v.optional(v.literal(true)),
});
const FORM =
  'The body is JSON with scope, value (none where the scope is all), reason, and before, even_unknown or dry_run.';

/**
 * Stops everything of a scope that was issued before a time, with one entry. What is issued later
 * is not stopped: for whom nothing may come out any more, there is a denial.
 */
export async function addWatermark(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readJson(request, orderBody, FORM);
  if (order instanceof Response) return order;
  const now = readSeconds();
  // A token of this very second is meant as well.
  const { before = now + 1 } = order;
  if (before > now + CLOCK_SKEW_SECONDS_MAX) {
    return problem(
      400,
      'invalid_request',
      'before is in the future: it would stop new tokens too.',
    );
  }
  const named = await readScopeRequest(env, order, order.even_unknown === true);
  if (!named.ok) return named.error;
  const watermark: Watermark = { ...named.value, before };
  const expires = before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
  const entry = { kind: 'watermark', ...watermark, at: now, expires } as const;
  const log = revocationLog(env, SHARD);
  if (order.dry_run) {
    const [matches, fits] = await Promise.all([matchesOf(env, watermark), log.fits(entry)]);
    return fits ? Response.json({ ...watermark, dry_run: true, matches }) : full();
  }
  const stamp = { id: `watermark.${crypto.randomUUID()}`, at: readClock() };
  const recorded = await log.appendWatermark(entry, {
    event: 'watermark',
    ...stamp,
    ...watermark,
    actor: OPERATOR,
    reason: order.reason,
  });
  if (!recorded.ok) return full();
  const matches = await matchesOf(env, watermark);
  const place = { shard: SHARD, ...recorded.value };
  const effect = await waitForEffect(env, {
    ...place,
    expires,
    waitSeconds: readWait(request.url),
  });
  return Response.json({ ...watermark, ...place, matches, ...effect });
}

const withdrawalBody = v.strictObject({ ...scoped, reason });
const WITHDRAWAL_FORM =
  'The body is JSON with scope, value (none where the scope is all), and reason.';

/** Frees the place of a watermark that could hit no token: one of a misspelt name, above all. */
export async function withdrawWatermark(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readJson(request, withdrawalBody, WITHDRAWAL_FORM);
  if (order instanceof Response) return order;
  // What was ordered although it is unknown is withdrawn by the same spelling.
  const named = await readScopeRequest(env, order, true);
  if (!named.ok) return named.error;
  const { scope, value } = named.value;
  const log = revocationLog(env, SHARD);
  const withdrawn = await log.withdrawWatermark(
    { scope, value },
    {
      event: 'watermark',
      id: `watermark.${crypto.randomUUID()}`,
      at: readClock(),
      withdrawn: true,
      scope,
      value,
      before: 1,
      actor: OPERATOR,
      reason: order.reason,
    },
  );
  if (withdrawn.ok) {
    return Response.json({ scope, value, shard: SHARD, withdrawn: true, ...withdrawn.value });
  }
  if (withdrawn.error.code === 'watermark_unknown') {
    return problem(404, 'watermark_unknown', 'No watermark of this scope and value is in force.');
  }
  const until = new Date(withdrawn.error.until * 1000).toISOString();
  return problem(409, 'watermark_needed', `A token that it stops may live until ${until}.`);
}

export async function listWatermarks(_request: IRequest, env: IssuerEnv): Promise<Response> {
  return Response.json({ watermarks: await revocationLog(env, SHARD).watermarks() });
}

const full = (): Response =>
  problem(409, 'watermarks_full', 'A head holds no more of them; one of scope all may do.');
