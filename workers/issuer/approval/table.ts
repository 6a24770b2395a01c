import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import { APPROVAL_INTERVAL_SECONDS, APPROVAL_KEPT_SECONDS } from '../../../src/limits.ts';
import { migrate } from '../platform/sqlite.ts';
import { DECISION } from './columns.ts';
import { type ApprovalState, type HeldApproval, stateAt } from './decide.ts';
import { approvalsSchema } from './schema.ts';

// Of one agent: as many at once as a person reads with care, and six such lists in an hour.
const APPROVALS_PENDING_PER_AGENT_MAX = 8;
const APPROVALS_HELD_PER_AGENT_MAX = 48;
const APPROVALS_PENDING_MAX = 1_000; // Of all agents: more is a flood and no list.
const APPROVALS_PER_PAGE_MAX = 50; // A question of 32 grants with constraints has 60 kB.
const APPROVALS_PURGED_PER_RUN_MAX = 1_000; // Keeps one run of the alarm short.

/** A question as it was asked, and what became of it. */
export interface ApprovalRow {
  readonly seq: number;
  /** Canonical JSON. */
  readonly question: string;
  /** Unix seconds. */
  readonly asked: number;
  readonly held: HeldApproval;
}

const ORDERED = "state = 'pending' AND decision IS NOT NULL";

/** The rows behind `Approvals`: every method is one step of a transaction, without an `await`. */
export class ApprovalTable {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, approvalsSchema);
    this.#sql = storage.sql;
  }

  row(id: string): ApprovalRow | undefined {
    const [row] = this.#sql.exec('SELECT * FROM approval WHERE id = ?', id).toArray();
    if (!row) return undefined;
    const { decision } = row;
    return {
      seq: Number(row.seq),
      question: String(row.question),
      asked: Number(row.asked),
      held: {
        id,
        agent: String(row.agent),
        digest: String(row.digest),
        state: row.state as ApprovalState,
        deadline: Number(row.deadline),
        interval: Number(row.interval),
        polled: Number(row.polled),
        ...(decision !== null && {
          decision: DECISION.read(decision),
        }),
      },
    };
  }

  /** The same question of the same agent, newest first. */
  sameAs(agent: string, digest: string): readonly HeldApproval[] {
    return this.#sql
      .exec(
        'SELECT id FROM approval WHERE agent = ? AND digest = ? ORDER BY seq DESC',
        agent,
        digest,
      )
      .toArray()
      .flatMap(({ id }) => this.row(String(id))?.held ?? []);
  }

  /** Whether another question of this agent is one too many. */
  isTooMuch(agent: string, now: number): boolean {
    const count = (where: string, ...values: readonly (string | number)[]): number =>
      Number(
        this.#sql.exec(`SELECT COUNT(*) AS n FROM approval WHERE ${where}`, ...values).one().n,
      );
    const pending = "state = 'pending' AND deadline > ?";
    return (
      count(`agent = ? AND ${pending}`, agent, now) >= APPROVALS_PENDING_PER_AGENT_MAX ||
      count('agent = ?', agent) >= APPROVALS_HELD_PER_AGENT_MAX ||
      count(pending, now) >= APPROVALS_PENDING_MAX
    );
  }

  insert(row: Omit<ApprovalRow, 'seq' | 'held'> & Pick<HeldApproval, keyof NewApproval>): void {
    const { id, agent, digest, question, asked, deadline } = row;
    this.#sql.exec(
      `INSERT INTO approval (id, agent, digest, question, state, asked, deadline, interval, polled)
         VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, 0)`,
      ...[id, agent, digest, question, asked, deadline, APPROVAL_INTERVAL_SECONDS],
    );
  }

  polled(id: string, interval: number, now: number): void {
    this.#sql.exec('UPDATE approval SET polled = ?, interval = ? WHERE id = ?', now, interval, id);
  }

  order(id: string, decision: ApprovalDecidedRecord): void {
    this.#sql.exec('UPDATE approval SET decision = ? WHERE id = ?', DECISION.write(decision), id);
  }

  /** `deadline` in unix seconds: the end of an approval, or of the row of what has ended. */
  move(id: string, state: ApprovalState, deadline: number): void {
    this.#sql.exec(
      'UPDATE approval SET state = ?, deadline = ? WHERE id = ?',
      ...[state, deadline, id],
    );
  }

  /** Answers that were ordered, and do not count yet. */
  ordered(): readonly string[] {
    const rows = this.#sql.exec(`SELECT id FROM approval WHERE ${ORDERED}`).toArray();
    return rows.map(({ id }) => String(id));
  }

  /** Ends what nobody answered or used in time, and forgets what has ended long ago. */
  purge(now: number): void {
    const most = APPROVALS_PURGED_PER_RUN_MAX;
    const over = `SELECT seq FROM approval WHERE deadline <= ? LIMIT ${most}`;
    this.#sql.exec(
      `DELETE FROM approval WHERE state IN ('refused', 'expired', 'used') AND seq IN (${over})`,
      now,
    );
    this.#sql.exec(
      `UPDATE approval SET state = 'expired', deadline = ?
         WHERE state IN ('pending', 'approved') AND NOT (${ORDERED}) AND seq IN (${over})`,
      ...[now + APPROVAL_KEPT_SECONDS, now],
    );
  }

  /** What waits after the position `after`, at most a page, and how much waits in all. */
  open(after: number, now: number): { rows: readonly ApprovalRow[]; count: number } {
    const waits = "state = 'pending' AND decision IS NULL AND deadline > ?";
    const page = this.#sql
      .exec(
        `SELECT id FROM approval WHERE ${waits} AND seq > ? ORDER BY seq LIMIT ?`,
        ...[now, after, APPROVALS_PER_PAGE_MAX],
      )
      .toArray();
    const { n } = this.#sql.exec(`SELECT COUNT(*) AS n FROM approval WHERE ${waits}`, now).one();
    return { rows: page.flatMap(({ id }) => this.row(String(id)) ?? []), count: Number(n) };
  }

  /** Unix seconds of the next end; undefined where there is nothing. */
  nextDeadline(): number | undefined {
    const { next } = this.#sql.exec('SELECT MIN(deadline) AS next FROM approval').one();
    return next === null ? undefined : Number(next);
  }
}

type NewApproval = Pick<HeldApproval, 'id' | 'agent' | 'digest' | 'deadline'>;

/** What may be known of a row outside: without who polls how often. */
export interface ApprovalView {
  /** Its place in the list. */
  readonly seq: number;
  readonly id: string;
  readonly digest: string;
  /** Canonical JSON: what exactly was asked. */
  readonly question: string;
  readonly state: ApprovalState;
  /** Unix seconds. */
  readonly asked: number;
  /** Unix seconds: the end of the question, of the approval, or of what is kept of it. */
  readonly deadline: number;
  readonly decision?: ApprovalDecidedRecord;
}

/** @param now Unix milliseconds */
export function toView({ seq, question, asked, held }: ApprovalRow, now: number): ApprovalView {
  const { id, digest, deadline, decision } = held;
  return {
    seq,
    id,
    digest,
    question,
    asked,
    deadline,
    state: stateAt(held, now),
    ...(decision && { decision }),
  };
}
