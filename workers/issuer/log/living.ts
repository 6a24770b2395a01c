import type { AuditRecord, ClosingRecord, MintRecord } from '../../../src/audit/index.ts';
import {
  toMilliseconds,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import { isTerminal, STATES, type WorkflowState } from '../../../src/lifecycle/index.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import {
  CLOSED_AFTER_SECONDS,
  closingOf,
  endsUntouched,
  withoutPrompt,
} from '../workflow/closing.ts';
import { START } from '../workflow/columns.ts';
import { rootOf } from '../workflow/id.ts';
import { ALSO } from './columns.ts';
import type {
  LivingFilter,
  LivingPage,
  LivingParty,
  LivingScope,
  LivingStart,
  LivingWorkflow,
} from './living-binding.ts';

const LIVING_PAGE_MAX = 200;
/** Names of one answer, about 1 MB. */
const TOTALS_MAX = 10_000;
/** Records that one run of the alarm appends. */
const CLOSED_PER_RUN_MAX = 1_000;
/** An alarm costs a row. */
const SWEEP_SECONDS = 600;
/** An adopted workflow closes itself. Its row goes without it if its object was lost. */
const FORGOTTEN_AFTER_SECONDS = 24 * 3_600;

/** The scopes that a later mint may add: each step-up some tools, each child another agent. */
const ALSO_MAX = 512;

/**
 * The root workflows that live, in the object of the control log: a workflow begins with its mint
 * record and a row here, in one transaction. Its own object is made when it is first needed, and
 * adopts it. The closing record deletes the row. Call every write in a transaction.
 */
export class LivingWorkflows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Begins a root. Again before it was adopted, the new facts count: its mint was decided again
   * before the token was handed out. Throws for a root that has an object.
   */
  begin({ start, issuerKey }: LivingStart): void {
    const begun = this.#sql.exec(
      `INSERT INTO living_root (root, ends, adopted, state, issuer_key, also, start)
         VALUES (?, ?, 0, 'active', ?, NULL, ?)
       ON CONFLICT DO UPDATE SET ends = excluded.ends, issuer_key = excluded.issuer_key,
         start = excluded.start WHERE adopted = 0 RETURNING 1`,
      ...[start.id, endsUntouched(start), issuerKey, START.write(start)],
    );
    if (begun.toArray().length === 0) throw new Error('a fresh workflow id is already in use');
  }

  /**
   * Returns what a root began with, for its own object to store. The same until it is closed, so an
   * object that crashed before it stored it asks again. Undefined for one that does not live: one
   * that was stopped without its facts must not begin when its object has forgotten the stop.
   */
  adopt(root: string): WorkflowStart | undefined {
    const [row] = this.#sql
      .exec('SELECT adopted, state, start FROM living_root WHERE root = ?', root)
      .toArray();
    if (!row || isTerminal(row.state as WorkflowState)) return undefined;
    const start = START.read(row.start);
    if (row.adopted === 0) {
      this.#sql.exec(
        'UPDATE living_root SET adopted = 1, ends = ? WHERE root = ?',
        ...[start.ends, root],
      );
    }
    return start;
  }

  /** Applies a record that the control log appends. */
  note(record: AuditRecord): void {
    const { workflow } = record;
    if (workflow === undefined) return;
    if (record.event === 'closing') this.#delete(workflow);
    else if (record.event === 'transition' && record.superseded === undefined) {
      this.#setState(workflow, record.to);
    } else if (record.event === 'revocation' && record.kind === 'workflow') {
      this.#setState(workflow, 'revoked');
    } else if (record.event === 'mint') this.#addScopes(record, workflow);
  }

  /** Returns living workflows in the order of their ids. */
  page({ scope, state, roots, after = '', limit = LIVING_PAGE_MAX }: LivingFilter): LivingPage {
    const most = Math.min(limit, LIVING_PAGE_MAX);
    const { where, values } = scopeCondition(scope);
    const rows = this.#sql
      .exec(
        `SELECT root, state, ends, also, start FROM living_root
         WHERE root > ? AND (? IS NULL OR state = ?) AND ${where}
           AND ${roots ? 'root IN (SELECT value FROM json_each(?))' : 'TRUE'}
         ORDER BY root LIMIT ?`,
        ...[after, state ?? null, state ?? null, ...values],
        ...(roots ? [JSON.stringify(roots)] : []),
        most + 1,
      )
      .toArray();
    const workflows = rows.slice(0, most).map(
      (row): LivingWorkflow => ({
        start: withoutPrompt(START.read(row.start)),
        state: row.state as WorkflowState,
        ends: Number(row.ends),
        ...(row.also !== null && { hasMore: true }),
      }),
    );
    const last = workflows.at(-1);
    return { workflows, ...(rows.length > most && last && { next: last.start.id }) };
  }

  /** Returns how many workflows of a scope have not ended. */
  count(scope: LivingScope, now: UnixSeconds): number {
    const { where, values } = scopeCondition(scope);
    const { n } = this.#sql
      .exec(
        `SELECT COUNT(*) AS n FROM living_root WHERE ends >= ? AND state NOT IN (${ENDED})
         AND ${where}`,
        ...[now, ...values],
      )
      .one();
    return Number(n);
  }

  /** Returns how many workflows that have not ended each party has, most first. */
  totals(party: LivingParty, now: UnixSeconds): readonly (readonly [name: string, n: number])[] {
    const began =
      party === 'tool'
        ? `SELECT living_root.root, json_extract(g.value, '$.tool') AS name
           FROM living_root, json_each(start, '$.grants') g`
        : `SELECT root, json_extract(start, '$.${party}') AS name FROM living_root`;
    return this.#sql
      .exec(
        `WITH named AS (${began} WHERE ends >= ?1 AND state NOT IN (${ENDED})
           UNION SELECT living_root.root, substr(a.value, length(?2) + 1) FROM living_root, json_each(also) a
           WHERE also IS NOT NULL AND substr(a.value, 1, length(?2)) = ?2
             AND ends >= ?1 AND state NOT IN (${ENDED}))
         SELECT name, COUNT(*) AS n FROM named GROUP BY name ORDER BY n DESC, name LIMIT ?3`,
        ...[now, `${party} `, TOTALS_MAX],
      )
      .toArray()
      .map(({ name, n }) => [String(name), Number(n)]);
  }

  /**
   * Returns the closing records of roots that ended and were never adopted, for the log to append.
   * Forgets adopted ones whose objects should have closed them long ago.
   */
  takeUntouched(now: UnixMilliseconds): readonly ClosingRecord[] {
    const seconds = toSeconds(now);
    this.#sql.exec(
      'DELETE FROM living_root WHERE adopted = 1 AND ends < ?',
      seconds - FORGOTTEN_AFTER_SECONDS,
    );
    return this.#sql
      .exec(
        `SELECT ends, state, start FROM living_root WHERE adopted = 0 AND ends < ?
         ORDER BY ends LIMIT ?`,
        ...[seconds - CLOSED_AFTER_SECONDS, CLOSED_PER_RUN_MAX],
      )
      .toArray()
      .map(({ ends, state: known, start }) => {
        const state = isTerminal(known as WorkflowState) ? (known as WorkflowState) : 'expired';
        const closed = { state, endedAt: Number(ends), mints: 1, children: 0 } as const;
        return closingOf(START.read(start), closed, now);
      });
  }

  /** Returns when to look for the next of them; several are closed together. */
  dueAt(): UnixMilliseconds | undefined {
    const { next } = this.#sql
      .exec('SELECT MIN(ends) AS next FROM living_root WHERE adopted = 0')
      .one();
    if (next === null) return undefined;
    const at = Number(next) + CLOSED_AFTER_SECONDS;
    return toMilliseconds(Math.ceil((at + 1) / SWEEP_SECONDS) * SWEEP_SECONDS);
  }

  /** Applies records of a later control log. Returns whether any root is left. */
  noteAll(records: readonly AuditRecord[]): boolean {
    for (const record of records) this.note(record);
    return this.#sql.exec('SELECT 1 FROM living_root LIMIT 1').toArray().length > 0;
  }

  #delete(root: string): void {
    this.#sql.exec('DELETE FROM living_root WHERE root = ?', root);
  }

  #setState(workflow: string, state: WorkflowState): void {
    this.#sql.exec('UPDATE living_root SET state = ? WHERE root = ?', state, workflow);
    if (!isTerminal(state)) return;
    // Nothing adopts it any more, so nothing needs the words of the user.
    this.#sql.exec(
      "UPDATE living_root SET start = json_remove(start, '$.prompt') WHERE root = ?",
      workflow,
    );
  }

  /** A child and a step-up add scopes by which their root is found. */
  #addScopes({ agent = '', stepUp, grants }: MintRecord, workflow: string): void {
    const root = rootOf(workflow);
    if (root === workflow && stepUp === undefined) return;
    const [row] = this.#sql.exec('SELECT also FROM living_root WHERE root = ?', root).toArray();
    if (!row) return;
    const before = row.also === null ? [] : ALSO.read(row.also);
    const named = [`agent ${agent}`, ...grants.map(({ tool }) => `tool ${tool}`)];
    const also = [...new Set([...before, ...named])].slice(0, ALSO_MAX);
    if (also.length === before.length) return;
    this.#sql.exec('UPDATE living_root SET also = ? WHERE root = ?', ALSO.write(also), root);
  }
}

const ENDED = STATES.filter(isTerminal)
  .map((state) => `'${state}'`)
  .join(', ');

/** Returns a condition on a row, with its values. */
function scopeCondition(scope: LivingScope | undefined): {
  readonly where: string;
  readonly values: readonly string[];
} {
  if (scope === undefined || scope.scope === 'all') return { where: 'TRUE', values: [] };
  const { scope: name, value } = scope;
  if (name === 'issuer_key') return { where: 'issuer_key = ?', values: [value] };
  const also = `(also IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(also) WHERE value = ?))`;
  const named = `${name} ${value}`;
  if (name === 'tool') {
    const granted = `EXISTS (SELECT 1 FROM json_each(start, '$.grants')
      WHERE json_extract(value, '$.tool') = ?)`;
    return { where: `(${granted} OR ${also})`, values: [value, named] };
  }
  return {
    where: `(json_extract(start, '$.${name}') = ? OR ${also})`,
    values: [value, named],
  };
}
