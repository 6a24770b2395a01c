import type { IRequest } from 'itty-router';
import type * as v from 'valibot';
import { DECISION_LOGS, LOG_ORIGIN } from '../../../src/audit/index.ts';
import { canonicalJson } from '../../../src/canonical-json.ts';
import { readSeconds } from '../../../src/clock.ts';
import { toHex, utf8 } from '../../../src/encoding.ts';
import { type HistoryRule, pointersFor } from '../../../src/history/index.ts';
import {
  CALL_END,
  CHARGE,
  LEASE,
  type PublicApi,
  RECORD_BATCH,
  SETTLEMENT,
} from '../../../src/issuer-api/index.ts';
import type { AccountRefusal, LeaseGrant } from '../../../src/lifecycle/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import { problem, readJson } from '../platform/http.ts';
import { limitSource, limitVerifier } from '../platform/rate-limiting.ts';
import type { PublicHandler, PublicHandlers } from '../platform/router.ts';
import { type RemoteVerifier, remoteVerifier } from '../platform/verifier-credential.ts';
import { historyOf } from '../version/in-force.ts';
import { readParties } from './parties.ts';
import { receiveRecords } from './receive-records.ts';

/** A hundred records of 10 KiB; the usual one has one. A recorder splits larger batches. */
const BATCH_BYTES_MAX = 1024 * 1024;
/** Measured values of 16 arguments: 64 digests of 32 characters each. */
const BUDGET_REQUEST_BYTES_MAX = 64 * 1024;
/** How long a verifier need not ask again whether calls of a tool are charged one by one. */
const ONE_BY_ONE_SECONDS = 30;

/**
 * Returns the handler of a route for holders of a verifier's credential. Only others count for
 * their source: strangers must not be able to use up what verifiers behind one address share.
 */
const forVerifier =
  <Schema extends v.GenericSchema>(
    schema: Schema,
    bytesMax: number,
    handle: (
      env: IssuerEnv,
      body: v.InferOutput<Schema>,
      sender: RemoteVerifier,
    ) => Promise<Response>,
  ): PublicHandler =>
  async (request: Request & IRequest, env) => {
    const sender = await remoteVerifier(request.headers, env);
    if (!sender) return (await limitSource('question')(request, env)) ?? unauthorized();
    const allowance = await limitVerifier(env, sender.name);
    if (!allowance.ok) return problem({ code: 'too_many_reports', ...allowance.error });
    const body = await readJson(request, schema, bytesMax);
    return body.ok ? handle(env, body.value, sender) : problem(body.error);
  };

const unauthorized = (): Response =>
  problem(
    { code: 'unauthorized', message: 'The credential of a verifier is required.' },
    { 'www-authenticate': 'Bearer realm="hewn-verifier"' },
  );

/** Decision records and budget requests of verifiers with a credential of their own. */
export const verifierRoutes: PublicHandlers<PublicApi['verifier']> = {
  records: forVerifier(RECORD_BATCH, BATCH_BYTES_MAX, takeRecords),

  charge: forVerifier(CHARGE, BUDGET_REQUEST_BYTES_MAX, async (env, body, sender) => {
    if (!(await isOwn(env, body.workflow, sender))) return answer(UNKNOWN);
    const nonce = await ownName(sender, 'charge', body);
    // Such a verifier may have no catalogue, so its issuer looks for rules with each charge.
    const rules = await historyOf(env, body.tool);
    return answer(await workflowOf(env, body.workflow).charge({ ...body, nonce }, rules));
  }),

  giveBack: forVerifier(CHARGE, BUDGET_REQUEST_BYTES_MAX, async (env, body, sender) => {
    if (!(await isOwn(env, body.workflow, sender))) return answer({ returned: false });
    const nonce = await ownName(sender, 'charge', body);
    const returned = await workflowOf(env, body.workflow).giveBack({ ...body, nonce });
    return answer({ returned });
  }),

  end: forVerifier(CALL_END, BUDGET_REQUEST_BYTES_MAX, async (env, { end, ...body }, sender) => {
    if (await isOwn(env, body.workflow, sender)) {
      const nonce = await ownName(sender, 'charge', body);
      await workflowOf(env, body.workflow).end({ ...body, nonce }, end);
    }
    return new Response(null, { status: 204 });
  }),

  lease: forVerifier(LEASE, BUDGET_REQUEST_BYTES_MAX, async (env, body, sender) => {
    if (!(await isOwn(env, body.workflow, sender))) return answer(UNKNOWN);
    const { workflow } = body;
    const rules = await historyOf(env, body.tool);
    if (rules.length > 0) return answer(ok(chargedOneByOne(rules, body.tool)));
    const lease = await ownName(sender, 'lease', { workflow, lease: body.lease });
    return answer(await workflowOf(env, workflow).lease({ ...body, lease }));
  }),

  settle: forVerifier(SETTLEMENT, BUDGET_REQUEST_BYTES_MAX, async (env, body, sender) => {
    const { workflow, spent } = body;
    if (await isOwn(env, workflow, sender)) {
      const lease = await ownName(sender, 'lease', { workflow, lease: body.lease });
      await workflowOf(env, workflow).settle(lease, spent);
    }
    return new Response(null, { status: 204 });
  }),
};

/** For a verifier that gives the tool a lower tier than the catalogue: it charges each call. */
function chargedOneByOne(rules: readonly HistoryRule[], tool: string): LeaseGrant {
  const summed = rules.flatMap((rule) => (rule.kind === 'sum' ? pointersFor(rule, tool) : []));
  // A verifier charges if an argument is summed. The empty pointer is the whole, and no number.
  return { calls: 0, expires: readSeconds() + ONE_BY_ONE_SECONDS, summed: [...summed, ''] };
}

async function takeRecords(
  env: IssuerEnv,
  { origin, records, only }: v.InferOutput<typeof RECORD_BATCH>,
  sender: RemoteVerifier,
): Promise<Response> {
  const log = DECISION_LOGS.find((one) => one === origin);
  if (origin !== LOG_ORIGIN && !log) return problem({ code: 'origin_unknown' });
  try {
    const received = await receiveRecords(env, records, { how: only && 'log_only', sender, log });
    if (received.ok) return answer(received.value);
    const { error } = received;
    return error.code === 'rate_limited'
      ? problem({ code: 'too_many_reports', retryAfterSeconds: error.retryAfterSeconds })
      : problem({ code: 'records_unwritten' });
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    console.error({ event: 'audit.unwritten', code: 'records', why });
    return problem({ code: 'records_unwritten' });
  }
}

/** The answer for a workflow that never began, and for one of another audience. */
const UNKNOWN: Result<never, AccountRefusal> = refuse({
  code: 'workflow_stopped',
  state: 'unknown',
});

/** Whether the workflow began for an audience of this credential. */
async function isOwn(env: IssuerEnv, workflow: string, sender: RemoteVerifier): Promise<boolean> {
  const parties = (await readParties(env, [workflow], sender)).get(workflow);
  return parties !== undefined && sender.audiences.includes(parties.audience);
}

/**
 * Returns the stored name of a charge or a lease. It depends on the credential and on the whole
 * request: a charge is given back only by the request that was charged, so no holder can charge one
 * call and refill the budget with another, or reach what another verifier took.
 */
async function ownName(
  { name }: RemoteVerifier,
  kind: 'charge' | 'lease',
  request: v.InferOutput<typeof CHARGE> | Pick<v.InferOutput<typeof LEASE>, 'workflow' | 'lease'>,
): Promise<string> {
  const bytes = utf8(canonicalJson([name, kind, request]));
  return `${name}:${toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))}`;
}

const answer = (body: object): Response =>
  Response.json(body, { headers: { 'cache-control': 'no-store' } });
