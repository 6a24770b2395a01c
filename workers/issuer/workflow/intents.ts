import type { AuditRecord } from '../../../src/audit/index.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { report } from '../../../src/report.ts';
import { INTENT_RECORD } from '../audit/columns.ts';
import type { AppendReceipt } from '../feed/binding.ts';
import type { StopDraft } from '../feed/entry-draft.ts';
import { WORD } from './columns.ts';

/** What was decided, and has to reach the feed, the state and the audit log. */
export interface Intent {
  readonly record: AuditRecord;
  /** A workflow's id, or the revocation id of a block. */
  readonly target: string;
  readonly word?: StopDraft;
  /** Whose state follows. */
  readonly becomes?: { readonly workflow: string; readonly state: WorkflowState };
}

export interface StoredIntent extends Intent {
  readonly n: number;
  /** The feed and the state have it. A grant that a later stop came before is done without them. */
  readonly done: boolean;
  /** Of the feed's entry, once it has one. */
  readonly epoch?: number;
  readonly seq?: number;
  /** Whether the log's archive had it by then. */
  readonly archived?: boolean;
}

/** Whether it takes power away, and is in force before it is recorded, or grants, and is not. */
const EFFECT: Readonly<Record<StopDraft['kind'], 'takes' | 'grants'>> = {
  workflow: 'takes',
  block: 'takes',
  suspension: 'takes',
  resumption: 'grants',
};

/** Without a word to the feed nothing is granted: every verifier goes by the feed. */
export const isGrant = ({ word }: Intent): boolean =>
  word !== undefined && EFFECT[word.kind] === 'grants';

/** A grant that never was in force: before it reached the feed, something stopped its workflow. */
export const isSuperseded = (intent: StoredIntent): boolean =>
  intent.done && isGrant(intent) && intent.seq === undefined;

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
      record.id,
      target,
      INTENT_RECORD.write(record),
      word ? WORD.write(word) : null,
      becomes?.workflow ?? null,
      becomes?.state ?? null,
    );
  }

  find(id: string): StoredIntent | undefined {
    const [row] = this.#sql.exec('SELECT * FROM intent WHERE id = ?', id).toArray();
    return row && read(row);
  }

  /** Those that are not done, in order. One that nobody can read any more holds up no other. */
  open(): readonly StoredIntent[] {
    return this.#sql
      .exec('SELECT * FROM intent WHERE done = 0 ORDER BY n')
      .toArray()
      .flatMap((row) => {
        try {
          return [read(row)];
        } catch (error) {
          report('workflow.unreadable', { id: String(row.id), why: (error as Error).message });
          return [];
        }
      });
  }

  /** What was decided last of a workflow, where it is not done yet. */
  openOf(workflow: string): StoredIntent | undefined {
    return this.open().findLast(({ becomes }) => becomes?.workflow === workflow);
  }

  /** The newest entry of the feed that stops one of these workflows. */
  lastStopOf(workflows: readonly string[]): Pick<StoredIntent, 'epoch' | 'seq'> | undefined {
    const [row] = this.#sql
      .exec(
        `SELECT epoch, seq FROM intent WHERE seq IS NOT NULL AND word ->> 'kind' <> 'resumption'
         AND word ->> 'id' IN (SELECT value FROM json_each(?)) ORDER BY epoch DESC, seq DESC`,
        JSON.stringify(workflows),
      )
      .toArray();
    return row && { epoch: Number(row.epoch), seq: Number(row.seq) };
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

  /**
   * Ends what was granted to a workflow and is not in the feed yet, because it is stopped now: said
   * later, it would undo the stop. Answers with what was ended.
   */
  supersede(workflow: string): readonly StoredIntent[] {
    const ended = this.open().filter(
      (intent) => isGrant(intent) && intent.becomes?.workflow === workflow,
    );
    for (const { n } of ended) this.#sql.exec('UPDATE intent SET done = 1 WHERE n = ?', n);
    return ended;
  }

  /**
   * Writes the state that everybody has now, and that it is done; in a transaction of the caller's.
   * False where it was done already: two may carry out one intent.
   */
  finish({ n, record, becomes }: StoredIntent, said: AppendReceipt | undefined): boolean {
    if (this.find(record.id)?.done !== false) return false;
    if (becomes) this.#follow(n, becomes.workflow);
    this.#sql.exec(
      'UPDATE intent SET done = 1, epoch = ?, seq = ?, archived = ? WHERE n = ?',
      said?.epoch ?? null,
      said?.seq ?? null,
      said ? Number(said.archived) : null,
      n,
    );
    return true;
  }

  /**
   * Takes the state of a workflow to that of intent `n`, by each step that was decided on the way:
   * what was said to the feed late, or never, leaves none out. A later one that is done has passed
   * it already.
   */
  #follow(n: number, workflow: string): void {
    const steps = this.#sql.exec(
      `SELECT becomes FROM intent WHERE workflow = ?1 AND n <= ?2 AND n > COALESCE(
         (SELECT MAX(n) FROM intent WHERE workflow = ?1 AND done = 1
            AND (word IS NULL OR seq IS NOT NULL)), 0) ORDER BY n`, // Not one that was superseded.
      workflow,
      n,
    );
    for (const { becomes } of steps.toArray()) {
      this.#sql.exec('UPDATE workflow SET state = ? WHERE id = ?', becomes, workflow);
    }
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
