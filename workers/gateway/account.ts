import { type DecisionRecord, toDecisionRecord, toOutcomeRecord } from '../../src/audit/index.ts';
import type { Decision } from '../../src/verifier/index.ts';
import type { GatewayDenial } from './denial.ts';
import type { Edge } from './edge.ts';
import type { Handled } from './mcp.ts';

type Allowed = Extract<Decision, { allowed: true }>;

/** An allowed call that may happen: what was taken for it, and its record where one had to be. */
export interface Accounted {
  readonly charged?: true;
  /** Written already, because the call is irreversible. */
  readonly record?: DecisionRecord;
}

/**
 * What stands between a decision that allows and the call: its budgets, and for tier 3 its record.
 * Fails closed: a call that nobody can count or write down does not happen.
 */
export async function account(
  { ledger, outbox }: Edge,
  { evidence, ...decision }: Allowed,
  args: unknown,
  method: string,
): Promise<Accounted | GatewayDenial> {
  const { workflow, tool, tier } = evidence;
  if (workflow === undefined || tool === undefined || tier === undefined) {
    throw new Error('a call was allowed of which nothing is known');
  }
  const taken = await ledger.take({ workflow, tool, tier, args });
  if (!taken.ok) return taken.error;
  const charged = taken.value ? { charged: true as const } : {};
  if (tier < 3) return charged;
  const stamp = { ...nextStamp(outbox), method };
  const record = { ...toDecisionRecord({ ...decision, evidence }, stamp), ...charged };
  const isWritten = await outbox.addFirst(record);
  return isWritten ? { ...charged, record } : { code: 'record_unwritten' };
}

/** The record of what was handled, or of its outcome where the decision is written already. */
export function recordOf({ outbox }: Edge, handled: Handled) {
  const { decision, method, outcome, accounted = {} } = handled;
  const { record: written, ...charged } = accounted;
  const stamp = nextStamp(outbox);
  if (written && outcome) return toOutcomeRecord(written, stamp, outcome);
  const record = {
    ...toDecisionRecord(decision, { ...stamp, ...(method !== undefined && { method }) }),
    ...charged,
  };
  return outcome ? { ...record, outcome } : record;
}

const nextStamp = (outbox: Edge['outbox']) => ({
  verifier: outbox.verifier,
  n: outbox.next(),
  at: Date.now(),
});
