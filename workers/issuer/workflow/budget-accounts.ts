import type { UnixSeconds } from '../../../src/clock.ts';
import {
  type AccountRefusal,
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
  charge(request: ChargeRequest, now: UnixSeconds): Result<null, AccountRefusal> {
    const known = this.#answerTo(request.nonce);
    if (known) return known;
    const answer = this.#charge(request, now);
    this.#remember(request, answer, now);
    return answer;
  }

  #charge(
    { workflow, tool, amounts, approval }: ChargeRequest,
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
    this.#rows.saveMeters(workflow, charged.value);
    this.#rows.touch(workflow, now);
    return ok(null);
  }

  /**
   * Gives a charge back, once, because its call was not made. A verifier is trusted here as it is
   * when it spends. Also true for a repeated request, and for an unknown charge, which will then
   * take nothing if it arrives late.
   */
  giveBack(request: ChargeRequest, now: UnixSeconds): boolean {
    const { workflow, nonce, tool, amounts } = request;
    const answer = this.#answerTo(nonce);
    if (answer && !answer.ok) return answer.error.code === 'charge_returned';
    const row = this.#rows.find(workflow);
    // An ended workflow has given its share back, and this charge counted as spent.
    if (!row || row.endedAt !== undefined) return false;
    const spends = spendsOf(row.meters, { tool, amounts });
    if (answer) {
      if (!spends.ok) return false;
      this.#rows.saveMeters(workflow, giveBackCharge(row.meters, spends.value));
    }
    this.#remember(request, refuse({ code: 'charge_returned' }), now);
    return true;
  }

  /** Remembers an answer. A spent approval is never forgotten for the sake of newer charges. */
  #remember(
    { nonce, approval }: ChargeRequest,
    answer: Result<null, AccountRefusal>,
    now: UnixSeconds,
  ): void {
    const others = this.#tree
      .read()
      .charges.filter((one) => one.nonce !== nonce && one.at >= now - CHARGE_SECONDS);
    const one: StoredCharge = {
      nonce,
      at: now,
      ...(!answer.ok && { refusal: answer.error }),
      ...(answer.ok && approval !== undefined && { approval }),
    };
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

  #answerTo(nonce: string): Result<null, AccountRefusal> | undefined {
    const known = this.#tree.read().charges.find((one) => one.nonce === nonce);
    return known && (known.refusal ? refuse(known.refusal) : ok(null));
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
