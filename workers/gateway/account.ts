import {
  type DecisionRecord,
  type Outcome,
  toDecisionRecord,
  toDispatchRecord,
} from '../../src/audit/index.ts';
import { readClock } from '../../src/clock.ts';
import type { CountedCall } from '../../src/lifecycle/index.ts';
import { RECORD_OPEN_MILLISECONDS_MAX } from '../../src/limits.ts';
import { ok, type Result, refuse } from '../../src/result.ts';
import type { Decision } from '../../src/verifier/index.ts';
import type { GatewayDenial } from './denial.ts';
import type { Edge } from './edge.ts';

export type Allowed = Extract<Decision, { allowed: true }>;
export type Denied =
  | Extract<Decision, { allowed: false }>
  | {
      readonly allowed: false;
      readonly denial: GatewayDenial;
      readonly evidence: Allowed['evidence'];
    };

/** A call that is made from here on: it has its number, and its record is on its way. */
export interface Dispatched {
  /** What became of it. Answers with its decision's record. */
  readonly close: (outcome: Outcome) => DecisionRecord;
}

/** What stands in a decision's record beside the decision. */
interface Known {
  /** Something was taken for the call, and of one that was not made could not be given back. */
  readonly charged?: true;
  /** The log was told, or may have been, that it would be made. */
  readonly dispatch?: string;
}

/** A call that is not made, and what is known of it. */
export interface NotMade extends Known {
  readonly denial: GatewayDenial;
}

/**
 * What stands between a decision that allows and the call: its budgets, and for tier 3 its record.
 * Fails closed: a call that nobody can count or write down does not happen, and is not on record as
 * one that did.
 */
export async function account(
  edge: Edge,
  decision: Allowed,
  args: unknown,
  method: string,
): Promise<Result<Dispatched, NotMade>> {
  const { workflow, tool, tier } = decision.evidence;
  if (workflow === undefined || tool === undefined || tier === undefined) {
    throw new Error('a call was allowed of which nothing is known');
  }
  const call: CountedCall = { workflow, tool, tier, args };
  const taken = await edge.ledger.take(call);
  if (!taken.ok) return refuse({ denial: taken.error });
  const charged = taken.value ? { charged: true as const } : {};
  if (tier < 3) return ok(dispatch(edge, decision, method, charged));
  const announced = toDispatchRecord(recordOf(edge, decision, method));
  if (await edge.outbox.addFirst(announced)) {
    return ok(dispatch(edge, decision, method, { ...charged, dispatch: announced.id }));
  }
  const isGivenBack = taken.value && (await edge.ledger.giveBack(call));
  return refuse({
    denial: { code: 'record_unwritten' },
    dispatch: announced.id,
    ...(!isGivenBack && charged),
  });
}

/**
 * A call that is made now: it takes its number before it waits for anything, so that what is lost
 * of it is missed. What changes something is told of with the call; the record of a read, or of a
 * message that uses no tool, may wait a moment for its outcome.
 */
export function dispatch(
  edge: Edge,
  decision: Allowed,
  method: string,
  known: Known = {},
): Dispatched {
  const { outbox } = edge;
  const { tier = 2 } = decision.evidence;
  const record = { ...recordOf(edge, decision, method), ...known };
  outbox.open(record, tier < 2 ? RECORD_OPEN_MILLISECONDS_MAX : 0);
  return {
    close: (outcome) => {
      outbox.close(record, outcome);
      return { ...record, outcome };
    },
  };
}

/** Writes down what was denied. */
export function denied(
  edge: Edge,
  decision: Denied,
  method: string | undefined,
  known: Known = {},
): DecisionRecord {
  const record = { ...recordOf(edge, decision, method), ...known };
  edge.outbox.add(record);
  return record;
}

function recordOf(
  { outbox }: Edge,
  decision: Allowed | Denied,
  method: string | undefined,
): DecisionRecord {
  const stamp = { verifier: outbox.verifier, n: outbox.next(), at: readClock() };
  return toDecisionRecord(decision, { ...stamp, ...(method !== undefined && { method }) });
}
