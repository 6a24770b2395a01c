import { DurableObject } from 'cloudflare:workers';
import {
  type ApprovalAskedRecord,
  type ApprovalDecidedRecord,
  hashable,
} from '../../../src/audit/index.ts';
import {
  readClock,
  readSeconds,
  toMilliseconds,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
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
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { type SchemaVersion, schemaVersionOf } from '../platform/sqlite.ts';
import { notify } from '../watchdog/notify.ts';
import { ApprovedValues } from './approved-values.ts';
import type { ApprovalsBinding, QuestionRequest } from './binding.ts';
import { QUESTION } from './columns.ts';
import { askedNotice } from './notice.ts';
import { type ApprovalRow, ApprovalRows, type ApprovalView, toView } from './rows.ts';
import { approvalsSchema } from './schema.ts';
import {
  type AnswerRefusal,
  type ApprovalAnswer,
  type ApprovalRefusal,
  type Approved,
  checkAnswer,
  decidePoll,
  type PendingApproval,
  type SignedBlock,
  stateAt,
  toPending,
} from './state.ts';
import { type Suggestion, suggestionsOf } from './suggestions.ts';
import { type Waited, Waits } from './waits.ts';

const APPROVAL_PENDING_SECONDS = 600; // How long a person has to answer.

/**
 * The questions to people, and their answers. One object holds all of them: people read one list,
 * and the limit on one agent's questions can only be counted in one place. What people can read
 * bounds the load.
 */
export class Approvals extends DurableObject<IssuerEnv> implements ApprovalsBinding {
  readonly #rows: ApprovalRows;
  readonly #owed: OwedRecords;
  readonly #values: ApprovedValues;
  readonly #waits = new Waits();
  /** Consecutive alarms that left an approval unrecorded. */
  #failures = 0;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    this.#rows = new ApprovalRows(ctx.storage, (id) => this.#waits.wake(id));
    this.#values = new ApprovedValues(ctx.storage.sql);
    this.#owed = OwedRecords.inTable(ctx.storage.sql, () => this.env);
  }

  /** Returns the version of its storage. */
  schemaVersion(): SchemaVersion {
    return schemaVersionOf(this.ctx.storage, approvalsSchema);
  }

  /**
   * Asks a question and returns what to poll with. The same question of the same agent is asked
   * once: a second request waits for the same answer, and a refusal stands for an hour.
   */
  async ask(request: QuestionRequest): Promise<Result<PendingApproval, ApprovalRefusal>> {
    const earlier = this.#existingAnswer(request);
    if (earlier) return earlier;
    const { id, digest, question, who, what } = request;
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
    await appendRecords(this.env, [record]);
    // Again: the same question may have arrived a second time while the record was written.
    const concurrent = this.#existingAnswer(request);
    if (concurrent) return concurrent;
    this.#rows.insert({ id, agent: who.agent, digest, question, asked, deadline });
    await this.#setAlarm();
    this.ctx.waitUntil(notify(this.env, askedNotice(record)));
    return ok({ id, interval: APPROVAL_INTERVAL_SECONDS, expiresIn: APPROVAL_PENDING_SECONDS });
  }

  /** Answers a poll with the current question. Returning an approval uses it up. */
  poll(poll: { id: string; agent: string; digest: string }): Result<Approved, ApprovalRefusal> {
    const now = readClock();
    return this.ctx.storage.transactionSync(() => {
      const decided = decidePoll(this.#rows.find(poll.id)?.approval, { ...poll, now });
      if (decided.ok) this.#rows.setState(poll.id, 'used', keptUntil(now));
      else if ('interval' in decided.error) {
        this.#rows.savePoll(poll.id, decided.error.interval, now);
      }
      return decided;
    });
  }

  /**
   * Waits until a question is no longer open. It tells no answer and uses nothing up: a request
   * that its client has left in the meantime must not collect.
   */
  async whenAnswered(id: string, agent: string, milliseconds: number): Promise<Waited> {
    const { approval } = this.#rows.find(id) ?? {};
    if (approval?.agent !== agent || stateAt(approval, readClock()) !== 'pending') {
      return 'answered';
    }
    return this.#waits.until(id, agent, milliseconds);
  }

  /**
   * Takes a person's answer. A refusal counts at once and is recorded afterwards. An approval is
   * stored with an alarm, then recorded, and counts only then: after a crash between two of these
   * steps, the alarm finishes them. Repeating the same answer is not an error.
   */
  async decide(
    answer: ApprovalAnswer,
  ): Promise<Result<ApprovalView, AnswerRefusal | { readonly code: 'audit_unavailable' }>> {
    const now = readClock();
    const row = this.#rows.find(answer.id);
    const checked = checkAnswer(row?.approval, answer, now);
    if (!checked.ok) return checked;
    if (row && checked.value) this.#store(row, answer, now);
    const isFinished = await this.#finish(answer.id);
    await this.#setAlarm();
    if (!isFinished) return refuse({ code: 'audit_unavailable' });
    const view = this.view(answer.id);
    if (!view) return refuse({ code: 'approval_unknown' });
    // It was withdrawn while its record was written.
    if (view.decision?.decision !== answer.decision) {
      return refuse({ code: 'approval_ended', state: view.state });
    }
    return ok(view);
  }

  /** Stores an answer, and an alarm with it. */
  #store({ approval, question }: ApprovalRow, answer: ApprovalAnswer, now: UnixMilliseconds): void {
    const { id, ...given } = answer;
    const { agent, subject, owner, task, workflow } = QUESTION.read(question);
    const record: ApprovalDecidedRecord = {
      event: 'approval_decided',
      id: approval.decision ? `${id}.withdrawn` : `${id}.decided`,
      at: now,
      approval: id,
      agent,
      subject,
      owner,
      task,
      ...(workflow !== undefined && { workflow }),
      ...given,
    };
    this.ctx.storage.transactionSync(() => {
      this.#rows.saveDecision(id, record);
      if (given.decision !== 'refuse') return;
      // A withdrawn approval is recorded as well, even if it never counted.
      if (approval.decision) this.#owed.add(approval.decision);
      this.#owed.add(record);
      // A used approval stays used: what may still be called with it, the feed stops.
      if (approval.state !== 'used') this.#rows.setState(id, 'refused', keptUntil(now));
    });
    void this.ctx.storage.setAlarm(now + OWED_RETRY_MILLISECONDS_MIN);
  }

  /** Notes the block by which the agent may make the approved calls, before the agent has it. */
  noteSigned(id: string, signed: SignedBlock): void {
    this.#rows.saveSigned(id, signed);
  }

  /** Returns the destinations that one person has approved again and again. */
  suggestions(): readonly Suggestion[] {
    return suggestionsOf(this.#values, this.#rows, readSeconds());
  }

  /** Returns an approval; undefined if nothing is stored under this id. */
  view(id: string): ApprovalView | undefined {
    const row = this.#rows.find(id);
    return row && this.#viewOf(row);
  }

  #viewOf(row: ApprovalRow): ApprovalView {
    const now = readClock();
    const { agent, calls = [] } = QUESTION.read(row.question);
    return toView(row, now, this.#values.known(agent, calls, toSeconds(now)));
  }

  /** Returns a page of pending questions, oldest first, after `after`. `pending` counts all. */
  list(after: number): { approvals: readonly ApprovalView[]; pending: number } {
    const { rows, count } = this.#rows.listPending(after, readSeconds());
    return { approvals: rows.map((row) => this.#viewOf(row)), pending: count };
  }

  /** Finishes what a crash or the audit log left undone, and ends and deletes what is over. */
  override async alarm(): Promise<void> {
    try {
      this.ctx.storage.transactionSync(() => this.#rows.purge(readSeconds()));
      await this.#owed.deliver();
      await Promise.all(this.#rows.unrecorded().map((id) => this.#finish(id)));
    } finally {
      this.#failures = this.#rows.unrecorded().length > 0 ? this.#failures + 1 : 0;
      await this.#setAlarm();
    }
  }

  /** Makes a stored answer count, and returns whether it does. An approval is recorded first. */
  async #finish(id: string): Promise<boolean> {
    const { decision, state } = this.#rows.find(id)?.approval ?? {};
    if (!decision) throw new Error('an answer is finished that was never stored');
    // An earlier release stored a refusal without its state; this one stores both together.
    if (decision.until === undefined && state === 'pending') {
      this.ctx.storage.transactionSync(() => {
        this.#owed.add(decision);
        this.#rows.setState(id, 'refused', keptUntil(readClock()));
      });
    }
    if (decision.until === undefined) {
      await this.#owed.isWritten(decision.id);
      return true;
    }
    try {
      const append = appendRecords(this.env, [hashable(decision)]);
      await within(append, AUDIT_ANSWER_MILLISECONDS);
    } catch (error) {
      report('approval.unrecorded', { approval: id, why: (error as Error).message });
      return this.#rows.find(id)?.approval.state !== 'pending';
    }
    // It may have been finished, used or withdrawn while the record was written.
    const row = this.#rows.find(id);
    if (row?.approval.state === 'pending' && row.approval.decision?.id === decision.id) {
      this.#approve(row, decision.by, decision.until);
    }
    return true;
  }

  /** Makes an approval count, and remembers the destinations of the calls that it is for. */
  #approve({ approval, question }: ApprovalRow, by: string, until: UnixSeconds): void {
    const { agent, calls = [] } = QUESTION.read(question);
    this.ctx.storage.transactionSync(() => {
      this.#rows.setState(approval.id, 'approved', until);
      this.#values.remember(agent, calls, by, readSeconds());
    });
  }

  /** Returns what the agent gets without a new question; undefined if a person must be asked. */
  #existingAnswer({
    who,
    digest,
  }: QuestionRequest): Result<PendingApproval, ApprovalRefusal> | undefined {
    const now = readClock();
    for (const approval of this.#rows.findSame(who.agent, digest)) {
      const state = stateAt(approval, now);
      if (state === 'pending' || state === 'approved') return ok(toPending(approval, now));
      if (state === 'refused') return refuse({ code: 'approval_refused' });
    }
    return this.#rows.isAtLimit(who.agent, toSeconds(now))
      ? refuse({ code: 'approvals_exhausted' })
      : undefined;
  }

  /** Sets the alarm to the next deadline or the next attempt to record something. */
  async #setAlarm(): Promise<void> {
    const now = readClock();
    const due: UnixMilliseconds[] = [];
    const next = this.#rows.nextDeadline();
    if (next !== undefined) due.push(Math.max(now + 2_000, toMilliseconds(next + 1)));
    const owed = this.#owed.dueAt(now);
    if (owed !== undefined) due.push(owed);
    if (this.#rows.unrecorded().length > 0) {
      const wait = OWED_RETRY_MILLISECONDS_MIN * 2 ** Math.min(this.#failures, 30);
      due.push(now + Math.min(wait, OWED_RETRY_MILLISECONDS_MAX));
    }
    if (due.length > 0) await this.ctx.storage.setAlarm(Math.min(...due));
  }
}

/** An ended approval is kept for agents that poll for it or ask the same question again. */
const keptUntil = (now: UnixMilliseconds): UnixSeconds => toSeconds(now) + APPROVAL_KEPT_SECONDS;
