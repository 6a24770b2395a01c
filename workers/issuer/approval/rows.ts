import type { KnownArgument } from '../../../src/approval/index.ts';
import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds, UnixSeconds } from '../../../src/clock.ts';
import { APPROVAL_INTERVAL_SECONDS, APPROVAL_KEPT_SECONDS } from '../../../src/limits.ts';
import { migrate } from '../platform/sqlite.ts';
import { DECISION } from './columns.ts';
import { approvalsSchema } from './schema.ts';
import {
  APPROVALS_PENDING_MAX,
  APPROVALS_PENDING_PER_AGENT_MAX,
  APPROVALS_STORED_PER_AGENT_MAX,
  type Approval,
  type ApprovalState,
  isUsable,
  type SignedBlock,
  stateAt,
} from './state.ts';

const APPROVALS_PER_PAGE_MAX = 50; // A question of 32 grants with constraints has 60 kB.
const APPROVALS_PURGED_PER_RUN_MAX = 1_000; // Keeps one run of the alarm short.

/** A question as it was asked, and what became of it. */
export interface ApprovalRow {
  readonly seq: number;
  /** Canonical JSON. */
  readonly question: string;
  readonly asked: UnixSeconds;
  readonly approval: Approval;
}

/** A new question. */
export type NewApproval = Pick<Approval, 'id' | 'agent' | 'digest' | 'deadline'> &
  Pick<ApprovalRow, 'question' | 'asked'>;

/** An answer is stored, but does not count yet because the audit log does not have it. */
const UNRECORDED = "state = 'pending' AND decision IS NOT NULL";

/** The rows of `Approvals`. Every method is one step of a transaction, without an `await`. */
export class ApprovalRows {
  readonly #sql: SqlStorage;
  readonly #moved: (id: string) => void;

  /** `moved` is called for each approval that changes its state. */
  constructor(storage: DurableObjectStorage, moved: (id: string) => void) {
    migrate(storage, approvalsSchema);
    this.#sql = storage.sql;
    this.#moved = moved;
  }

  find(id: string): ApprovalRow | undefined {
    const [row] = this.#sql.exec('SELECT * FROM approval WHERE id = ?', id).toArray();
    if (!row) return undefined;
    const { decision } = row;
    const signed = this.#signed(id);
    return {
      seq: Number(row.seq),
      question: String(row.question),
      asked: Number(row.asked),
      approval: {
        id,
        agent: String(row.agent),
        digest: String(row.digest),
        state: row.state as ApprovalState,
        deadline: Number(row.deadline),
        interval: Number(row.interval),
        polled: Number(row.polled),
        ...(decision !== null && { decision: DECISION.read(decision) }),
        ...(signed && { signed }),
      },
    };
  }

  /** Returns the approvals of the same question of the same agent, newest first. */
  findSame(agent: string, digest: string): readonly Approval[] {
    return this.#sql
      .exec(
        'SELECT id FROM approval WHERE agent = ? AND digest = ? ORDER BY seq DESC',
        agent,
        digest,
      )
      .toArray()
      .flatMap(({ id }) => this.find(String(id))?.approval ?? []);
  }

  /** Returns whether another question of this agent would exceed a limit. */
  isAtLimit(agent: string, now: UnixSeconds): boolean {
    const count = (where: string, ...values: readonly (string | number)[]): number =>
      Number(
        this.#sql.exec(`SELECT COUNT(*) AS n FROM approval WHERE ${where}`, ...values).one().n,
      );
    const pending = "state = 'pending' AND deadline > ?";
    return (
      count(`agent = ? AND ${pending}`, agent, now) >= APPROVALS_PENDING_PER_AGENT_MAX ||
      count('agent = ?', agent) >= APPROVALS_STORED_PER_AGENT_MAX ||
      count(pending, now) >= APPROVALS_PENDING_MAX
    );
  }

  insert({ id, agent, digest, question, asked, deadline }: NewApproval): void {
    this.#sql.exec(
      `INSERT INTO approval (id, agent, digest, question, state, asked, deadline, interval, polled)
         VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, 0)`,
      ...[id, agent, digest, question, asked, deadline, APPROVAL_INTERVAL_SECONDS],
    );
  }

  savePoll(id: string, interval: number, now: UnixMilliseconds): void {
    this.#sql.exec('UPDATE approval SET polled = ?, interval = ? WHERE id = ?', now, interval, id);
  }

  saveDecision(id: string, decision: ApprovalDecidedRecord): void {
    this.#sql.exec('UPDATE approval SET decision = ? WHERE id = ?', DECISION.write(decision), id);
  }

  /** Notes the block that the agent gets, before the agent has it. */
  saveSigned(id: string, { workflow, signature, until }: SignedBlock): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO signed_block (approval, workflow, signature, until)
         VALUES (?, ?, ?, ?)`,
      ...[id, workflow, signature, until],
    );
  }

  #signed(id: string): SignedBlock | undefined {
    const [row] = this.#sql.exec('SELECT * FROM signed_block WHERE approval = ?', id).toArray();
    if (!row) return undefined;
    const { workflow, signature, until } = row;
    return { workflow: String(workflow), signature: String(signature), until: Number(until) };
  }

  /** Returns the questions of an agent that are stored, newest first. */
  ofAgent(agent: string): readonly string[] {
    return this.#sql
      .exec('SELECT question FROM approval WHERE agent = ? ORDER BY seq DESC', agent)
      .toArray()
      .map(({ question }) => String(question));
  }

  /** `deadline` is the end of an approval, or of the row of an approval that has ended. */
  setState(id: string, state: ApprovalState, deadline: UnixSeconds): void {
    this.#sql.exec(
      'UPDATE approval SET state = ?, deadline = ? WHERE id = ?',
      ...[state, deadline, id],
    );
    this.#moved(id);
  }

  /** Returns the ids of the answers that do not count yet. */
  unrecorded(): readonly string[] {
    const rows = this.#sql.exec(`SELECT id FROM approval WHERE ${UNRECORDED}`).toArray();
    return rows.map(({ id }) => String(id));
  }

  /** Ends what was not answered or used in time, and deletes what has ended long ago. */
  purge(now: UnixSeconds): void {
    this.#sql.exec('DELETE FROM signed_block WHERE until <= ?', now);
    const due = `SELECT seq FROM approval WHERE deadline <= ? LIMIT ${APPROVALS_PURGED_PER_RUN_MAX}`;
    this.#sql.exec(
      `DELETE FROM approval WHERE state IN ('refused', 'expired', 'used') AND seq IN (${due})`,
      now,
    );
    this.#sql.exec(
      `UPDATE approval SET state = 'expired', deadline = ?
         WHERE state IN ('pending', 'approved') AND NOT (${UNRECORDED}) AND seq IN (${due})`,
      ...[now + APPROVAL_KEPT_SECONDS, now],
    );
  }

  /** Returns a page of pending questions after the position `after`, and the count of all. */
  listPending(after: number, now: UnixSeconds): { rows: readonly ApprovalRow[]; count: number } {
    const pending = "state = 'pending' AND decision IS NULL AND deadline > ?";
    const page = this.#sql
      .exec(
        `SELECT id FROM approval WHERE ${pending} AND seq > ? ORDER BY seq LIMIT ?`,
        ...[now, after, APPROVALS_PER_PAGE_MAX],
      )
      .toArray();
    const { n } = this.#sql.exec(`SELECT COUNT(*) AS n FROM approval WHERE ${pending}`, now).one();
    return { rows: page.flatMap(({ id }) => this.find(String(id)) ?? []), count: Number(n) };
  }

  /** Returns the earliest deadline; undefined if there are no rows. */
  nextDeadline(): UnixSeconds | undefined {
    const { next } = this.#sql.exec('SELECT MIN(deadline) AS next FROM approval').one();
    return next === null ? undefined : Number(next);
  }
}

/** An approval as operators see it: without the agent's polls. */
export interface ApprovalView {
  /** Its position in the list. */
  readonly seq: number;
  readonly id: string;
  readonly digest: string;
  /** Canonical JSON: exactly what was asked. */
  readonly question: string;
  readonly state: ApprovalState;
  readonly asked: UnixSeconds;
  /** The end of the question, of the approval, or of what is stored of it. */
  readonly deadline: UnixSeconds;
  readonly decision?: ApprovalDecidedRecord;
  /** The block of approved calls that the agent has, while it may be used. */
  readonly signed?: SignedBlock;
  /** Of single calls: the destinations that a person has approved before. */
  readonly known?: readonly KnownArgument[];
}

export function toView(
  { seq, question, asked, approval }: ApprovalRow,
  now: UnixMilliseconds,
  known: readonly KnownArgument[] = [],
): ApprovalView {
  const { id, digest, deadline, decision, signed } = approval;
  const state = stateAt(approval, now);
  return {
    seq,
    id,
    digest,
    question,
    asked,
    deadline,
    state,
    ...(decision && { decision }),
    ...(signed && isUsable(approval, now) && { signed }),
    ...(known.length > 0 && { known }),
  };
}
