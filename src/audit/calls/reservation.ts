import { canonicalJson, type JsonObject } from '../../canonical-json.ts';
import { readClock } from '../../clock.ts';
import { toHex, utf8 } from '../../encoding.ts';
import {
  type CallEnd,
  type CountedCall,
  endOf,
  type Ledger,
  type LedgerDenial,
  type ToldLabels,
} from '../../lifecycle/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { sha256 } from '../../tlog/index.ts';
import type { Evidence, KnownLabels } from '../../verifier/index.ts';
import {
  type DecisionRecord,
  type Outcome,
  type Recorded,
  toDecisionRecord,
  toDispatchRecord,
} from '../kinds/index.ts';
import type { RecordOutbox } from '../outbox.ts';
import type { ShardedOutbox } from '../sharded-outbox.ts';
import { hasRoomFor } from './room.ts';
import { letProcessEnd } from './send-records.ts';

/** Where the calls at one verifier are recorded, and what they are charged to. */
export interface CallAccounts {
  /** Records on their way to the audit log. */
  readonly outbox: ShardedOutbox;
  /** The budgets of workflows. */
  readonly ledger: Pick<Ledger, 'take' | 'giveBack' | 'ended' | 'settle'> &
    Partial<Pick<Ledger, 'labelsFor'>>;
}

export type Allowed = Extract<Recorded, { allowed: true }>;

/** A denial of the verifier, or of the server around it. */
export type Denied = Extract<Recorded, { allowed: false }>;

/**
 * Adds the digest of the arguments to the decision about a call, for its record. A denied call has
 * one if its workflow is proven: what strangers send is only counted. Arguments without a canonical
 * form have none: they are denied, except at a route that observes.
 */
export function withRequest<D extends Allowed | Denied>(
  decision: D,
  args: JsonObject | undefined,
): D {
  const isStranger = !decision.allowed && decision.evidence.workflow === undefined;
  if (args === undefined || isStranger) return decision;
  try {
    return { ...decision, request: toHex(sha256(utf8(canonicalJson(args)))) };
  } catch {
    return decision;
  }
}

/** Why an allowed call is not made. */
export type CallDenial =
  | LedgerDenial
  | FlowDenial
  /**
   * An irreversible call is recorded before it is made. Without the record it is not made. Other
   * calls are not made when they could no longer be recorded: see `hasRoomFor`.
   */
  | { readonly code: 'record_unwritten' };

/** Why a call is not made because of what its workflow has read. */
export type FlowDenial =
  /** A rule of the catalogue denies the call, or asks a person who has not approved it yet. */
  | {
      readonly code: 'flow_denied' | 'flow_unapproved';
      /** The labels of the rule, separated by spaces. */
      readonly labels: string;
      readonly label: KnownLabels['label'];
      readonly reason: string;
      /** The approval of a person for exactly this call is all that it lacks. */
      readonly approvable?: true;
    }
  /** A read that leaves would request a URL of the caller's own choice. */
  | {
      readonly code: 'url_unbound';
      readonly pointer: string;
      readonly why: string;
      readonly approvable: true;
    }
  /** The issuer did not tell the labels of the workflow, or did not take those of the answer. */
  | { readonly code: 'labels_unavailable' };

/** What the labels of a workflow mean for one call. Made by `flowOf` of `src/labels`. */
export interface FlowGate {
  /**
   * Whether the decision needs the labels that the issuer tells with a charge or a lease, and
   * whether it needs those of earlier workflows too.
   */
  readonly asks: boolean | 'with_earlier';
  /** Decides by these labels. Returns what was known, for the record. */
  decide(told: ToldLabels | undefined): {
    readonly known?: KnownLabels;
    readonly denial?: FlowDenial;
  };
  /** Sets the labels that the answer carries. Returns false if the issuer did not take them. */
  raise(): Promise<boolean>;
}

/** What was reserved for a call. It becomes part of the call's record. */
export interface Reserved {
  /** Set if the call was charged to its workflow and the charge stands. */
  readonly charged?: true;
  /** The id of the record that announced the call, if the log has it or may have it. */
  readonly dispatch?: string;
}

/** A call that is not made, and what stays reserved for it. */
export interface NotMade extends Reserved {
  readonly denial: CallDenial;
  /** By which labels it was denied. */
  readonly flow?: KnownLabels;
}

/** An allowed call that is about to be made: it has its number, and its record is queued. */
export interface OpenCall {
  /** Whether the call may change something, so that its record is sent before the outcome. */
  readonly isWrite: boolean;
  /** Adds the outcome. Returns the record of the decision with it. */
  close(outcome: Outcome): DecisionRecord;
}

/** What the server around a verifier knows of a call that is reserved. */
export interface Reserving {
  readonly flow?: FlowGate | undefined;
  /** The catalogue has rules over history for the tool: the call is charged whatever its tier. */
  readonly history?: boolean | undefined;
}

/** How long the record of a read waits for its outcome, so that one record has both. */
const RECORD_OPEN_MILLISECONDS_MAX = 1_000;

/**
 * Charges an allowed call to its workflow, decides by what the workflow has read, and, for tier 3,
 * announces the call in the log first. Charges nothing if there is no room for its record.
 *
 * Fails closed: a call that cannot be charged or recorded is not made, and no record says that it
 * was. Neither is one whose answer carries labels that could not be set: they are set before the
 * call, so that no answer is ever served without them.
 */
export async function reserve(
  accounts: CallAccounts,
  decision: Allowed,
  args: unknown,
  method: string,
  { flow, history }: Reserving = {},
): Promise<Result<OpenCall, NotMade>> {
  const { workflow, tool, tier } = decision.evidence;
  if (workflow === undefined || tool === undefined || tier === undefined) {
    throw new Error('an allowed call must name its workflow, tool and tier');
  }
  const outbox = accounts.outbox.of(workflow);
  if (!hasRoomFor(tier, outbox)) return refuse({ denial: { code: 'record_unwritten' } });
  const call: CountedCall = {
    workflow,
    tool,
    tier,
    args,
    ...spentBy(decision.evidence),
    ...(flow?.asks && { withLabels: flow.asks }),
    ...(history && { history }),
  };
  const charge = await accounts.ledger.take(call);
  if (!charge.ok) return refuse({ denial: charge.error });
  const charged = charge.value ? { charged: true as const } : {};
  const notMade = async (why: NotMade): Promise<Result<never, NotMade>> => {
    const isReturned = charge.value && (await accounts.ledger.giveBack(call));
    return refuse({ ...why, ...(!isReturned && charged) });
  };
  const { known, denial } = flow?.decide(accounts.ledger.labelsFor?.(call)) ?? {};
  const carried = known && { flow: known };
  if (denial) return notMade({ denial, ...carried });
  if (flow && !(await flow.raise())) return notMade({ denial: { code: 'labels_unavailable' } });
  const decided = { ...decision, evidence: { ...decision.evidence, ...carried } };
  const open = (reserved: Reserved) => {
    const opened = openCall(accounts, decided, method, reserved);
    return ok(reportingEnd(opened, (end) => accounts.ledger.ended(call, end)));
  };
  if (tier < 3) return open(charged);

  const announcement = toDispatchRecord(recordOf(outbox, decided, method));
  const dispatch = announcement.id;
  return (await outbox.addFirst(announcement))
    ? open({ ...charged, dispatch })
    : notMade({ denial: { code: 'record_unwritten' }, dispatch });
}

/** An approval is also spent by a call that another source would have allowed. */
const spentBy = ({ approval }: Evidence): Pick<CountedCall, 'approval'> =>
  approval === undefined ? {} : { approval: approval.id };

/** Notes how the call ended, for rules over history that wait for it. */
const reportingEnd = (call: OpenCall, report: (end: CallEnd) => void): OpenCall => ({
  ...call,
  close: (outcome) => {
    report(endOf(outcome.result));
    return call.close(outcome);
  },
});

/**
 * Opens the record of a call that is about to be made. The call gets its number before anything is
 * awaited, so a lost record leaves a gap in the numbers.
 */
export function openCall(
  accounts: CallAccounts,
  decision: Allowed,
  method: string,
  reserved: Reserved = {},
): OpenCall {
  const { tier = 2, workflow } = decision.evidence;
  const outbox = accounts.outbox.of(workflow);
  const isWrite = tier >= 2;
  const record = { ...recordOf(outbox, decision, method), ...reserved };
  outbox.open(record, isWrite ? 0 : RECORD_OPEN_MILLISECONDS_MAX);
  return {
    isWrite,
    close: (outcome) => {
      outbox.close(record, outcome);
      return { ...record, outcome };
    },
  };
}

/**
 * Sends the record of an open call without waiting for a slow server: that of a write with the
 * call, that of a read a moment later. Returns a function for the end of the call.
 */
export function sendMeanwhile({ isWrite }: OpenCall, send: () => void): () => void {
  if (isWrite) {
    send();
    return () => undefined;
  }
  const timer = setTimeout(send, RECORD_OPEN_MILLISECONDS_MAX);
  letProcessEnd(timer);
  return () => clearTimeout(timer);
}

/** Records a denial. Returns the record. */
export function recordDenial(
  accounts: CallAccounts,
  decision: Denied,
  method: string | undefined,
  reserved: Reserved = {},
): DecisionRecord {
  const outbox = accounts.outbox.of(decision.evidence.workflow);
  const record = { ...recordOf(outbox, decision, method), ...reserved };
  outbox.add(record, true);
  return record;
}

/** Records are numbered per verifier, so a missing number reveals a lost record. */
function recordOf(
  outbox: RecordOutbox,
  decision: Allowed | Denied,
  method: string | undefined,
): DecisionRecord {
  const stamp = { verifier: outbox.verifier, n: outbox.next(), at: readClock() };
  return toDecisionRecord(decision, { ...stamp, ...(method !== undefined && { method }) });
}
