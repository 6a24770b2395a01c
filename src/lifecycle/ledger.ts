import { isJsonObject } from '../canonical-json.ts';
import { type Clock, readClock } from '../clock.ts';
import { readPointer } from '../json-pointer.ts';
import { LEDGER_MILLISECONDS_MAX } from '../limits.ts';
import { type Report, report } from '../report.ts';
import { ok, type Result, refuse } from '../result.ts';
import { within } from '../within.ts';
import type { AccountRefusal, BudgetClient, ChargeRequest, LeaseGrant } from './budget-client.ts';
import type { BudgetRefusal } from './meters.ts';

const LEASES_HELD_MAX = 10_000; // In one verifier; beyond it all are given up as spent.

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

interface Held extends LeaseGrant {
  readonly id: string;
  /** Unix seconds. */
  readonly takenAt: number;
  readonly workflow: string;
  spent: number;
}

/** What is taken before a call of each tier; before one of a tier that is unknown, the most. */
const TAKES: Readonly<Record<CountedCall['tier'], 'nothing' | 'lease' | 'charge'>> = {
  0: 'nothing',
  1: 'nothing',
  2: 'lease',
  3: 'charge',
};

const OWED_MAX = 100; // Of an outage that began between two answers; the rest counts as spent.

/**
 * What a verifier takes of a workflow's budgets before an allowed call happens. Tiers 0 and 1 take
 * nothing: they are counted from the records. Tier 2 spends calls that were leased in advance.
 * Tier 3, and a call whose argument is added up, is charged exactly.
 */
export class Ledger {
  readonly #office: BudgetClient;
  readonly #now: Clock;
  readonly #report: Report;
  readonly #taken = new WeakMap<CountedCall, ChargeRequest | Held>();
  /** Charges that got no answer. */
  readonly #owed: ChargeRequest[] = [];
  readonly #leases = new Map<string, Held>();
  /** The arguments that are added up, by tool and workflow, as far as the office has said. */
  readonly #summed = new Map<string, readonly string[]>();

  /** `now` is unix milliseconds. */
  constructor(office: BudgetClient, now: Clock = readClock, reporter: Report = report) {
    this.#office = bounded(office);
    this.#now = now;
    this.#report = reporter;
  }

  /** True where something was taken, so that the call's record is not counted again. */
  async take(call: CountedCall): Promise<Result<boolean, LedgerDenial>> {
    const takes = TAKES[call.tier] ?? 'charge';
    if (takes === 'nothing') return ok(false);
    try {
      if (takes === 'charge') return await this.#charge(call);
      const leased = await this.#leased(call);
      if (!leased.ok) return asDenial(leased.error);
      if (leased.value.summed.length > 0) return await this.#charge(call);
      leased.value.spent += 1;
      this.#taken.set(call, leased.value);
      return ok(true);
    } catch (error) {
      this.#failed(takes, error);
      return refuse({ code: 'ledger_unavailable' });
    }
  }

  /**
   * Gives back what was taken for a call that was not made after all. True where it is there again;
   * elsewhere it counts as spent, and the call's record says so.
   */
  async giveBack(call: CountedCall): Promise<boolean> {
    const taken = this.#taken.get(call);
    this.#taken.delete(call);
    if (!taken) return false;
    if ('spent' in taken) {
      // One that is accounted for already was accounted for with this call.
      const isHeld = this.#leases.get(keyOf(call.workflow, call.tool)) === taken;
      if (isHeld) taken.spent -= 1;
      return isHeld;
    }
    try {
      return await this.#office.giveBack(taken);
    } catch (error) {
      this.#failed('give_back', error);
      return false;
    }
  }

  /**
   * Accounts for leases that are over and for charges that got no answer, for `ctx.waitUntil`. What
   * is lost here counts as spent.
   */
  async settle(): Promise<void> {
    const now = this.#now() / 1000;
    for (const [key, held] of this.#leases) {
      const { id, workflow, calls, spent, summed } = held;
      if (isRunning(held, now) && spent < calls) continue;
      this.#leases.delete(key);
      if (summed.length > 0 || spent === calls) continue;
      try {
        await this.#office.settle(workflow, id, spent);
      } catch (error) {
        this.#failed('settle', error);
      }
    }
    await this.#payOwed();
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
      const charged = await this.#chargeOnce(order);
      if (charged.ok) {
        this.#taken.set(call, order);
        return ok(true);
      }
      const { error } = charged;
      if (error.code !== 'budget_unmeasured' || pointers.includes(error.pointer)) {
        return asDenial(error);
      }
      // One that was not known to be added up; it is measured, and asked again.
      this.#learn(key, [...pointers, error.pointer]);
    }
  }

  /** A charge without an answer may have been taken, and its call is not made: it goes back. */
  async #chargeOnce(order: ChargeRequest) {
    try {
      return await this.#office.charge(order).catch(() => this.#office.charge(order));
    } catch (error) {
      if (this.#owed.length < OWED_MAX) this.#owed.push(order);
      throw error;
    }
  }

  async #payOwed(): Promise<void> {
    for (let order = this.#owed.shift(); order; order = this.#owed.shift()) {
      try {
        await this.#office.giveBack(order);
      } catch (error) {
        this.#owed.unshift(order);
        return this.#failed('give_back', error);
      }
    }
  }

  #failed(code: 'lease' | 'charge' | 'settle' | 'give_back', error: unknown): void {
    const name = error instanceof Error ? error.name : typeof error;
    this.#report('ledger.failed', { code, error: name });
  }

  #learn(key: string, pointers: readonly string[]): void {
    if (this.#summed.size >= LEASES_HELD_MAX) this.#summed.clear();
    this.#summed.set(key, pointers);
  }
}

/** Not before it was taken: a clock that has gone back would let it outlive a suspension. */
const isRunning = ({ takenAt, expires }: Held, now: number): boolean =>
  takenAt <= now && now < expires;

/** An office whose answers are waited for as long as a caller can wait for a call. */
function bounded(office: BudgetClient): BudgetClient {
  const soon = <T>(answer: Promise<T>) => within(answer, LEDGER_MILLISECONDS_MAX);
  return {
    charge: (order) => soon(office.charge(order)),
    giveBack: (order) => soon(office.giveBack(order)),
    lease: (order) => soon(office.lease(order)),
    settle: (...account) => soon(office.settle(...account)),
  };
}

const keyOf = (workflow: string, tool: string): string => `${workflow}\n${tool}`;

function asDenial(error: AccountRefusal): Result<never, LedgerDenial> {
  switch (error.code) {
    case 'too_many_leases':
    case 'charge_returned':
      return refuse({ code: 'ledger_unavailable' });
    case 'budget_exhausted':
    case 'budget_unmeasured':
    case 'workflow_stopped':
      return refuse(error);
  }
}

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
