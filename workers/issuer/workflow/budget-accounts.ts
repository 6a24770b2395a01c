import {
  type AccountRefusal,
  type ChargeRequest,
  charge,
  giveBackCharge,
  type Lease,
  type LeaseGrant,
  type LeaseRequest,
  lapse,
  settle,
  spendsOf,
  stateAt,
  summedPointers,
  takeLease,
} from '../../../src/lifecycle/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { ANSWER } from './columns.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';

const LEASE_CALLS = 20; // Taken by a verifier at once: what it can overlook of a suspension.
const LEASE_SECONDS = 30;
const LEASES_MAX = 256; // Open ones of one workflow: verifiers times tools.
const CHARGE_SECONDS = 600; // How long a retry of the same charge is known; longer than any.

/** The meters of one object: what verifiers take of them before calls happen. */
export class BudgetAccounts {
  readonly #sql: SqlStorage;
  readonly #rows: WorkflowRows;

  constructor(sql: SqlStorage, rows: WorkflowRows) {
    this.#sql = sql;
    this.#rows = rows;
  }

  /** Takes exactly, once for each nonce; in a transaction of the caller's. */
  charge(order: ChargeRequest, now: number): Result<null, AccountRefusal> {
    const [known] = this.#sql
      .exec('SELECT answer FROM charge WHERE nonce = ?', order.nonce)
      .toArray();
    if (known) return ANSWER.read(known.answer);
    const answer = this.#charge(order, now);
    this.#sql.exec('DELETE FROM charge WHERE at < ?', now - CHARGE_SECONDS);
    this.#sql.exec(
      'INSERT INTO charge (nonce, answer, at) VALUES (?, ?, ?)',
      ...[order.nonce, ANSWER.write(answer), now],
    );
    return answer;
  }

  #charge({ workflow, tool, amounts }: ChargeRequest, now: number): Result<null, AccountRefusal> {
    const live = this.#live(workflow, now);
    if (!live.ok) return live;
    const { meters } = live.value;
    const spends = spendsOf(meters, { tool, amounts });
    if (!spends.ok) return spends;
    const taken = charge(meters, spends.value);
    if (!taken.ok) return taken;
    this.#rows.saveMeters(workflow, taken.value);
    this.#rows.touch(workflow, now);
    return ok(null);
  }

  /**
   * What a charge took, back, once: its call was not made. A verifier that is believed when it
   * spends is believed here. True also for one that asks again because it got no answer, and for a
   * charge that is not here, which then takes nothing if it comes late.
   */
  giveBack({ workflow, nonce, tool, amounts }: ChargeRequest, now: number): boolean {
    const [known] = this.#sql.exec('SELECT answer FROM charge WHERE nonce = ?', nonce).toArray();
    const answer = known && ANSWER.read(known.answer);
    if (answer && !answer.ok) return answer.error.code === 'charge_returned';
    const row = this.#rows.find(workflow);
    // What has ended has given its share back, with this counted as spent.
    if (!row || row.endedAt !== undefined) return false;
    const spends = spendsOf(row.meters, { tool, amounts });
    if (answer) {
      if (!spends.ok) return false;
      this.#rows.saveMeters(workflow, giveBackCharge(row.meters, spends.value));
    }
    this.#sql.exec(
      `INSERT INTO charge (nonce, answer, at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET answer = excluded.answer`,
      ...[nonce, ANSWER.write(refuse({ code: 'charge_returned' })), now],
    );
    return true;
  }

  /** Sets calls of one tool aside for a verifier, which spends them by itself. */
  lease(
    { workflow, tool, lease: id }: LeaseRequest,
    now: number,
  ): Result<LeaseGrant, AccountRefusal> {
    const live = this.#live(workflow, now);
    if (!live.ok) return live;
    const [known] = this.#sql.exec('SELECT * FROM lease WHERE id = ?', id).toArray();
    if (known) return ok({ ...readLease(known), summed: [] });
    const { meters } = live.value;
    const expires = now + LEASE_SECONDS;
    const summed = summedPointers(meters, tool);
    this.#rows.touch(workflow, now);
    // Nothing to count: the verifier is told for how long it need not ask again.
    if (meters.length === 0 || summed.length > 0) {
      return ok({ calls: summed.length > 0 ? 0 : LEASE_CALLS, expires, summed });
    }
    const { open } = this.#sql
      .exec("SELECT COUNT(*) AS open FROM lease WHERE workflow = ? AND state = 'open'", workflow)
      .one();
    if (Number(open) >= LEASES_MAX) return refuse({ code: 'too_many_leases' });
    const taken = takeLease(meters, { id, tool, calls: LEASE_CALLS }, expires);
    if (!taken.ok) return taken;
    const { lease } = taken.value;
    this.#rows.saveMeters(workflow, taken.value.meters);
    this.#sql.exec(
      'INSERT INTO lease (id, workflow, tool, calls, expires, state) VALUES (?, ?, ?, ?, ?, ?)',
      ...[id, workflow, tool, lease.calls, expires, lease.state],
    );
    return ok({ calls: lease.calls, expires, summed });
  }

  /** A verifier's account of a lease, on time or late. One that is not known changes nothing. */
  settle(id: string, spent: number): void {
    const [stored] = this.#sql.exec('SELECT * FROM lease WHERE id = ?', id).toArray();
    const row = stored && this.#rows.find(String(stored.workflow));
    if (!row) return;
    // What has ended has given its share back, with its leases counted as spent.
    if (row.endedAt !== undefined) return;
    this.#save(row, settle(row.meters, readLease(stored), spent));
  }

  /** The workflow with what its lapsed leases took, where it may still be used. */
  #live(id: string, now: number): Result<WorkflowRow, AccountRefusal> {
    const row = this.#rows.find(id);
    const state = row ? stateAt(row.life, now) : 'unknown';
    // What is in flight while a workflow completes may end.
    if (!row || (state !== 'active' && state !== 'completing')) {
      return refuse({ code: 'workflow_stopped', state });
    }
    const over = this.#sql
      .exec(
        "SELECT * FROM lease WHERE workflow = ? AND state = 'open' AND expires < ?",
        ...[id, now],
      )
      .toArray();
    if (over.length === 0) return ok(row);
    let { meters } = row;
    for (const stored of over) {
      const lapsed = lapse(meters, readLease(stored));
      meters = lapsed.meters;
      this.#save(row, lapsed);
    }
    return ok({ ...row, meters });
  }

  #save({ life }: WorkflowRow, { meters, lease }: ReturnType<typeof lapse>): void {
    this.#rows.saveMeters(life.id, meters);
    this.#sql.exec('UPDATE lease SET state = ? WHERE id = ?', lease.state, lease.id);
  }
}

const readLease = (row: Record<string, SqlStorageValue>): Lease => ({
  id: String(row.id),
  tool: String(row.tool),
  calls: Number(row.calls),
  expires: Number(row.expires),
  state: row.state as Lease['state'],
});
