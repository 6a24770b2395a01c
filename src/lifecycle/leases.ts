import type { UnixSeconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type BudgetRefusal, CALLS, left, type Meter, type Meters, toolKey } from './meters.ts';

/**
 * Calls of one tool that a verifier reserved in advance (tier 2) and spends by itself. Calls that
 * it never accounts for count as spent: a verifier that crashes must not enlarge the budget.
 */
export interface Lease {
  readonly id: string;
  readonly tool: string;
  readonly calls: number;
  /** No call of it may be spent after this time. */
  readonly expires: UnixSeconds;
  /** `open` until it is settled or lapses. A lapsed lease may still be settled late. */
  readonly state: 'open' | 'lapsed' | 'settled';
}

const leasedKeys = (tool: string): readonly string[] => [CALLS, toolKey(tool)];

const moving = (meters: Meters, tool: string, change: (meter: Meter) => Meter): Meters =>
  meters.map((meter) => (leasedKeys(tool).includes(meter.key) ? change(meter) : meter));

/** Reserves calls for a verifier: as many as it requests, or as many as are left. */
export function takeLease(
  meters: Meters,
  asked: { readonly id: string; readonly tool: string; readonly calls: number },
  expires: UnixSeconds,
): Result<{ readonly meters: Meters; readonly lease: Lease }, BudgetRefusal> {
  const { id, tool } = asked;
  const bounding = meters.filter(({ key }) => leasedKeys(tool).includes(key));
  const calls = Math.min(asked.calls, ...bounding.map(left));
  if (calls < 1) {
    const meter = bounding.find((one) => left(one) < 1)?.key ?? CALLS;
    return refuse({ code: 'budget_exhausted', meter, left: 0 });
  }
  return ok({
    meters: moving(meters, tool, (meter) => ({ ...meter, leased: meter.leased + calls })),
    lease: { id, tool, calls, expires, state: 'open' },
  });
}

/** Ends an expired lease whose verifier never reported: all of it counts as spent. */
export function lapse(meters: Meters, lease: Lease): { meters: Meters; lease: Lease } {
  if (lease.state !== 'open') return { meters, lease };
  const { tool, calls } = lease;
  return {
    lease: { ...lease, state: 'lapsed' },
    meters: moving(meters, tool, (meter) => ({
      ...meter,
      leased: meter.leased - calls,
      used: meter.used + calls,
    })),
  };
}

/** Settles a lease once, on time or late: calls that were not spent are available again. */
export function settle(
  meters: Meters,
  lease: Lease,
  spent: number,
): { meters: Meters; lease: Lease } {
  if (lease.state === 'settled') return { meters, lease };
  const { tool, calls } = lease;
  // Whatever the verifier reports, it has spent between none and all of the lease.
  const used = Math.min(Math.max(0, Math.floor(spent)), calls);
  const change = (meter: Meter): Meter =>
    lease.state === 'open'
      ? { ...meter, leased: meter.leased - calls, used: meter.used + used }
      : { ...meter, used: meter.used - (calls - used) };
  return { lease: { ...lease, state: 'settled' }, meters: moving(meters, tool, change) };
}
