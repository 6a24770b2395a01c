import { DurableObject } from 'cloudflare:workers';
import {
  type ApprovalAskedRecord,
  type ApprovalDecidedRecord,
  writable,
} from '../../../src/audit/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import {
  APPROVAL_INTERVAL_SECONDS,
  APPROVAL_KEPT_SECONDS,
  AUDIT_ANSWER_MILLISECONDS,
  OWED_RETRY_MILLISECONDS_MAX,
  OWED_RETRY_MILLISECONDS_MIN,
} from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import { OwedRecords } from '../audit/owed-records.ts';
import { auditLog, type IssuerEnv } from '../platform/config.ts';
import type { ApprovalsBinding, Asking } from './binding.ts';
import { QUESTION } from './columns.ts';
import {
  type ApprovalOrder,
  type ApprovalRefusal,
  type Approved,
  checkOrder,
  judgePoll,
  type OrderRefusal,
  stateAt,
  type Waiting,
  waiting,
} from './decide.ts';
import { type ApprovalRow, ApprovalTable, type ApprovalView, toView } from './table.ts';

const APPROVAL_PENDING_SECONDS = 600;

/**
 * What waits for a person, and the answers. One object for a tenant and not one for each question:
 * people read one list, and the bound on how much one agent may ask holds only where all it asks is
 * in one place. What passes through is bounded by what people can read.
 */
export class Approvals extends DurableObject<IssuerEnv> implements ApprovalsBinding {
  readonly #table: ApprovalTable;
  readonly #owed: OwedRecords;
  /** Alarms in a row that left an approval unrecorded. */
  #failures = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#table = new ApprovalTable(ctx.storage);
    this.#owed = new OwedRecords(ctx.storage.sql, () => this.env);
  }

  /**
   * Asks, and answers with what to wait for. The same question of the same agent is asked once: a
   * second one waits for the same answer, and one that was refused stays refused for an hour.
   */
  async ask(asking: Asking): Promise<Result<Waiting, ApprovalRefusal>> {
    const early = this.#answered(asking);
    if (early) return early;
    const { id, digest, question, who, what } = asking;
    const asked = readSeconds();
    const deadline = asked + APPROVAL_PENDING_SECONDS;
    const record: ApprovalAskedRecord = {
      event: 'approval_asked',
      id: `${id}.asked`,
      at: readClock(),
      approval: id,
      digest,
      ...who,
      ...what,
      expires: deadline,
    };
    await auditLog(this.env).append([record]);
    // Looked at again: the same question may have come twice while the record was written.
    const late = this.#answered(asking);
    if (late) return late;
    this.#table.insert({ id, agent: who.agent, digest, question, asked, deadline });
    await this.#wakeInTime();
    return ok({ id, interval: APPROVAL_INTERVAL_SECONDS, expiresIn: APPROVAL_PENDING_SECONDS });
  }

  /** A poll with the question as it is now. What is approved is used up by the answer. */
  poll(poll: { id: string; agent: string; digest: string }): Result<Approved, ApprovalRefusal> {
    const now = readClock();
    return this.ctx.storage.transactionSync(() => {
      const judged = judgePoll(this.#table.row(poll.id)?.held, { ...poll, now });
      if (judged.ok) this.#table.move(poll.id, 'used', keptUntil(now));
      else if ('interval' in judged.error) {
        this.#table.polled(poll.id, judged.error.interval, now);
      }
      return judged;
    });
  }

  /**
   * A person's answer. A refusal counts at once, and is recorded afterwards. An approval is stored
   * with an alarm; then comes the audit record, then the state: a crash between two leaves the
   * alarm to finish it. The same order again is no error.
   */
  async decide(
    order: ApprovalOrder,
  ): Promise<Result<ApprovalView, OrderRefusal | { readonly code: 'audit_unavailable' }>> {
    const now = readClock();
    const row = this.#table.row(order.id);
    const checked = checkOrder(row?.held, order, now);
    if (!checked.ok) return checked;
    if (row && checked.value) this.#order(row, order, now);
    const isFinished = await this.#finish(order.id);
    await this.#wakeInTime();
    if (!isFinished) return refuse({ code: 'audit_unavailable' });
    const view = this.view(order.id);
    if (!view) return refuse({ code: 'approval_unknown' });
    // Taken back while it was recorded.
    if (view.decision?.decision !== order.decision) {
      return refuse({ code: 'approval_ended', state: view.state });
    }
    return ok(view);
  }

  /** Stores an order, and an alarm with it. */
  #order({ held, question }: ApprovalRow, order: ApprovalOrder, now: number): void {
    const { id, ...answer } = order;
    const { agent, subject, owner, task, workflow } = QUESTION.read(question);
    const record: ApprovalDecidedRecord = {
      event: 'approval_decided',
      id: held.decision ? `${id}.withdrawn` : `${id}.decided`,
      at: now,
      approval: id,
      agent,
      subject,
      owner,
      task,
      ...(workflow !== undefined && { workflow }),
      ...answer,
    };
    this.ctx.storage.transactionSync(() => {
      this.#table.order(id, record);
      if (answer.decision !== 'refuse') return;
      // What is taken back was approved: that is on record, too, also where it never counted.
      if (held.decision) this.#owed.add(held.decision);
      this.#owed.add(record);
      this.#table.move(id, 'refused', keptUntil(now));
    });
    void this.ctx.storage.setAlarm(now + OWED_RETRY_MILLISECONDS_MIN);
  }

  /** Undefined for an id of which nothing is kept. */
  view(id: string): ApprovalView | undefined {
    const row = this.#table.row(id);
    return row && toView(row, readClock());
  }

  /** What waits, in the order of asking, after `after`; at most a page. `pending` counts all. */
  list(after: number): { approvals: readonly ApprovalView[]; pending: number } {
    const now = readClock();
    const { rows, count } = this.#table.open(after, Math.floor(now / 1000));
    return { approvals: rows.map((row) => toView(row, now)), pending: count };
  }

  /** Finishes what a crash or the log left, and ends and forgets what is over. */
  override async alarm(): Promise<void> {
    try {
      this.ctx.storage.transactionSync(() => this.#table.purge(readSeconds()));
      await this.#owed.deliver();
      await Promise.all(this.#table.ordered().map((id) => this.#finish(id)));
    } finally {
      this.#failures = this.#table.ordered().length > 0 ? this.#failures + 1 : 0;
      await this.#wakeInTime();
    }
  }

  /** Whether the answer counts now; an approval that could not be recorded stays ordered. */
  async #finish(id: string): Promise<boolean> {
    const { decision, state } = this.#table.row(id)?.held ?? {};
    if (!decision) throw new Error('an answer is finished that was never ordered');
    // As a release before has left it; of this one a refusal has its state with its order.
    if (decision.until === undefined && state === 'pending') {
      this.ctx.storage.transactionSync(() => {
        this.#owed.add(decision);
        this.#table.move(id, 'refused', keptUntil(readClock()));
      });
    }
    if (decision.until === undefined) {
      await this.#owed.isWritten(decision.id);
      return true;
    }
    try {
      const append = auditLog(this.env).append([writable(decision)]);
      await within(append, AUDIT_ANSWER_MILLISECONDS);
    } catch (error) {
      report('approval.unrecorded', { approval: id, why: (error as Error).message });
      return this.#table.row(id)?.held.state !== 'pending';
    }
    // It may have been finished, used or taken back while the record was written.
    const { held } = this.#table.row(id) ?? {};
    if (held?.state === 'pending' && held.decision?.id === decision.id) {
      this.#table.move(id, 'approved', decision.until);
    }
    return true;
  }

  /** What the agent is told without asking anybody; undefined where a person is to be asked. */
  #answered({ who, digest }: Asking): Result<Waiting, ApprovalRefusal> | undefined {
    const now = readClock();
    for (const held of this.#table.sameAs(who.agent, digest)) {
      const state = stateAt(held, now);
      if (state === 'pending' || state === 'approved') return ok(waiting(held, now));
      if (state === 'refused') return refuse({ code: 'approval_refused' });
    }
    return this.#table.isTooMuch(who.agent, Math.floor(now / 1000))
      ? refuse({ code: 'approvals_exhausted' })
      : undefined;
  }

  async #wakeInTime(): Promise<void> {
    const now = readClock();
    const due: number[] = [];
    const next = this.#table.nextDeadline();
    if (next !== undefined) due.push(Math.max(now + 2_000, (next + 1) * 1000));
    const owed = this.#owed.dueAt(now);
    if (owed !== undefined) due.push(owed);
    if (this.#table.ordered().length > 0) {
      const wait = OWED_RETRY_MILLISECONDS_MIN * 2 ** Math.min(this.#failures, 30);
      due.push(now + Math.min(wait, OWED_RETRY_MILLISECONDS_MAX));
    }
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
  }
}

/** What has ended is kept for a while: for whoever asks what became of it, or asks it again. */
const keptUntil = (now: number): number => Math.floor(now / 1000) + APPROVAL_KEPT_SECONDS;
