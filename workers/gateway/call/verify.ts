import { labelsOfCall } from '../../../src/labels/index.ts';
import { refuse } from '../../../src/result.ts';
import type { Credentials, Decision, VerifyRequest } from '../../../src/verifier/index.ts';
import type { Judging } from '../catalogues.ts';
import type { Gateway } from '../gateway.ts';
import type { CallerFacts } from '../upstream/index.ts';
import { attachedTo } from './attached.ts';
import type { Admitted, Exchange, NotForwarded, Operation } from './transport.ts';

type Described = ReturnType<Exchange['operation']>;

/** A message that uses no tool reads the server's description of itself. */
const MESSAGE_TIER = 1;
/** Each judges by the newest head. An honest log does not change the catalogue in every one. */
const ROUNDS_MAX = 3;

/** Everything about one request that its denials depend on. */
export interface Handling {
  readonly gateway: Gateway;
  readonly request: Request;
  readonly credentials: Credentials;
  readonly exchange: Exchange;
}

export interface Verified {
  readonly decision: Decision;
  /** The catalogue by which the request was judged. */
  readonly judging: Judging;
  /** The call that was verified; absent for everything that uses no tool. */
  readonly call?: VerifyRequest;
  /** Why the operation is not forwarded, if the catalogue does not describe it. */
  readonly undescribed?: NotForwarded;
  /**
   * Finds out where the operation goes, once it is allowed. `isObserved`: which parts of a list
   * belong to routes that observe.
   */
  readonly route: (
    caller: CallerFacts,
    isObserved?: Admitted['isObserved'],
  ) => ReturnType<Operation['route']>;
}

/** The verifier's answer for an operation, whichever catalogue described it. */
interface Decided extends Admitted {
  readonly decision: Decision;
}

/**
 * Verifies the request by the catalogue that the newest head names.
 *
 * The verifier may ask the log for a newer head meanwhile, which may name another catalogue. Then
 * the call is described again, and verified again if it is another call now. A proof is good for
 * one verification only, so a request with one is sent back instead.
 */
export async function verify(handling: Handling): Promise<Verified> {
  const { gateway, exchange, credentials } = handling;
  let judging = await gateway.catalogues.judging();
  let operation = exchange.operation(judging);
  for (let round = 1; ; round += 1) {
    const decided = await decide(handling, operation, judging);
    if (!gateway.catalogues.hasMoved(judging)) return verifiedAs(operation, decided, judging);
    judging = await gateway.catalogues.judging();
    const before = operation;
    operation = exchange.operation(judging);
    if (isSame(before, operation)) return verifiedAs(operation, decided, judging);
    if (credentials.proof || round >= ROUNDS_MAX) {
      const { tool } = decided.decision.evidence;
      const denial = { code: 'catalogue_unavailable' } as const;
      const sentBack = refuse({ denial, ...(tool !== undefined && { tool }) });
      return verifiedAs(sentBack, decided, judging);
    }
  }
}

/** Verifies the call, or the token alone for everything else. */
async function decide(
  handling: Handling,
  operation: Described,
  judging: Judging,
): Promise<Decided> {
  const { token, proof } = handling.credentials;
  const { verifier } = handling.gateway;
  if (operation.ok && operation.value.kind === 'call') {
    const { call } = operation.value;
    const brought = { token, sent: handling.exchange.attached };
    const attached = await attachedTo(handling.gateway, brought, call, judging);
    const request = { ...call, ...attached, ...(proof && { proof }) };
    const decision = await verifier.verify(token, request);
    return { decision, canUse: () => false };
  }
  // An operation that is not forwarded has its token verified too: a caller without one learns
  // nothing about tools and servers, and the record of the denial names the workflow.
  return verifier.admit(token, { tier: MESSAGE_TIER, ...(proof && { proof }) });
}

function verifiedAs(
  operation: Described,
  { decision, ...admission }: Decided,
  judging: Judging,
): Verified {
  const judged = { decision: judgedBy(decision, judging), judging };
  if (!operation.ok) {
    return { ...judged, undescribed: operation.error, route: async () => operation };
  }
  const { value } = operation;
  return value.kind === 'call'
    ? { ...judged, call: value.call, route: value.route }
    : {
        ...judged,
        route: (caller, isObserved) => value.route(caller, { ...admission, isObserved }),
      };
}

/**
 * Notes the catalogue for the record of the decision. Only if the head names one: an issuer of
 * 0.2.0, which names none, refuses records with this member.
 */
function judgedBy(decision: Decision, { hash: judged, named, catalogue }: Judging): Decision {
  const { evidence } = decision;
  const entry = catalogue?.get(evidence.tool ?? '');
  const labels = entry ? labelsOfCall(entry, evidence.datasets ?? []) : [];
  const { definition } = entry ?? {};
  const isNamed = named !== undefined && judged !== undefined;
  const listed = {
    ...(isNamed && { catalogue: { ...evidence.catalogue, judged } }),
    ...(definition !== undefined && { definition }),
    ...(labels.length > 0 && { labels }),
  };
  return { ...decision, evidence: { ...evidence, ...listed } };
}

/** Whether a decision about one holds for the other. */
const isSame = (one: Described, other: Described): boolean =>
  JSON.stringify(described(one)) === JSON.stringify(described(other));

function described(operation: Described): unknown {
  if (!operation.ok) {
    const { denial, tool } = operation.error;
    return { denial, tool };
  }
  const { value } = operation;
  return value.kind === 'call' ? value.call : value.kind;
}
