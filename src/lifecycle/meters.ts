import type { Budgets } from '../capability/index.ts';
import { ok, type Result, refuse } from '../result.ts';

/**
 * Counts calls, or millionths of an argument, against one bound of a workflow's budgets.
 *
 * `limit - used - carved - leased` is left. Calls of tiers 0 and 1 are counted after they happened,
 * so `used` may exceed `limit`. A charge or a lease never exceeds it.
 */
export interface Meter {
  readonly key: string;
  readonly limit: number;
  readonly used: number;
  /** The part of `limit` that was carved out of the parent's meter and goes back to it. */
  readonly share: number;
  /** Reserved for children that have not ended. */
  readonly carved: number;
  /** Reserved for verifiers, which spend it by themselves. */
  readonly leased: number;
}

export type Meters = readonly Meter[];
/** The amount to take from each meter, by its key; never negative. */
export type Spends = ReadonlyMap<string, number>;

export const CALLS = 'calls';
export const DENIALS = 'denials';
export const toolKey = (tool: string): string => JSON.stringify(['tool', tool]);
const sumKey = (tool: string, pointer: string): string => JSON.stringify(['sum', tool, pointer]);

type Limits = readonly (readonly [key: string, limit: number])[];

/** The meters of each bound. A new bound does not compile until it is listed. */
const LIMITS: { readonly [Name in keyof Budgets]-?: (bound: Required<Budgets>[Name]) => Limits } = {
  calls: (calls) => [[CALLS, calls]],
  denials: (denials) => [[DENIALS, denials]],
  tools: (tools) => tools.map(({ tool, calls }) => [toolKey(tool), calls]),
  sums: (sums) => sums.map(({ tool, pointer, micros }) => [sumKey(tool, pointer), micros]),
  // Not counted: these two bound the workflow's end and its tree.
  wallSeconds: () => [],
  delegationDepth: () => [],
};

/** Returns the limits by the keys of their meters. */
export function limitsOf(budgets: Budgets): ReadonlyMap<string, number> {
  const bounds = Object.entries(LIMITS) as [keyof Budgets, (bound: unknown) => Limits][];
  return new Map(
    bounds.flatMap(([name, limits]) => {
      const bound = budgets[name];
      return bound === undefined ? [] : limits(bound);
    }),
  );
}

export const metersOf = (budgets: Budgets): Meters =>
  [...limitsOf(budgets)].map(([key, limit]) => freshMeter(key, limit, 0));

export const freshMeter = (key: string, limit: number, share: number): Meter => ({
  key,
  limit,
  share,
  used: 0,
  carved: 0,
  leased: 0,
});

/**
 * Returns the meters after a mint with other budgets: the smaller limit of each bound. Counts stay;
 * a new bound starts to count now.
 */
export function tightened(meters: Meters, budgets: Budgets): Meters {
  const limits = limitsOf(budgets);
  const known = new Set(meters.map(({ key }) => key));
  const added = [...limits].filter(([key]) => !known.has(key));
  return [
    ...meters.map((meter) => ({
      ...meter,
      limit: Math.min(meter.limit, limits.get(meter.key) ?? meter.limit),
    })),
    ...added.map(([key, limit]) => freshMeter(key, limit, 0)),
  ];
}

export const left = ({ limit, used, carved, leased }: Meter): number =>
  Math.max(0, limit - used - carved - leased);

export type BudgetRefusal =
  | { readonly code: 'budget_exhausted'; readonly meter: string; readonly left: number }
  /** A summed argument of the call is missing, negative or not a number. */
  | { readonly code: 'budget_unmeasured'; readonly pointer: string };

/** Returns the summed arguments of a tool, which a verifier measures before it charges. */
export const summedPointers = (meters: Meters, tool: string): readonly string[] =>
  meters.flatMap(({ key }) => {
    const [kind, of, pointer] = key.startsWith('[') ? (JSON.parse(key) as string[]) : [];
    return kind === 'sum' && of === tool && pointer !== undefined ? [pointer] : [];
  });

/**
 * Returns what a call takes from each meter. Refuses a missing amount, which must not count as
 * zero, and a negative one, which would refill the budget.
 */
export function spendsOf(
  meters: Meters,
  call: { readonly tool: string; readonly amounts?: Readonly<Record<string, number>> },
): Result<Spends, BudgetRefusal> {
  const spends = new Map<string, number>([
    [CALLS, 1],
    [toolKey(call.tool), 1],
  ]);
  for (const pointer of summedPointers(meters, call.tool)) {
    const amount = call.amounts?.[pointer];
    if (amount === undefined || !Number.isSafeInteger(amount) || amount < 0) {
      return refuse({ code: 'budget_unmeasured', pointer });
    }
    spends.set(sumKey(call.tool, pointer), amount);
  }
  return ok(spends);
}

const taking = (
  meters: Meters,
  spends: Spends,
  change: (meter: Meter, amount: number) => Meter,
): Meters =>
  meters.map((meter) => {
    const amount = spends.get(meter.key);
    return amount ? change(meter, amount) : meter;
  });

/** Takes from every meter before the call happens (tier 3), or from none of them. */
export function charge(meters: Meters, spends: Spends): Result<Meters, BudgetRefusal> {
  const short = meters.find((meter) => left(meter) < (spends.get(meter.key) ?? 0));
  if (short) return refuse({ code: 'budget_exhausted', meter: short.key, left: left(short) });
  return ok(taking(meters, spends, (meter, n) => ({ ...meter, used: meter.used + n })));
}

/** Gives back what a charge took, and never more than was counted. */
export const giveBackCharge = (meters: Meters, spends: Spends): Meters =>
  taking(meters, spends, (meter, n) => ({ ...meter, used: Math.max(0, meter.used - n) }));

/** Counts a call that has happened (tiers 0 and 1), even beyond the limit. */
export const count = (meters: Meters, spends: Spends): Meters =>
  taking(meters, spends, (meter, n) => ({ ...meter, used: saturating(meter.used + n) }));

/** Above the safe integers, adding a small amount would silently change nothing. */
const saturating = (sum: number): number => Math.min(sum, Number.MAX_SAFE_INTEGER);

/** Returns the keys of the meters that were exceeded. */
export const exceeded = (meters: Meters): readonly string[] =>
  meters
    .filter(({ limit, used, carved, leased }) => used + carved + leased > limit)
    .map(({ key }) => key);
