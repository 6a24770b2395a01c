import type { Budgets } from '../capability/index.ts';
import { ok, type Result, refuse } from '../result.ts';

/**
 * What is counted against one bound of a workflow's budgets: calls, or millionths of an argument.
 *
 * `limit - used - carved - leased` is what is left. `used` may exceed `limit` where calls are
 * counted after they happened (tiers 0 and 1); whatever is taken before it happens never does that.
 */
export interface Meter {
  readonly key: string;
  readonly limit: number;
  readonly used: number;
  /** Of `limit`, what was carved out of the parent's meter and goes back to it. */
  readonly share: number;
  /** Set aside for children that have not ended. */
  readonly carved: number;
  /** Set aside for verifiers that spend it by themselves. */
  readonly leased: number;
}

export type Meters = readonly Meter[];
/** How much of each meter something takes; never negative. */
export type Spends = ReadonlyMap<string, number>;

export const CALLS = 'calls';
export const DENIALS = 'denials';
export const toolKey = (tool: string): string => JSON.stringify(['tool', tool]);
export const sumKey = (tool: string, pointer: string): string =>
  JSON.stringify(['sum', tool, pointer]);

type Limits = readonly (readonly [key: string, limit: number])[];

/** The meters of each bound. A bound that is new, and has none, does not compile. */
const LIMITS: { readonly [Name in keyof Budgets]-?: (bound: Required<Budgets>[Name]) => Limits } = {
  calls: (calls) => [[CALLS, calls]],
  denials: (denials) => [[DENIALS, denials]],
  tools: (tools) => tools.map(({ tool, calls }) => [toolKey(tool), calls]),
  sums: (sums) => sums.map(({ tool, pointer, micros }) => [sumKey(tool, pointer), micros]),
  // Nothing is counted against these two: they are bounds of the workflow's end and of its tree.
  wallSeconds: () => [],
  delegationDepth: () => [],
};

/** The limits by the keys of their meters. */
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
 * The meters of a workflow whose later mint says other budgets: of each bound the smaller one. What
 * was counted stays; where there was no bound before, counting begins now.
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
  /** The call has no number, or one below zero, where a sum is counted. */
  | { readonly code: 'budget_unmeasured'; readonly pointer: string };

/** The arguments that are added up for a tool: what a verifier must measure before it asks. */
export const summedPointers = (meters: Meters, tool: string): readonly string[] =>
  meters.flatMap(({ key }) => {
    const [kind, of, pointer] = key.startsWith('[') ? (JSON.parse(key) as string[]) : [];
    return kind === 'sum' && of === tool && pointer !== undefined ? [pointer] : [];
  });

/**
 * What a call takes of each meter. An amount that is missing is no amount of zero, and one below
 * zero would fill the budget up again: both are refused.
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

/** Takes before the call happens (tier 3): of every meter, or of none. */
export function charge(meters: Meters, spends: Spends): Result<Meters, BudgetRefusal> {
  const short = meters.find((meter) => left(meter) < (spends.get(meter.key) ?? 0));
  if (short) return refuse({ code: 'budget_exhausted', meter: short.key, left: left(short) });
  return ok(taking(meters, spends, (meter, n) => ({ ...meter, used: meter.used + n })));
}

/** What a charge took, back; never more than was counted. */
export const giveBackCharge = (meters: Meters, spends: Spends): Meters =>
  taking(meters, spends, (meter, n) => ({ ...meter, used: Math.max(0, meter.used - n) }));

/** Counts what has happened (tiers 0 and 1), whatever the limit says. */
export const count = (meters: Meters, spends: Spends): Meters =>
  taking(meters, spends, (meter, n) => ({ ...meter, used: saturating(meter.used + n) }));

/** Beyond the safe integers a sum would stop growing by small amounts, unseen. */
const saturating = (sum: number): number => Math.min(sum, Number.MAX_SAFE_INTEGER);

/** The meters over which more was used than there was. */
export const exceeded = (meters: Meters): readonly string[] =>
  meters
    .filter(({ limit, used, carved, leased }) => used + carved + leased > limit)
    .map(({ key }) => key);
