import { isJsonObject } from '../canonical-json.ts';
import { readPointer } from '../json-pointer.ts';
import { LEASES_HELD_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { BudgetRefusal } from './meters.ts';
import type { AccountRefusal, BudgetOffice, Leased } from './office.ts';

/** A call that a verifier has allowed; `args` as they will be forwarded. */
export interface CountedCall {
  readonly workflow: string;
  readonly tool: string;
  readonly tier: 0 | 1 | 2 | 3;
  readonly args: unknown;
}

export type LedgerDenial =
  | BudgetRefusal
  | Extract<AccountRefusal, { code: 'workflow_stopped' }>
  /** The issuer did not answer: what cannot be counted does not happen. */
  | { readonly code: 'ledger_unavailable' };

interface Held extends Leased {
  readonly id: string;
  /** Unix seconds. */
  readonly takenAt: number;
  readonly workflow: string;
  spent: number;
}

/**
 * What a verifier takes of a workflow's budgets before an allowed call happens. Tiers 0 and 1 take
 * nothing: they are counted from the records. Tier 2 spends calls that were leased in advance.
 * Tier 3, and a call whose argument is added up, is charged exactly.
 */
export class Ledger {
  readonly #office: BudgetOffice;
  readonly #now: () => number;
  readonly #leases = new Map<string, Held>();
  /** The arguments that are added up, by tool and workflow, as far as the office has said. */
  readonly #summed = new Map<string, readonly string[]>();

  /** `now` is unix milliseconds. */
  constructor(office: BudgetOffice, now: () => number = Date.now) {
    this.#office = office;
    this.#now = now;
  }

  /** True where something was taken, so that the call's record is not counted again. */
  async take(call: CountedCall): Promise<Result<boolean, LedgerDenial>> {
    if (call.tier < 2) return ok(false);
    try {
      if (call.tier === 3) return await this.#charge(call);
      const leased = await this.#leased(call);
      if (!leased.ok) return asDenial(leased.error);
      if (leased.value.summed.length > 0) return await this.#charge(call);
      leased.value.spent += 1;
      return ok(true);
    } catch {
      return refuse({ code: 'ledger_unavailable' });
    }
  }

  /** Accounts for leases that are over, for `ctx.waitUntil`. What is lost here counts as spent. */
  async settle(): Promise<void> {
    const now = this.#now() / 1000;
    for (const [key, held] of this.#leases) {
      const { id, workflow, calls, spent, summed } = held;
      if (isRunning(held, now) && spent < calls) continue;
      this.#leases.delete(key);
      if (summed.length > 0 || spent === calls) continue;
      await this.#office.settle(workflow, id, spent).catch(() => undefined);
    }
  }

  /** A lease with a call left, or another one. */
  async #leased({ workflow, tool }: CountedCall): Promise<Result<Held, AccountRefusal>> {
    const key = keyOf(workflow, tool);
    const held = this.#leases.get(key);
    const takenAt = this.#now() / 1000;
    if (held && isRunning(held, takenAt) && (held.summed.length > 0 || held.spent < held.calls))
      return ok(held);
    const id = crypto.randomUUID();
    const leased = await this.#office.lease({ workflow, tool, lease: id });
    if (!leased.ok) return leased;
    const next: Held = { ...leased.value, id, workflow, takenAt, spent: 0 };
    // Another call may have leased meanwhile: the one that goes is accounted for as spent.
    if (this.#leases.size >= LEASES_HELD_MAX) this.#leases.clear();
    this.#leases.set(key, next);
    if (next.summed.length > 0) this.#learn(key, next.summed);
    return ok(next);
  }

  /** Exactly, once: a request that got no answer is repeated under the same name. */
  async #charge(call: CountedCall): Promise<Result<boolean, LedgerDenial>> {
    const { workflow, tool, args } = call;
    const key = keyOf(workflow, tool);
    for (;;) {
      const pointers = this.#summed.get(key) ?? [];
      const amounts = amountsOf(args, pointers);
      const order = { workflow, tool, nonce: crypto.randomUUID(), amounts };
      const charged = await this.#office.charge(order).catch(() => this.#office.charge(order));
      if (charged.ok) return ok(true);
      const { error } = charged;
      if (error.code !== 'budget_unmeasured' || pointers.includes(error.pointer)) {
        return asDenial(error);
      }
      // One that was not known to be added up; it is measured, and asked again.
      this.#learn(key, [...pointers, error.pointer]);
    }
  }

  #learn(key: string, pointers: readonly string[]): void {
    if (this.#summed.size >= LEASES_HELD_MAX) this.#summed.clear();
    this.#summed.set(key, pointers);
  }
}

/** Not before it was taken: a clock that has gone back would let it outlive a suspension. */
const isRunning = ({ takenAt, expires }: Held, now: number): boolean =>
  takenAt <= now && now < expires;

const keyOf = (workflow: string, tool: string): string => `${workflow}\n${tool}`;

const asDenial = (error: AccountRefusal): Result<never, LedgerDenial> =>
  refuse(error.code === 'too_many_leases' ? { code: 'ledger_unavailable' } : error);

/** The numbers at the pointers, in millionths; what is no number there is not among them. */
function amountsOf(args: unknown, pointers: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    pointers.flatMap((pointer) => {
      const value = valueAt(args, readPointer(pointer) ?? []);
      // The verifier has refused numbers with more decimals: this is exact, or no safe integer.
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
