import { DurableObject } from 'cloudflare:workers';
import type { ApprovalAskedRecord, ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import {
  APPROVAL_INTERVAL_SECONDS,
  APPROVAL_KEPT_SECONDS,
  APPROVAL_PENDING_SECONDS,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { auditLog, type IssuerEnv } from '../platform/config.ts';
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
import { ApprovalTable, type ApprovalView, toView } from './table.ts';

/** What is asked, as the agent's proven request and the policy say it. */
export interface Asking {
  /** A fresh id; not taken where the same question is open already. */
  readonly id: string;
  readonly digest: string;
  /** The canonical text that the digest is of. */
  readonly question: string;
  readonly who: Pick<ApprovalAskedRecord, 'workflow' | 'subject' | 'owner' | 'task'> & {
    readonly agent: string;
  };
  readonly what: Pick<ApprovalAskedRecord, 'audience' | 'grants' | 'stepUp' | 'holder'>;
}

/**
 * What waits for a person, and the answers. One object for a tenant and not one for each question:
 * people read one list, and the bound on how much one agent may ask holds only where all it asks is
 * in one place. What passes through is bounded by what people can read.
 */
export class Approvals extends DurableObject<IssuerEnv> {
  readonly #table: ApprovalTable;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#table = new ApprovalTable(ctx.storage);
  }

  /**
   * Asks, and answers with what to wait for. The same question of the same agent is asked once: a
   * second one waits for the same answer, and one that was refused stays refused for an hour.
   */
  async ask(asking: Asking): Promise<Result<Waiting, ApprovalRefusal>> {
    const early = this.#answered(asking);
    if (early) return early;
    const { id, digest, question, who, what } = asking;
    const asked = Math.floor(Date.now() / 1000);
    const deadline = asked + APPROVAL_PENDING_SECONDS;
    const record: ApprovalAskedRecord = {
      event: 'approval_asked',
      id: `${id}.asked`,
      at: Date.now(),
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
    const now = Date.now();
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
   * A person's answer. The order is stored first, with an alarm; then the audit record, then the
   * state: a crash between two leaves the alarm to finish it. The same order again is no error.
   */
  async decide(order: ApprovalOrder): Promise<Result<ApprovalView, OrderRefusal>> {
    const now = Date.now();
    const row = this.#table.row(order.id);
    const checked = checkOrder(row?.held, order, now);
    if (!checked.ok) return checked;
    if (row && checked.value) {
      const { id, ...answer } = order;
      const { agent, subject, owner, task, workflow } = QUESTION.read(row.question);
      const record: ApprovalDecidedRecord = {
        event: 'approval_decided',
        id: `${id}.decided`,
        at: now,
        approval: id,
        agent,
        subject,
        owner,
        task,
        ...(workflow !== undefined && { workflow }),
        ...answer,
      };
      this.#table.order(id, record);
      await this.ctx.storage.setAlarm(now + 2_000);
    }
    await this.#finish(order.id);
    const view = this.view(order.id);
    return view ? ok(view) : refuse({ code: 'approval_unknown' });
  }

  /** Undefined for an id of which nothing is kept. */
  view(id: string): ApprovalView | undefined {
    const row = this.#table.row(id);
    return row && toView(row, Date.now());
  }

  /** What waits, in the order of asking, after `after`; at most a page. `pending` counts all. */
  list(after: number): { approvals: readonly ApprovalView[]; pending: number } {
    const now = Date.now();
    const { rows, count } = this.#table.open(after, Math.floor(now / 1000));
    return { approvals: rows.map((row) => toView(row, now)), pending: count };
  }

  /** Finishes what a crash left, and ends and forgets what is over. */
  override async alarm(): Promise<void> {
    for (const id of this.#table.ordered()) await this.#finish(id);
    this.ctx.storage.transactionSync(() => this.#table.purge(Math.floor(Date.now() / 1000)));
    await this.#wakeInTime();
  }

  async #finish(id: string): Promise<void> {
    const decision = this.#table.row(id)?.held.decision;
    if (!decision) throw new Error('an answer is finished that was never ordered');
    await auditLog(this.env).append([decision]);
    // It may have been finished, and even used, while the record was written.
    if (this.#table.row(id)?.held.state === 'pending') {
      const { until } = decision;
      if (until === undefined) this.#table.move(id, 'refused', keptUntil(Date.now()));
      else this.#table.move(id, 'approved', until);
    }
    await this.#wakeInTime();
  }

  /** What the agent is told without asking anybody; undefined where a person is to be asked. */
  #answered({ who, digest }: Asking): Result<Waiting, ApprovalRefusal> | undefined {
    const now = Date.now();
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
    const next = this.#table.nextDeadline();
    if (next === undefined) return;
    await this.ctx.storage.setAlarm(Math.max(Date.now() + 2_000, (next + 1) * 1000));
  }
}

/** What has ended is kept for a while: for whoever asks what became of it, or asks it again. */
const keptUntil = (now: number): number => Math.floor(now / 1000) + APPROVAL_KEPT_SECONDS;
