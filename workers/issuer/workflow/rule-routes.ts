import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readClock } from '../../../src/clock.ts';
import { auditLog, breaker, type IssuerEnv, readConfig } from '../platform/config.ts';
import { OPERATOR, problem, readJson } from '../platform/http.ts';
import { REASON_FORM, reason } from '../platform/text.ts';

/** The rules that the breaker holds back. */
export async function showRules(_request: IRequest, env: IssuerEnv): Promise<Response> {
  const { rules } = readConfig(env).rulebook;
  return Response.json({ rules, tripped: await breaker(env).tripped() });
}

const armBody = v.strictObject({ reason });

/** Lets a rule stop workflows again; `rule` is its id and version, as `tripped` has it. */
export async function armRule(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readJson(request, armBody, `The body is JSON with ${REASON_FORM}.`);
  if (order instanceof Response) return order;
  const rule = String(request.params.rule);
  if (!isRuleName(rule)) return notTripped();
  const record = { event: 'rule_armed', at: readClock(), rule, actor: OPERATOR } as const;
  const id = `rule_armed.${crypto.randomUUID()}`;
  // It lets a rule act again, which is what the breaker was to prevent: recorded first.
  await auditLog(env).append([{ ...record, id, reason: order.reason }]);
  return (await breaker(env).arm(rule)) ? Response.json({ rule }) : notTripped();
}

/** `id@version`: what a path says besides is no rule, and does not go to the log. */
const isRuleName = (text: string): boolean => /^[\w.-]{1,64}@\d{1,9}$/.test(text);

const notTripped = (): Response =>
  problem(404, 'rule_not_tripped', 'The breaker does not hold this rule back.');
