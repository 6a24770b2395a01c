import {
  type KeepAlive,
  makeCall,
  openCall,
  type Reserved,
  recordDenial,
  reserve,
  sendRecords,
  withRequest,
} from '../../../src/audit/calls/index.ts';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { VerifiedCapability } from '../../../src/capability/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ok } from '../../../src/result.ts';
import {
  approvalOffer,
  type Evidence,
  neededDetails,
  readCredentials,
  resourceMetadataUrl,
  type VerifyRequest,
  withNonce,
  withResourceMetadata,
} from '../../../src/verifier/index.ts';
import type { Judging } from '../catalogues.ts';
import type { Gateway } from '../gateway.ts';
import { followsFromCatalogue, type GatewayDenial } from './denial.ts';
import { flowOfCall } from './flow.ts';
import { holdOf } from './hold.ts';
import { judgeOf, type Passage, type PassageJudge, type Stopped } from './passage.ts';
import { recordLine } from './record-line.ts';
import type { Transport } from './transport.ts';
import { type Handling, type Verified, verify } from './verify.ts';

/** Serves one request of an agent, whatever its transport. Throws only because of a bug. */
export async function serveRequest(
  gateway: Gateway,
  transport: Transport,
  request: Request,
  keepAlive: KeepAlive,
): Promise<Response> {
  const allowance = await gateway.rates.takeSource(request.headers, readClock());
  if (!allowance.ok) return transport.denyUnread({ code: 'rate_limited', ...allowance.error });
  const started = readClock();
  const answering = answer(gateway, transport, request, keepAlive);
  // Registered before the first `await`: if the client resets its connection, the runtime ends the
  // request, and only registered work continues. The call would be made and leave no record.
  keepAlive(finish(gateway, answering, started));
  const { response } = await answering;
  const described = withResourceMetadata(response, resourceMetadataUrl(gateway.config.audience));
  return withNonce(described, await gateway.verifier.nonce());
}

interface Answer {
  readonly response: Response;
  /**
   * Absent for a request over the rate limit: a flood must not fill the log. A promise while the
   * response streams.
   */
  readonly record?: DecisionRecord | Promise<DecisionRecord>;
}

/** Decides about one request and, if it is allowed, forwards it. The order is the guarantee. */
async function answer(
  gateway: Gateway,
  transport: Transport,
  request: Request,
  keepAlive: KeepAlive,
): Promise<Answer> {
  const credentials = readCredentials(request);
  const exchange = await transport.read(request);
  const handling: Handling = { gateway, request, credentials, exchange };
  const verified = await verify(handling);
  const { decision, judging, call } = verified;
  const overRate = await checkRate(handling, decision.evidence);
  if (overRate) return overRate;
  const judge = judgeOf(handling, verified);
  const passage = await judge.decide();
  if (!passage.ok) return deny(handling, passage.error, { judging, call });
  return pass({ handling, verified, judge, keepAlive }, passage.value);
}

/** A request that is judged, and what continues after it. */
interface Passing {
  readonly handling: Handling;
  readonly verified: Verified;
  readonly judge: PassageJudge;
  readonly keepAlive: KeepAlive;
}

/** Charges a request that may be made, and forwards it. */
async function pass(passing: Passing, passage: Passage, reserved: Reserved = {}): Promise<Answer> {
  const { handling, verified, judge, keepAlive } = passing;
  const { gateway, credentials, exchange } = handling;
  const { judging, call } = verified;
  const { decision, caller } = passage;
  const { evidence } = decision;
  const overRate = evidence.workflow === undefined && (await checkRate(handling, caller));
  if (overRate) return overRate;
  const { method } = exchange;
  // Before anything is charged: an operation that goes nowhere costs nothing.
  const forward = await routeOf(passing, passage);
  if (!forward.ok) {
    const { denial, tool } = forward.error;
    const named = { ...evidence, ...(tool !== undefined && { tool }) };
    return deny(handling, { ...judge.observation, denial, evidence: named }, { judging });
  }
  if (method === undefined) throw new Error('an operation must name its method');
  const args = call ? (call.args ?? {}) : verified.undescribed?.observed?.args;
  const made = withRequest(decision, args);
  const flow = await flowOfCall(handling, verified, evidence);
  const isCounted = call && !decision.observed;
  // A route that only observes stops nothing, and what it reads is still noted.
  if (!isCounted) await flow?.raise();
  const history = call && judging.catalogue?.get(call.tool)?.history !== undefined;
  const opened = isCounted
    ? await reserve(gateway, made, call.args, method, { flow, history })
    : ok(openCall(gateway, made, method, reserved));
  if (!opened.ok) {
    const { denial, ...kept } = opened.error;
    const anyway = await judge.denied(denial, evidence);
    if (anyway.ok) return pass(passing, anyway.value, kept);
    return deny(handling, { ...anyway.error, ...kept }, { judging });
  }
  const tool = call?.tool ?? evidence.tool;
  const hold = holdOf(gateway, credentials, keepAlive, { tool, isObserved: !!decision.observed });
  return makeCall(gateway, opened.value, keepAlive, () => forward.value(hold));
}

/** Returns where the request goes: for an observed call, even if the catalogue lacks it. */
function routeOf({ verified, judge }: Passing, { decision, caller }: Passage) {
  const { undescribed, route } = verified;
  if (decision.observed && undescribed?.observed) return undescribed.observed.route(caller);
  return route(caller, judge.isObserved);
}

/**
 * Denies a request over the rate of its workflow. The workflow of a denied request is known as well
 * if its token was verified.
 */
async function checkRate(
  { gateway, credentials, exchange }: Handling,
  { workflow }: Pick<Evidence, 'workflow'>,
): Promise<Answer | undefined> {
  if (workflow === undefined) return undefined;
  const allowance = await gateway.rates.takeWorkflow(workflow, readClock());
  if (allowance.ok) return undefined;
  const denial: GatewayDenial = { code: 'rate_limited', ...allowance.error };
  return { response: exchange.deny(denial, { scheme: credentials.proof?.scheme }) };
}

/** What is known about a denied request. */
interface Judged {
  readonly judging: Judging;
  readonly call?: VerifyRequest | undefined;
}

/**
 * Answers with a denial and records it. A denied call comes with what the agent can ask for, and
 * with what its catalogue and the one of its capability say differently.
 */
async function deny(
  { gateway, credentials, exchange }: Handling,
  { denial, evidence, mode, sample, ...reserved }: Stopped & Reserved,
  { judging, call }: Judged,
): Promise<Answer> {
  const needed = call && neededDetails(denial, call, judging.catalogue?.get(call.tool));
  const { tool, action, datasets, catalogue } = evidence;
  const gap =
    tool !== undefined && followsFromCatalogue(denial)
      ? await gateway.catalogues.gapOf(catalogue?.minted, judging, tool)
      : undefined;
  const observation = { ...(mode && { mode }), ...(sample && { sample }) };
  const denied = { allowed: false, denial, evidence, ...observation } as const;
  const decision = withRequest(denied, call && (call.args ?? {}));
  const { grants, capability } = await gateway.verifier.open(
    tool === undefined ? '' : credentials.token,
  );
  const context = {
    scheme: credentials.proof?.scheme,
    needed,
    approval: offerOf(denial, capability),
    gap,
    ...(tool !== undefined && { call: { tool, action, datasets, grants, capability } }),
  };
  return {
    response: exchange.deny(denial, context),
    record: recordDenial(gateway, decision, exchange.method, reserved),
  };
}

/** A call that leaves against a flow that asks lacks an approval, whatever its token says. */
const offerOf = (denial: GatewayDenial, capability: VerifiedCapability | undefined) =>
  approvalOffer(
    denial.code === 'flow_unapproved' ? { ...denial, approvable: true } : denial,
    capability?.authority,
  );

/** After the answer, or without one: sends the records and brings the feed forward. */
async function finish(
  gateway: Gateway,
  answering: Promise<Answer>,
  started: UnixMilliseconds,
): Promise<void> {
  // A failure is reported by the router; what was recorded before it is sent anyway.
  const answered = await answering.catch(() => undefined);
  // An answer may stream for minutes: other records do not wait for its end.
  if (answered?.record instanceof Promise) await sendAndBringForward(gateway);
  const record = await answered?.record;
  if (record) console.log(recordLine(record, readClock() - started));
  await sendAndBringForward(gateway);
}

async function sendAndBringForward(gateway: Gateway): Promise<void> {
  const { outbox, feeds, catalogues, ledger, receipts } = gateway;
  await Promise.all([
    sendRecords(outbox),
    feeds.bringForward().then(() => catalogues.bringForward()),
    ledger.settle(),
    receipts.keep(),
  ]);
}
