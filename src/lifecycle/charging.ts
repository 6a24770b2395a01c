import { isJsonObject } from '../canonical-json.ts';
import { readPointer } from '../json-pointer.ts';
import { LEDGER_MILLISECONDS_MAX } from '../limits.ts';
import { type Result, refuse } from '../result.ts';
import { within } from '../within.ts';
import type { AccountRefusal, BudgetClient, LedgerDenial } from './budget-client.ts';

/** Returns a client that waits for an answer no longer than a caller can wait for its call. */
export function bounded(client: BudgetClient): BudgetClient {
  const soon = <T>(answer: Promise<T>) => within(answer, LEDGER_MILLISECONDS_MAX);
  return {
    charge: (order) => soon(client.charge(order)),
    giveBack: (order) => soon(client.giveBack(order)),
    end: (...ended) => soon(client.end(...ended)),
    lease: (order) => soon(client.lease(order)),
    settle: (...account) => soon(client.settle(...account)),
  };
}

/** Returns the denial of a call whose charge or lease was refused. */
export function asDenial(error: AccountRefusal): Result<never, LedgerDenial> {
  switch (error.code) {
    case 'too_many_leases':
    case 'charge_returned':
      return refuse({ code: 'ledger_unavailable' });
    case 'budget_exhausted':
    case 'budget_unmeasured':
    case 'workflow_stopped':
    case 'approval_used':
    case 'history_limit':
    case 'history_used':
    case 'history_order':
    case 'history_unmeasured':
    case 'history_full':
      return refuse(error);
  }
}

/** Returns the numbers at the pointers, in millionths. Leaves out values that are not numbers. */
export function amountsOf(args: unknown, pointers: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    pointers.flatMap((pointer) => {
      const value = valueAt(args, readPointer(pointer) ?? []);
      // The verifier rejects numbers with more decimals, so this is exact or not a safe integer.
      return typeof value === 'number' ? [[pointer, Math.round(value * 1_000_000)]] : [];
    }),
  );
}

function valueAt(value: unknown, [segment, ...rest]: readonly string[]): unknown {
  if (segment === undefined) return value;
  if (Array.isArray(value)) return valueAt(value[Number(segment)], rest);
  return isJsonObject(value) && Object.hasOwn(value, segment)
    ? valueAt(value[segment], rest)
    : undefined;
}

/** Returns whether the issuer asks for a pointer that was not measured. */
export const hasNew = (known: readonly string[], asked: readonly string[]): boolean =>
  asked.some((pointer) => !known.includes(pointer));
