import {
  type KeepAlive,
  makeCall,
  openCall,
  type Reserved,
  recordDenial,
  reserve,
  sendRecords,
} from '../../../src/audit/calls/index.ts';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ok } from '../../../src/result.ts';
import {
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
import { holdOf } from './hold.ts';
import { recordLine } from './record-line.ts';
import type { Transport } from './transport.ts';
import { type Handling, verify } from './verify.ts';

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
  const handling: Handling = { gateway, credentials, exchange };
  const { decision, judging, call, route } = await verify(handling);
  const { evidence } = decision;
  const overRate = await checkRate(handling, evidence);
  if (overRate) return overRate;
  if (!decision.allowed)
    return deny(handling, { denial: decision.denial }, { evidence, judging, call });

  const { workflow, agent, subject, owner, task, tool } = evidence;
  const { method } = exchange;
  if (workflow === undefined) throw new Error('an allowed request must name its workflow');
  // Before anything is charged: an operation that goes nowhere costs nothing.
  const forward = await route({ workflow, agent, subject, owner, task, tool: call && tool });
  if (!forward.ok) {
    const { denial, tool } = forward.error;
    const named = { ...evidence, ...(tool !== undefined && { tool }) };
    return deny(handling, { denial }, { evidence: named, judging });
  }
  if (method === undefined) throw new Error('an operation must name its method');
  const opened = call
    ? await reserve(gateway, decision, call.args, method)
    : ok(openCall(gateway, decision, method));
  if (!opened.ok) return deny(handling, opened.error, { evidence, judging });
  const hold = holdOf(gateway, credentials, keepAlive, call?.tool);
  return makeCall(gateway, opened.value, keepAlive, () => forward.value(hold));
}

/**
 * Denies a request over the rate of its workflow. The workflow of a denied request is known as well
 * if its token was verified.
 */
async function checkRate(
  { gateway, credentials, exchange }: Handling,
  { workflow }: Evidence,
): Promise<Answer | undefined> {
  if (workflow === undefined) return undefined;
  const allowance = await gateway.rates.takeWorkflow(workflow, readClock());
  if (allowance.ok) return undefined;
  const denial: GatewayDenial = { code: 'rate_limited', ...allowance.error };
  return { response: exchange.deny(denial, { scheme: credentials.proof?.scheme }) };
}

/** What is known about a denied request. */
interface Judged {
  readonly evidence: Evidence;
  readonly judging: Judging;
  readonly call?: VerifyRequest | undefined;
}

/**
 * Answers with a denial and records it. A denied call comes with what the agent can ask for, and
 * with what its catalogue and the one of its capability say differently.
 */
async function deny(
  { gateway, credentials, exchange }: Handling,
  { denial, ...reserved }: { readonly denial: GatewayDenial } & Reserved,
  { evidence, judging, call }: Judged,
): Promise<Answer> {
  const needed = call && neededDetails(denial, call, judging.catalogue?.get(call.tool));
  const { tool, action, datasets, catalogue } = evidence;
  const gap =
    tool !== undefined && followsFromCatalogue(denial)
      ? await gateway.catalogues.gapOf(catalogue?.minted, judging, tool)
      : undefined;
  const decision = { allowed: false, denial, evidence } as const;
  const { grants, capability } = await gateway.verifier.open(
    tool === undefined ? '' : credentials.token,
  );
  const context = {
    scheme: credentials.proof?.scheme,
    needed,
    gap,
    ...(tool !== undefined && { call: { tool, action, datasets, grants, capability } }),
  };
  return {
    response: exchange.deny(denial, context),
    record: recordDenial(gateway, decision, exchange.method, reserved),
  };
}

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

async function sendAndBringForward({ outbox, feeds, catalogues, ledger }: Gateway): Promise<void> {
  await Promise.all([
    sendRecords(outbox),
    feeds.bringForward().then(() => catalogues.bringForward()),
    ledger.settle(),
  ]);
}
