import { ok, type Result, refuse } from '../result.ts';
import { type BudgetRefusal, CALLS, left, type Meter, type Meters, toolKey } from './meters.ts';

/**
 * Calls of one tool that a verifier took in advance (tier 2) and spends by itself. What it does not
 * account for counts as spent: a verifier that dies must not make the budget larger.
 */
export interface Lease {
  readonly id: string;
  readonly tool: string;
  readonly calls: number;
  /** Unix seconds; none of it is spent after that. */
  readonly expires: number;
  /** `open` until it is accounted for or lapses; both are final but for a late account. */
  readonly state: 'open' | 'lapsed' | 'settled';
}

const leasedKeys = (tool: string): readonly string[] => [CALLS, toolKey(tool)];

const moving = (meters: Meters, tool: string, change: (meter: Meter) => Meter): Meters =>
  meters.map((meter) => (leasedKeys(tool).includes(meter.key) ? change(meter) : meter));

/** Sets calls aside for a verifier: as many as it wants, or as there are. */
export function takeLease(
  meters: Meters,
  asked: { readonly id: string; readonly tool: string; readonly calls: number },
  expires: number,
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

/** A lease whose time is over and of which nothing was heard: all of it counts as spent. */
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

/** The verifier's account, on time or late: what it did not spend is there again. Once. */
export function settle(
  meters: Meters,
  lease: Lease,
  spent: number,
): { meters: Meters; lease: Lease } {
  if (lease.state === 'settled') return { meters, lease };
  const { tool, calls } = lease;
  // A verifier that says it spent more than it had has spent all of it, and no less than nothing.
  const used = Math.min(Math.max(0, Math.floor(spent)), calls);
  const change = (meter: Meter): Meter =>
    lease.state === 'open'
      ? { ...meter, leased: meter.leased - calls, used: meter.used + used }
      : { ...meter, used: meter.used - (calls - used) };
  return { lease: { ...lease, state: 'settled' }, meters: moving(meters, tool, change) };
}
