import type { UnixSeconds } from '../../../src/clock.ts';
import {
  commitHistory,
  HISTORY_SCOPES,
  type HistoryRule,
  type HistoryScope,
  refundHistory,
  reserveHistory,
  unmeasuredBy,
  watchedBy,
} from '../../../src/history/index.ts';
import {
  type AccountRefusal,
  type CallEnd,
  type Charged,
  type ChargeRequest,
  charge,
  giveBackCharge,
  type LeaseGrant,
  type LeaseRequest,
  lapse,
  settle,
  spendsOf,
  stateAt,
  summedPointers,
  takeLease,
} from '../../../src/lifecycle/index.ts';
import { APPROVED_CALL_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';
import type { StoredCharge, StoredLease } from './tree.ts';
import type { TreeRow } from './tree-row.ts';

/** Calls per lease: the number that a verifier may still allow after a suspension. */
const LEASE_CALLS = 20;
const LEASE_SECONDS = 30;
/** Open leases of one workflow: its verifiers times its tools. */
const LEASES_MAX = 256;
/** How long a lease may be settled after it lapsed, such as by a verifier that was cut off. */
const LAPSED_SECONDS = 3_600;
const LAPSED_MAX = 64;
/** How long a charge is remembered, which is longer than any retry. */
const CHARGE_SECONDS = 600;
/**
 * Charges that are remembered: ten seconds of a busy workflow, and a retry follows within three.
 */
const CHARGES_MAX = 256;
/**
 * How long an approval stays spent. Its block is valid for 60 s, and for 60 more at a verifier
 * whose clock is behind, so no verifier accepts it any longer.
 */
const APPROVAL_SPENT_SECONDS = 2 * (APPROVED_CALL_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX);

/**
 * The budgets of one object: what verifiers charge and lease before calls happen. Call every method
 * in a transaction.
 */
export class BudgetAccounts {
  readonly #tree: TreeRow;
  readonly #rows: WorkflowRows;

  constructor(tree: TreeRow, rows: WorkflowRows) {
    this.#tree = tree;
    this.#rows = rows;
  }

  /** Charges exactly, once for each nonce. A repeated request gets the stored answer. */
  charge(
    request: ChargeRequest,
    rules: readonly HistoryRule[],
    now: UnixSeconds,
  ): Result<Charged | null, AccountRefusal> {
    const known = this.#find(request.nonce);
    if (known) return answerOf(known);
    const { nonce, tool, approval } = request;
    const charged = this.#charge(request, rules, now);
    if (!charged.ok) {
      this.#remember({ nonce, at: now, refusal: charged.error }, now);
      return charged;
    }
    const scopes = scopesOf(rules, tool);
    const one: StoredCharge = {
      nonce,
      at: now,
      ...(approval !== undefined && { approval }),
      ...(awaitsEnd(rules, tool) && { awaitsEnd: true }),
      ...(scopes.length > 0 && { scopes, isPending: true }),
    };
    this.#remember(one, now);
    return answerOf(one);
  }

  #charge(
    { workflow, tool, amounts, approval, nonce, measured = {} }: ChargeRequest,
    rules: readonly HistoryRule[],
    now: UnixSeconds,
  ): Result<null, AccountRefusal> {
    if (approval !== undefined && this.#isSpent(approval)) return refuse({ code: 'approval_used' });
    const usable = this.#usable(workflow, now);
    if (!usable.ok) return usable;
    const { meters } = usable.value;
    const spends = spendsOf(meters, { tool, amounts });
    if (!spends.ok) return spends;
    const charged = charge(meters, spends.value);
    if (!charged.ok) return charged;
    const own = rules.filter(({ scope }) => scope === 'workflow');
    const call = { tool, nonce, measured };
    const unmeasured = unmeasuredBy(rules, call);
    if (unmeasured) return refuse(unmeasured);
    const history = reserveHistory(own, this.#tree.read().history, call, now);
    if (!history.ok) return history;
    this.#tree.change({ history: history.value });
    this.#rows.saveMeters(workflow, charged.value);
    this.#rows.touch(workflow, now);
    return ok(null);
  }

  /**
   * Returns the scopes that still have to judge a charge. Returns undefined if it was given back.
   */
  pendingScopes(nonce: string): readonly HistoryScope[] | undefined {
    const known = this.#find(nonce);
    if (known?.refusal) return undefined;
    return known?.isPending ? (known.scopes ?? []) : [];
  }

  /** Notes that every scope has taken the charge. */
  taken(nonce: string, now: UnixSeconds): void {
    const known = this.#find(nonce);
    if (!known) return;
    const { isPending: _, ...one } = known;
    this.#remember(one, now);
  }

  /** Takes a charge back that a scope refused. A repeated request gets the same refusal. */
  refused(request: ChargeRequest, refusal: AccountRefusal, now: UnixSeconds): void {
    const { nonce } = request;
    if (this.#find(nonce)?.refusal) return;
    this.#giveBack(request);
    this.#remember({ nonce, at: now, refusal }, now);
  }

  /** Notes how the call of a charge ended. */
  end(nonce: string, end: CallEnd): void {
    const { history } = this.#tree.read();
    const next = commitHistory(history, nonce, end);
    if (next !== history) this.#tree.change({ history: next });
  }

  /**
   * Gives a charge back, once, because its call was not made. A verifier is trusted here as it is
   * when it spends. Also true for a repeated request, and for an unknown charge, which will then
   * take nothing if it arrives late.
   */
  giveBack(request: ChargeRequest, now: UnixSeconds): boolean {
    const { nonce } = request;
    const known = this.#find(nonce);
    if (known?.refusal) return known.refusal.code === 'charge_returned';
    const isReturned = this.#giveBack(request, known !== undefined);
    const refusal = { code: 'charge_returned' } as const;
    const scopes = known?.scopes && { scopes: known.scopes };
    if (isReturned) this.#remember({ nonce, at: now, refusal, ...scopes }, now);
    return isReturned;
  }

  /** Returns the scopes that a charge was, or may have been, taken from. */
  scopesOf(nonce: string): readonly HistoryScope[] {
    return this.#find(nonce)?.scopes ?? [];
  }

  #giveBack({ workflow, nonce, tool, amounts }: ChargeRequest, isCharged = true): boolean {
    const row = this.#rows.find(workflow);
    // An ended workflow has given its share back, and this charge counted as spent.
    if (!row || row.endedAt !== undefined) return false;
    if (!isCharged) return true;
    const spends = spendsOf(row.meters, { tool, amounts });
    if (!spends.ok) return false;
    this.#rows.saveMeters(workflow, giveBackCharge(row.meters, spends.value));
    this.#tree.change({ history: refundHistory(this.#tree.read().history, nonce) });
    return true;
  }

  /** Remembers an answer. A spent approval is never forgotten for the sake of newer charges. */
  #remember(one: StoredCharge, now: UnixSeconds): void {
    const others = this.#tree
      .read()
      .charges.filter(({ nonce, at }) => nonce !== one.nonce && at >= now - CHARGE_SECONDS);
    const charges = [...others, one];
    const newest = new Set(charges.slice(-CHARGES_MAX));
    const isKept = (charge: StoredCharge): boolean =>
      newest.has(charge) ||
      (charge.approval !== undefined && charge.at >= now - APPROVAL_SPENT_SECONDS);
    this.#tree.change({ charges: charges.filter(isKept) });
  }

  /** Returns whether a call was charged with an approval and not given back. */
  #isSpent(approval: string): boolean {
    return this.#tree.read().charges.some((one) => one.approval === approval);
  }

  #find(nonce: string): StoredCharge | undefined {
    return this.#tree.read().charges.find((one) => one.nonce === nonce);
  }

  /** Reserves calls of one tool for a verifier, which spends them by itself. */
  lease(
    { workflow, tool, lease: id }: LeaseRequest,
    now: UnixSeconds,
  ): Result<LeaseGrant, AccountRefusal> {
    const usable = this.#usable(workflow, now);
    if (!usable.ok) return usable;
    const { leases } = this.#tree.read();
    const known = leases.find((one) => one.id === id);
    if (known) return ok({ calls: known.calls, expires: known.expires, summed: [] });
    const { meters } = usable.value;
    const expires = now + LEASE_SECONDS;
    const summed = summedPointers(meters, tool);
    this.#rows.touch(workflow, now);
    // Nothing to reserve: the answer states for how long the verifier need not ask again.
    if (meters.length === 0 || summed.length > 0) {
      return ok({ calls: summed.length > 0 ? 0 : LEASE_CALLS, expires, summed });
    }
    const open = leases.filter((one) => one.workflow === workflow && one.state === 'open');
    if (open.length >= LEASES_MAX) return refuse({ code: 'too_many_leases' });
    const leased = takeLease(meters, { id, tool, calls: LEASE_CALLS }, expires);
    if (!leased.ok) return leased;
    const { lease } = leased.value;
    this.#rows.saveMeters(workflow, leased.value.meters);
    this.#tree.change({ leases: kept([...this.#tree.read().leases, { ...lease, workflow }], now) });
    return ok({ calls: lease.calls, expires, summed });
  }

  /** Settles a lease with what the verifier spent, on time or late. Ignores unknown leases. */
  settle(id: string, spent: number): void {
    const lease = this.#tree.read().leases.find((one) => one.id === id);
    const row = lease && this.#rows.find(lease.workflow);
    if (!row) return;
    // An ended workflow has given its share back, and its leases counted as spent.
    if (row.endedAt !== undefined) return;
    this.#save(row, settle(row.meters, lease, spent));
  }

  /** Returns a workflow that may be used, with its lapsed leases counted as spent. */
  #usable(id: string, now: UnixSeconds): Result<WorkflowRow, AccountRefusal> {
    const row = this.#rows.find(id);
    const state = row ? stateAt(row.life, now) : 'unknown';
    // While a workflow is completing, its calls in flight may end.
    if (!row || (state !== 'active' && state !== 'completing')) {
      return refuse({ code: 'workflow_stopped', state });
    }
    const over = this.#tree
      .read()
      .leases.filter((one) => one.workflow === id && one.state === 'open' && one.expires < now);
    if (over.length === 0) return ok(row);
    let { meters } = row;
    for (const lease of over) {
      const lapsed = lapse(meters, lease);
      meters = lapsed.meters;
      this.#save(row, lapsed);
    }
    return ok({ ...row, meters });
  }

  #save({ life }: WorkflowRow, { meters, lease }: ReturnType<typeof lapse>): void {
    this.#rows.saveMeters(life.id, meters);
    const { id, state } = lease;
    const leases = this.#tree.read().leases.map((one) => (one.id === id ? { ...one, state } : one));
    this.#tree.change({ leases });
  }
}

const answerOf = ({ refusal, awaitsEnd }: StoredCharge): Result<Charged | null, AccountRefusal> => {
  if (refusal) return refuse(refusal);
  return ok(awaitsEnd ? { awaitsEnd } : null);
};

const awaitsEnd = (rules: readonly HistoryRule[], tool: string): boolean =>
  rules.some((rule) => watchedBy(rule).includes(tool));

/** The scopes whose rules bound a tool, in the order in which they are asked. */
const scopesOf = (rules: readonly HistoryRule[], tool: string): readonly HistoryScope[] =>
  HISTORY_SCOPES.filter(
    (scope) =>
      scope !== 'workflow' &&
      rules.some((rule) => rule.scope === scope && rule.tools.includes(tool)),
  );

/**
 * Forgets leases whose time is long over, so that the row stays small. A lapsed one counts as spent
 * from then on, however late its verifier reports.
 */
function kept(leases: readonly StoredLease[], now: UnixSeconds): readonly StoredLease[] {
  const isOver = ({ state, expires }: StoredLease): boolean =>
    (state === 'settled' && expires < now) ||
    (state === 'lapsed' && expires < now - LAPSED_SECONDS);
  const current = leases.filter((lease) => !isOver(lease));
  const lapsed = current.filter(({ state }) => state === 'lapsed').slice(0, -LAPSED_MAX);
  return current.filter((lease) => !lapsed.includes(lease));
}
