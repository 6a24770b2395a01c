import { isJsonObject } from '../canonical-json.ts';
import { type Clock, readClock, type UnixSeconds } from '../clock.ts';
import { readPointer } from '../json-pointer.ts';
import { LEDGER_MILLISECONDS_MAX } from '../limits.ts';
import { type Report, report } from '../report.ts';
import { ok, type Result, refuse } from '../result.ts';
import { within } from '../within.ts';
import type { AccountRefusal, BudgetClient, ChargeRequest, LeaseGrant } from './budget-client.ts';
import type { BudgetRefusal } from './meters.ts';

/** Leases in one verifier. Beyond it, all of them are dropped and count as spent. */
const LEASES_HELD_MAX = 10_000;

/** A call that a verifier has allowed, with `args` as they will be forwarded. */
export interface CountedCall {
  readonly workflow: string;
  readonly tool: string;
  readonly tier: 0 | 1 | 2 | 3;
  readonly args: unknown;
  /** The id of the approval that allows this call, which is good for one call. */
  readonly approval?: string;
  /** Whether the call is decided by the labels of its workflow: they come with what is taken. */
  readonly withLabels?: true;
}

/** The labels of a workflow's family, as the issuer told them. */
export interface ToldLabels {
  readonly labels: readonly string[];
  /** As of this call, or as of the lease that it spends. */
  readonly label: 'exact' | 'leased';
}

export type LedgerDenial =
  | BudgetRefusal
  | Extract<AccountRefusal, { code: 'workflow_stopped' | 'approval_used' }>
  /** The issuer did not answer. A call that cannot be counted must not happen. */
  | { readonly code: 'ledger_unavailable' };

interface ActiveLease extends LeaseGrant {
  readonly id: string;
  readonly takenAt: UnixSeconds;
  readonly workflow: string;
  spent: number;
}

/** What is taken before a call of each tier. An unknown tier is charged, the strictest way. */
const TAKES: Readonly<Record<CountedCall['tier'], 'nothing' | 'lease' | 'charge'>> = {
  0: 'nothing',
  1: 'nothing',
  2: 'lease',
  3: 'charge',
};

/** A lease cannot know whether an approval was used elsewhere, so such a call is charged. */
const takesOf = ({ tier, approval }: CountedCall): 'nothing' | 'lease' | 'charge' => {
  const takes = TAKES[tier] ?? 'charge';
  return takes === 'lease' && approval !== undefined ? 'charge' : takes;
};

/** Returns whether a call was left. Calls with a summed argument are charged one by one instead. */
function spend(lease: ActiveLease): boolean {
  if (lease.summed.length > 0) return true;
  if (lease.spent >= lease.calls) return false;
  lease.spent += 1;
  return true;
}

/** Unanswered charges to give back after an outage. Further ones count as spent. */
const OWED_MAX = 100;

/**
 * Takes from a workflow's budgets at a verifier, before an allowed call happens. Tiers 0 and 1 take
 * nothing: the issuer counts their records. Tier 2 spends calls that were leased in advance. Tier
 * 3, and any call with a summed argument or an approval, is charged exactly.
 */
export class Ledger {
  readonly #client: BudgetClient;
  readonly #now: Clock;
  readonly #report: Report;
  readonly #charged = new WeakMap<CountedCall, ChargeRequest | ActiveLease>();
  readonly #told = new WeakMap<CountedCall, ToldLabels>();
  /** Charges without an answer. */
  readonly #owed: ChargeRequest[] = [];
  readonly #leases = new Map<string, ActiveLease>();
  /** The summed arguments by workflow and tool, as far as the issuer has reported them. */
  readonly #summed = new Map<string, readonly string[]>();

  constructor(client: BudgetClient, now: Clock = readClock, reporter: Report = report) {
    this.#client = bounded(client);
    this.#now = now;
    this.#report = reporter;
  }

  /** Returns true if something was taken, so that the call's record is not counted again. */
  async take(call: CountedCall): Promise<Result<boolean, LedgerDenial>> {
    const takes = takesOf(call);
    if (takes === 'nothing') return ok(false);
    try {
      if (takes === 'charge') return await this.#charge(call);
      const leased = await this.#leased(call);
      if (!leased.ok) return asDenial(leased.error);
      if (leased.value.summed.length > 0) return await this.#charge(call);
      this.#charged.set(call, leased.value);
      const { labels } = leased.value;
      if (labels) this.#told.set(call, { labels, label: 'leased' });
      return ok(true);
    } catch (error) {
      this.#failed(takes, error);
      return refuse({ code: 'ledger_unavailable' });
    }
  }

  /** Returns the labels that came with what was taken; undefined if the issuer told none. */
  labelsFor(call: CountedCall): ToldLabels | undefined {
    return this.#told.get(call);
  }

  /**
   * Gives back what was taken for a call that was not made after all. Returns false if it counts as
   * spent, which the call's record then states.
   */
  async giveBack(call: CountedCall): Promise<boolean> {
    const charged = this.#charged.get(call);
    this.#charged.delete(call);
    if (!charged) return false;
    if ('spent' in charged) {
      // A lease that is settled already was settled with this call.
      const isHeld = this.#leases.get(keyOf(call.workflow, call.tool)) === charged;
      if (isHeld) charged.spent -= 1;
      return isHeld;
    }
    try {
      return await this.#client.giveBack(charged);
    } catch (error) {
      this.#failed('give_back', error);
      return false;
    }
  }

  /**
   * Settles leases that are over and gives back charges without an answer, for `ctx.waitUntil`.
   * What cannot be settled counts as spent.
   */
  async settle(): Promise<void> {
    const now = this.#now() / 1000;
    for (const [key, lease] of this.#leases) {
      const { id, workflow, calls, spent, summed } = lease;
      if (isRunning(lease, now) && spent < calls) continue;
      this.#leases.delete(key);
      if (summed.length > 0 || spent === calls) continue;
      try {
        await this.#client.settle(workflow, id, spent);
      } catch (error) {
        this.#failed('settle', error);
      }
    }
    await this.#giveBackOwed();
  }

  /**
   * Spends a call of a lease, and takes a new lease if there is none. Nothing is awaited between
   * the look and the count: of two calls at once, both would spend the last one.
   */
  async #leased(call: CountedCall): Promise<Result<ActiveLease, AccountRefusal>> {
    const { workflow, tool } = call;
    const key = keyOf(workflow, tool);
    const lease = this.#leases.get(key);
    const takenAt = this.#now() / 1000;
    const says = !call.withLabels || lease?.labels !== undefined;
    if (lease && says && isRunning(lease, takenAt) && spend(lease)) return ok(lease);
    const id = crypto.randomUUID();
    const leased = await this.#client.lease({ workflow, tool, lease: id, ...asking(call) });
    if (!leased.ok) return leased;
    const next: ActiveLease = { ...leased.value, id, workflow, takenAt, spent: 0 };
    // Another call may have leased in the meantime. The replaced lease counts as spent.
    if (this.#leases.size >= LEASES_HELD_MAX) this.#leases.clear();
    this.#leases.set(key, next);
    if (next.summed.length > 0) this.#learn(key, next.summed);
    if (!spend(next)) throw new Error('the issuer leased no calls');
    return ok(next);
  }

  /** Charges exactly once: a request without an answer is repeated with the same nonce. */
  async #charge(call: CountedCall): Promise<Result<boolean, LedgerDenial>> {
    const { workflow, tool, args, approval } = call;
    const key = keyOf(workflow, tool);
    for (;;) {
      const pointers = this.#summed.get(key) ?? [];
      const amounts = amountsOf(args, pointers);
      const nonce = crypto.randomUUID();
      const spent = approval === undefined ? {} : { approval };
      const order = { workflow, tool, nonce, amounts, ...spent, ...asking(call) };
      const charged = await this.#chargeOnce(order);
      if (charged.ok) {
        this.#charged.set(call, order);
        const { labels } = charged.value ?? {};
        if (labels) this.#told.set(call, { labels, label: 'exact' });
        return ok(true);
      }
      const { error } = charged;
      if (error.code !== 'budget_unmeasured' || pointers.includes(error.pointer)) {
        return asDenial(error);
      }
      // The issuer sums an argument that we did not measure: measure it and retry.
      this.#learn(key, [...pointers, error.pointer]);
    }
  }

  /** A charge without an answer may have been taken. Its call is not made, so it is given back. */
  async #chargeOnce(order: ChargeRequest) {
    try {
      return await this.#client.charge(order).catch(() => this.#client.charge(order));
    } catch (error) {
      if (this.#owed.length < OWED_MAX) this.#owed.push(order);
      throw error;
    }
  }

  async #giveBackOwed(): Promise<void> {
    for (let order = this.#owed.shift(); order; order = this.#owed.shift()) {
      try {
        await this.#client.giveBack(order);
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

/**
 * Requires that it was not taken in the future: after a clock step it could outlive a suspension.
 */
const isRunning = ({ takenAt, expires }: ActiveLease, now: UnixSeconds): boolean =>
  takenAt <= now && now < expires;

/** Returns a client that waits for an answer no longer than a caller can wait for its call. */
function bounded(client: BudgetClient): BudgetClient {
  const soon = <T>(answer: Promise<T>) => within(answer, LEDGER_MILLISECONDS_MAX);
  return {
    charge: (order) => soon(client.charge(order)),
    giveBack: (order) => soon(client.giveBack(order)),
    lease: (order) => soon(client.lease(order)),
    settle: (...account) => soon(client.settle(...account)),
  };
}

/** Only where it is needed: an earlier issuer refuses members that it does not know over HTTP. */
const asking = ({ withLabels }: CountedCall) => (withLabels ? { withLabels } : {});

const keyOf = (workflow: string, tool: string): string => `${workflow}\n${tool}`;

function asDenial(error: AccountRefusal): Result<never, LedgerDenial> {
  switch (error.code) {
    case 'too_many_leases':
    case 'charge_returned':
      return refuse({ code: 'ledger_unavailable' });
    case 'budget_exhausted':
    case 'budget_unmeasured':
    case 'workflow_stopped':
    case 'approval_used':
      return refuse(error);
  }
}

/** Returns the numbers at the pointers, in millionths. Leaves out values that are not numbers. */
function amountsOf(args: unknown, pointers: readonly string[]): Record<string, number> {
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
