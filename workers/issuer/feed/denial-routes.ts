import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readClock } from '../../../src/clock.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CLOCK_SKEW_SECONDS_MAX,
  FEED_WATERMARK_VALUE_BYTES_MAX,
  TIME_MILLISECONDS_MAX,
} from '../../../src/limits.ts';
import { type IssuerEnv, revocationLog } from '../platform/config.ts';
import { OPERATOR, problem, readJson } from '../platform/http.ts';
import { reason } from '../platform/text.ts';
import { DENIAL_SCOPES } from './denial.ts';
import { readWait, waitForEffect } from './effect.ts';
import type { DenialRefusal } from './scope-commands.ts';
import { matchesOf, readScopeRequest } from './scope-request.ts';

/** Denials are in the first log, which every mint asks. */
const SHARD = 0;

const scoped = {
  scope: v.picklist(DENIAL_SCOPES),
  value: v.pipe(v.string(), v.minLength(1), v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX)),
  reason,
};
const denialBody = v.strictObject({
  ...scoped,
  /** Unix seconds; absent: until it is lifted. */
  until: v.optional(
    v.pipe(v.number(), v.safeInteger(), v.maxValue(Math.floor(TIME_MILLISECONDS_MAX / 1000))),
  ),
  even_unknown: v.optional(v.literal(true)),
  dry_run: v.optional(v.literal(true)),
});
const FORM = `The body is JSON with scope (${DENIAL_SCOPES.join(', ')}), value, reason, and until in unix seconds, even_unknown or dry_run.`;

/** Nothing is minted for it from here on, and what it has is stopped; of a tool, its calls. */
export async function addDenial(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readJson(request, denialBody, FORM);
  if (order instanceof Response) return order;
  const { until } = order;
  if (until !== undefined && until <= readClock() / 1000) {
    return problem(400, 'invalid_request', 'until is not in the future.');
  }
  const named = await readScopeRequest(env, order, order.even_unknown === true);
  if (!named.ok) return named.error;
  const denial = { ...named.value, ...(until !== undefined && { until }) };
  if (order.dry_run) {
    const matches = await matchesOf(env, named.value);
    return Response.json({ ...denial, dry_run: true, matches });
  }
  const denied = await revocationLog(env, SHARD).deny({
    id: crypto.randomUUID(),
    ...denial,
    reason: order.reason,
    actor: OPERATOR,
  });
  if (!denied.ok) return refusalProblem(denied.error);
  const { before, ...place } = denied.value;
  const matches = await matchesOf(env, named.value);
  // Where a tool is denied, tokens that grant it go on with what else they grant.
  const stops = named.value.scope !== 'tool' && {
    expires: before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX,
  };
  const at = { shard: SHARD, ...place };
  const effect = await waitForEffect(env, {
    ...at,
    ...stops,
    waitSeconds: readWait(request.url),
  });
  return Response.json({ ...denial, before, ...at, matches, ...effect });
}

function refusalProblem({ code }: DenialRefusal): Response {
  return code === 'denials_full'
    ? problem(409, code, 'No more denials are kept; lift one, or take it out of the policy.')
    : problem(409, code, 'A head holds no more of them; a watermark of scope all may do.');
}

export async function listDenials(_request: IRequest, env: IssuerEnv): Promise<Response> {
  return Response.json({ denials: await revocationLog(env, SHARD).denials() });
}

const liftBody = v.strictObject(scoped);
const LIFT_FORM = `The body is JSON with scope (${DENIAL_SCOPES.join(', ')}), value and reason.`;

/** What is minted from here on is good again; what the denial has stopped stays stopped. */
export async function liftDenial(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readJson(request, liftBody, LIFT_FORM);
  if (order instanceof Response) return order;
  // What was denied although it is unknown is lifted by the same spelling.
  const named = await readScopeRequest(env, order, true);
  if (!named.ok) return named.error;
  const who = { actor: OPERATOR, reason: order.reason };
  const lifted = await revocationLog(env, SHARD).lift(named.value, who);
  if (lifted.ok) {
    return Response.json({ ...named.value, shard: SHARD, lifted: true, ...lifted.value });
  }
  return lifted.error.code === 'audit_unavailable'
    ? problem(
        503,
        lifted.error.code,
        'A lift is recorded first, and the audit log does not answer.',
      )
    : problem(404, lifted.error.code, 'Nothing of this scope and value is denied.');
}
