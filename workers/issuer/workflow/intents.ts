import type { AuditRecord } from '../../../src/audit/index.ts';
import type { WorkflowState } from '../../../src/workflow/index.ts';
import { INTENT_RECORD } from '../audit/columns.ts';
import type { Recorded } from '../feed/object.ts';
import type { StopOrder } from '../feed/order.ts';
import { WORD } from './columns.ts';

/** What was decided and has to reach the audit log, the feed and the state, in this order. */
export interface Intent {
  readonly record: AuditRecord;
  /** A workflow's id, or the revocation id of a block. */
  readonly target: string;
  readonly word?: StopOrder;
  /** Whose state follows. */
  readonly becomes?: { readonly workflow: string; readonly state: WorkflowState };
}

export interface StoredIntent extends Intent {
  readonly n: number;
  readonly done: boolean;
  /** Of the feed's entry, once it has one. */
  readonly epoch?: number;
  readonly seq?: number;
  /** Whether the log's archive had it by then. */
  readonly archived?: boolean;
}

/** The intents of one object: stored with the decision, carried out after it. */
export class Intents {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores one; what is there under its record's id stays as it is. */
  add({ record, target, word, becomes }: Intent): void {
    this.#sql.exec(
      `INSERT INTO intent (id, target, record, word, workflow, becomes, done)
       VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
      ...[record.id, target, INTENT_RECORD.write(record), word ? WORD.write(word) : null],
      ...[becomes?.workflow ?? null, becomes?.state ?? null],
    );
  }

  find(id: string): StoredIntent | undefined {
    const [row] = this.#sql.exec('SELECT * FROM intent WHERE id = ?', id).toArray();
    return row && read(row);
  }

  /** Those that are not done, in order. */
  open(): readonly StoredIntent[] {
    return this.#sql.exec('SELECT * FROM intent WHERE done = 0 ORDER BY n').toArray().map(read);
  }

  /** Whether anything was ever ordered of a workflow or block. */
  isTouched(target: string): boolean {
    return this.#sql.exec('SELECT 1 FROM intent WHERE target = ?', target).toArray().length > 0;
  }

  /** How many blocks of one workflow's tokens were revoked. */
  blockCount(workflow: string): number {
    const { count } = this.#sql
      .exec(
        `SELECT COUNT(*) AS count FROM intent WHERE workflow IS NULL
         AND record ->> 'workflow' = ? AND record ->> 'kind' = 'block'`,
        workflow,
      )
      .one();
    return Number(count);
  }

  /** Writes the state that everybody has now, and that it is done; in one transaction. */
  finish({ n, becomes }: StoredIntent, said: Recorded | undefined): void {
    if (becomes) {
      this.#sql.exec(
        'UPDATE workflow SET state = ? WHERE id = ?',
        ...[becomes.state, becomes.workflow],
      );
    }
    this.#sql.exec(
      'UPDATE intent SET done = 1, epoch = ?, seq = ?, archived = ? WHERE n = ?',
      ...[said?.epoch ?? null, said?.seq ?? null, said ? Number(said.archived) : null, n],
    );
  }
}

function read(row: Record<string, SqlStorageValue>): StoredIntent {
  return {
    n: Number(row.n),
    target: String(row.target),
    done: row.done === 1,
    record: INTENT_RECORD.read(row.record),
    ...(row.word !== null && { word: WORD.read(row.word) }),
    ...(row.becomes !== null && {
      becomes: { workflow: String(row.workflow), state: row.becomes as WorkflowState },
    }),
    ...(row.seq !== null && {
      seq: Number(row.seq),
      epoch: Number(row.epoch),
      archived: row.archived === 1,
    }),
  };
}
