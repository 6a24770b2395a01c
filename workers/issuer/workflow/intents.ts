import type { AuditRecord } from '../../../src/audit/index.ts';
import { toSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { INTENT_RECORD } from '../audit/columns.ts';
import type { AppendReceipt } from '../feed/binding.ts';
import type { StopDraft } from '../feed/entry-draft.ts';
import type { Tables } from '../platform/on-demand.ts';
import type { StoredRow } from '../platform/table.ts';
import type { RevokeCommand } from './binding.ts';
import { ENTRY } from './columns.ts';
import { attributionOf, type WorkflowRow, type WorkflowRows } from './rows.ts';
import { intentTable } from './tables.ts';

/** A decision that must still reach the feed, the state in force and the audit log. */
export interface Intent {
  readonly record: AuditRecord;
  /** A workflow's id, or the revocation id of a block. */
  readonly target: string;
  /** The feed entry to append; absent if verifiers need none. */
  readonly entry?: StopDraft;
  /** The workflow whose state in force changes, and the new state. */
  readonly becomes?: { readonly workflow: string; readonly state: WorkflowState };
}

export interface StoredIntent extends Intent {
  readonly n: number;
  /** The feed and the state have it. A superseded grant is done without either. */
  readonly done: boolean;
  /** The position of the feed entry, once it has one. */
  readonly epoch?: number;
  readonly seq?: number;
  /** Whether the feed's archive had the entry when it was appended. */
  readonly archived?: boolean;
}

/**
 * Whether an entry takes power (in force first, recorded afterwards) or grants it (the reverse).
 */
const EFFECT: Readonly<Record<StopDraft['kind'], 'takes' | 'grants'>> = {
  workflow: 'takes',
  block: 'takes',
  suspension: 'takes',
  resumption: 'grants',
};

/** Returns whether the intent grants power. Only a feed entry can: verifiers go by the feed. */
export const isGrant = ({ entry }: Intent): boolean =>
  entry !== undefined && EFFECT[entry.kind] === 'grants';

/** Returns whether a stop of the workflow cancelled this grant before it reached the feed. */
export const isSuperseded = (intent: StoredIntent): boolean =>
  intent.done && isGrant(intent) && intent.seq === undefined;

/** The id of a revocation's record. It has no time in it, so a target is revoked once. */
export const revocationId = (workflow: string, target: string): string =>
  `revocation.${workflow}.${target}`;

/** Returns a revocation without a transition: of a block, or of an unknown or ended workflow. */
export function revocationIntent(
  workflow: string,
  { actor, reason, block }: RevokeCommand,
  row: WorkflowRow | undefined,
  at: UnixMilliseconds,
): Intent {
  const kind = block === undefined ? 'workflow' : 'block';
  const target = block ?? workflow;
  const now = toSeconds(at);
  // If the end is unknown, the longest lifetime bounds it.
  const ends = row?.life.tokensEnd ?? now + CAPABILITY_SECONDS_MAX;
  return {
    target,
    record: {
      event: 'revocation',
      id: revocationId(workflow, target),
      at,
      ...attributionOf(row, workflow),
      kind,
      target,
      actor,
      reason,
    },
    entry: { kind, id: target, at: now, expires: ends + CLOCK_SKEW_SECONDS_MAX },
  };
}

/** The intents of one object. Each is stored in the transaction of its decision. */
export class Intents {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;
  readonly #rows: WorkflowRows;

  constructor(sql: SqlStorage, tables: Tables, rows: WorkflowRows) {
    this.#sql = sql;
    this.#tables = tables;
    this.#rows = rows;
  }

  /** Stores an intent. Leaves an existing one with the same record id as it is. */
  add({ record, target, entry, becomes }: Intent): void {
    this.#tables.ensure('intent');
    if (this.find(record.id)) return;
    this.#sql.exec(
      `INSERT INTO intent (id, target, record, word, workflow, becomes, done)
       VALUES (?, ?, ?, ?, ?, ?, 0)`,
      ...[record.id, target, INTENT_RECORD.write(record), entry ? ENTRY.write(entry) : null],
      ...[becomes?.workflow ?? null, becomes?.state ?? null],
    );
  }

  find(id: string): StoredIntent | undefined {
    if (!this.#hasAny()) return undefined;
    const [row] = this.#sql.exec('SELECT * FROM intent WHERE id = ?', id).toArray();
    return row && readIntent(row);
  }

  /** Returns the intents that are not done, in order. Skips and reports unreadable ones. */
  open(): readonly StoredIntent[] {
    if (!this.#hasAny()) return [];
    return this.#sql
      .exec('SELECT * FROM intent WHERE done = 0 ORDER BY n')
      .toArray()
      .flatMap((row) => {
        try {
          return [readIntent(row)];
        } catch (error) {
          report('workflow.unreadable', { id: String(row.id), why: (error as Error).message });
          return [];
        }
      });
  }

  /** Returns the last decision about a workflow, if it is not done yet. */
  openOf(workflow: string): StoredIntent | undefined {
    return this.open().findLast(({ becomes }) => becomes?.workflow === workflow);
  }

  /** Returns the position of the newest feed entry that stops one of these workflows. */
  lastStopOf(workflows: readonly string[]): Pick<StoredIntent, 'epoch' | 'seq'> | undefined {
    if (!this.#hasAny()) return undefined;
    const [row] = this.#sql
      .exec(
        `SELECT epoch, seq FROM intent WHERE seq IS NOT NULL AND word ->> 'kind' <> 'resumption'
         AND word ->> 'id' IN (SELECT value FROM json_each(?)) ORDER BY epoch DESC, seq DESC`,
        JSON.stringify(workflows),
      )
      .toArray();
    return row && { epoch: Number(row.epoch), seq: Number(row.seq) };
  }

  /** Returns whether there was ever an intent for a workflow or block. */
  isTouched(target: string): boolean {
    if (!this.#hasAny()) return false;
    return this.#sql.exec('SELECT 1 FROM intent WHERE target = ?', target).toArray().length > 0;
  }

  /** Returns how many blocks of one workflow's tokens were revoked. */
  blockCount(workflow: string): number {
    if (!this.#hasAny()) return 0;
    const { count } = this.#sql
      .exec(
        `SELECT COUNT(*) AS count FROM intent WHERE workflow IS NULL
         AND record ->> 'workflow' = ? AND record ->> 'kind' = 'block'`,
        workflow,
      )
      .one();
    return Number(count);
  }

  /**
   * Cancels the grants of a workflow that have not reached the feed, because a stop was decided:
   * delivered later, they would undo it. Returns the cancelled intents.
   */
  supersede(workflow: string): readonly StoredIntent[] {
    const cancelled = this.open().filter(
      (intent) => isGrant(intent) && intent.becomes?.workflow === workflow,
    );
    for (const { n } of cancelled) this.#sql.exec('UPDATE intent SET done = 1 WHERE n = ?', n);
    return cancelled;
  }

  /**
   * Writes the state that is now in force, and marks the intent as done. Call it in a transaction.
   * Returns false if it was done already: two events may deliver one intent.
   */
  finish({ n, record, becomes }: StoredIntent, position: AppendReceipt | undefined): boolean {
    if (this.find(record.id)?.done !== false) return false;
    if (becomes) this.#applyStates(n, becomes.workflow);
    this.#sql.exec(
      'UPDATE intent SET done = 1, epoch = ?, seq = ?, archived = ? WHERE n = ?',
      ...[position?.epoch ?? null, position?.seq ?? null],
      ...[position ? Number(position.archived) : null, n],
    );
    return true;
  }

  /**
   * Takes the state of a workflow through every state that was decided up to intent `n`, so that
   * entries which reach the feed late, or never, skip none. A later intent that is done has passed
   * it already.
   */
  #applyStates(n: number, workflow: string): void {
    const states = this.#sql.exec(
      `SELECT becomes FROM intent WHERE workflow = ?1 AND n <= ?2 AND n > COALESCE(
         (SELECT MAX(n) FROM intent WHERE workflow = ?1 AND done = 1
            AND (word IS NULL OR seq IS NOT NULL)), 0) ORDER BY n`, // Excludes superseded ones.
      ...[workflow, n],
    );
    for (const { becomes } of states.toArray()) {
      this.#rows.saveInForce(workflow, String(becomes) as WorkflowState);
    }
  }

  #hasAny(): boolean {
    return this.#tables.has('intent');
  }
}

function readIntent(stored: StoredRow): StoredIntent {
  const { n, target, done, record, word, workflow, becomes, seq, epoch, archived } =
    intentTable.read(stored);
  return {
    n,
    target,
    done,
    record,
    ...(word && { entry: word }),
    ...(workflow !== undefined && becomes && { becomes: { workflow, state: becomes } }),
    ...(seq !== undefined && epoch !== undefined && { seq, epoch, archived: archived === true }),
  };
}
