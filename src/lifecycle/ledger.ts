import { type Clock, readClock, type UnixSeconds } from '../clock.ts';
import { measure } from '../history/index.ts';
import { type Report, report } from '../report.ts';
import { ok, type Result, refuse } from '../result.ts';
import type {
  AccountRefusal,
  BudgetClient,
  CallEnd,
  ChargeRequest,
  LeaseGrant,
  LedgerDenial,
} from './budget-client.ts';
import { amountsOf, asDenial, bounded, hasNew } from './charging.ts';

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
  readonly withLabels?: true | 'with_earlier';
  /** The catalogue has rules over history for its tool, so it is charged, whatever its tier. */
  readonly history?: true;
}

/** The labels of a workflow's family, as the issuer told them. */
export interface ToldLabels {
  readonly labels: readonly string[];
  /** As of this call, or as of the lease that it spends. */
  readonly label: 'exact' | 'leased';
}

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
const takesOf = ({ tier, approval, history }: CountedCall): 'nothing' | 'lease' | 'charge' => {
  const takes = history ? 'charge' : (TAKES[tier] ?? 'charge');
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
  /** The arguments that the issuer has asked for, by workflow and tool. */
  readonly #asked = new Map<string, Asked>();
  /** The charges of calls whose end the issuer waits for. */
  readonly #awaited = new WeakMap<CountedCall, ChargeRequest>();
  /** Ends that were not reported yet. */
  readonly #ends: { readonly order: ChargeRequest; readonly end: CallEnd }[] = [];

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

  /** Returns the labels that came with what was taken. Returns undefined if there were none. */
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
    await this.#reportEnds();
  }

  /** Notes how a call ended that `take` took. `settle` reports it, if a rule waits for it. */
  ended(call: CountedCall, end: CallEnd): void {
    const order = this.#awaited.get(call);
    this.#awaited.delete(call);
    // Beyond it, the oldest stay open, which permits nothing and forbids what a failure forbids.
    if (order && this.#ends.push({ order, end }) > OWED_MAX) this.#ends.shift();
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
    if (next.summed.length > 0) this.#learn(key, { summed: next.summed });
    if (!spend(next)) throw new Error('the issuer leased no calls');
    return ok(next);
  }

  /** Charges exactly once: a request without an answer is repeated with the same nonce. */
  async #charge(call: CountedCall): Promise<Result<boolean, LedgerDenial>> {
    const { workflow, tool, args, approval, history } = call;
    const key = keyOf(workflow, tool);
    // What this call may need must not be behind it: an agent acts on an answer at once.
    if (history) await this.#reportEnds(workflow);
    for (let wanted: readonly string[] = []; ; ) {
      const { summed = [], measured: known = [] } = this.#asked.get(key) ?? {};
      const measured = [...new Set([...known, ...wanted])];
      const order: ChargeRequest = {
        workflow,
        tool,
        nonce: crypto.randomUUID(),
        amounts: amountsOf(args, summed),
        ...(approval !== undefined && { approval }),
        ...asking(call),
        ...(history && { history }),
        ...(measured.length > 0 && { measured: measure(args, measured) }),
      };
      const charged = await this.#chargeOnce(order);
      if (charged.ok) {
        this.#charged.set(call, order);
        const { labels, awaitsEnd } = charged.value ?? {};
        if (labels) this.#told.set(call, { labels, label: 'exact' });
        if (awaitsEnd) this.#awaited.set(call, order);
        return ok(true);
      }
      // The issuer reads an argument that we did not measure: measure it and retry.
      const { error } = charged;
      if (error.code === 'budget_unmeasured' && !summed.includes(error.pointer)) {
        this.#learn(key, { summed: [...summed, error.pointer] });
      } else if (error.code === 'history_unmeasured' && hasNew(measured, error.pointers)) {
        // Two scopes may ask for different arguments. In turns, they would ask without an end.
        wanted = [...wanted, ...error.pointers];
        this.#learn(key, { measured: wanted });
      } else return asDenial(error);
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

  /** Reports the ends of calls, or those of one workflow. What fails is tried again later. */
  async #reportEnds(workflow?: string): Promise<void> {
    const own = this.#ends.filter(({ order }) => (workflow ?? order.workflow) === order.workflow);
    for (const one of own) {
      try {
        await this.#client.end(one.order, one.end);
      } catch (error) {
        return this.#failed('end', error);
      }
      // Another request may have reported it meanwhile.
      const place = this.#ends.indexOf(one);
      if (place >= 0) this.#ends.splice(place, 1);
    }
  }

  #failed(code: 'lease' | 'charge' | 'settle' | 'give_back' | 'end', error: unknown): void {
    const name = error instanceof Error ? error.name : typeof error;
    this.#report('ledger.failed', { code, error: name });
  }

  #learn(key: string, asked: Asked): void {
    const known = this.#asked.get(key);
    if (this.#asked.size >= LEASES_HELD_MAX) this.#asked.clear();
    this.#asked.set(key, { ...known, ...asked });
  }
}

/** Pointers to arguments of a tool. */
interface Asked {
  /** For the budgets of the workflow. */
  readonly summed?: readonly string[];
  /** For the rules over history. A later version of them may ask for others. */
  readonly measured?: readonly string[];
}

/**
 * Requires that it was not taken in the future: after a clock step it could outlive a suspension.
 */
const isRunning = ({ takenAt, expires }: ActiveLease, now: UnixSeconds): boolean =>
  takenAt <= now && now < expires;

/** Only where it is needed: an earlier issuer refuses members that it does not know over HTTP. */
const asking = ({ withLabels }: CountedCall) => (withLabels ? { withLabels } : {});

const keyOf = (workflow: string, tool: string): string => `${workflow}\n${tool}`;
