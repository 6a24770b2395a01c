import { DurableObject } from 'cloudflare:workers';
import {
  isWithin,
  readClock,
  readSeconds,
  toMilliseconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import { toBase64Url } from '../../../src/encoding.ts';
import { CLOCK_SKEW_SECONDS_MAX, WORKFLOW_SECONDS_MAX } from '../../../src/limits.ts';
import {
  type KnownStatus,
  packStatuses,
  STATUS_LIST_TYPE,
  type Status,
  statusAfter,
  statusListClaims,
  type WorkflowChange,
} from '../../../src/signals/index.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { migrate } from '../platform/sqlite.ts';
import { signSignal } from './sign.ts';
import type { ReferredWorkflow, StatusListBinding, StatusPlace } from './status-binding.ts';
import { statusSchema } from './status-schema.ts';

const STATUS_LIST_ENTRIES = 65_536; // 16 KiB at two bits, and many workflows to hide among.
const STATUS_LIST_TAKEN_MAX = 49_152; // Three quarters: a free index takes four draws.
const STATUS_LIST_DRAWS_MAX = 64; // All taken, at three quarters full: once in 10^8 draws.
const STATUS_LIST_OPEN_SECONDS = 24 * 3_600; // Then a new list starts, so the old one can end.
const STATUS_LIST_SIGNED_MILLISECONDS = 1_000; // Between two signatures: anyone can ask.
const STATUS_LIST_PURGE_SECONDS = 3_600;

/** Returns when a workflow that existed at `time` has surely ended. */
const latestEnd = (time: UnixSeconds): UnixSeconds =>
  time + WORKFLOW_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;

/** The status lists: the index and the status of each workflow, and the signed tokens. */
export class StatusList extends DurableObject<IssuerEnv> implements StatusListBinding {
  readonly #sql: SqlStorage;
  readonly #signed = new Map<string, { at: UnixMilliseconds; token: Promise<string> }>();

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    migrate(ctx.storage, statusSchema);
    this.#sql = ctx.storage.sql;
  }

  /** Returns the place of a workflow, which is drawn at the first call, without an `await`. */
  async place(of: ReferredWorkflow): Promise<StatusPlace> {
    const place = this.ctx.storage.transactionSync(() => {
      const [known] = this.#sql
        .exec('SELECT list, idx FROM place WHERE workflow = ?', of.workflow)
        .toArray();
      if (known) return { list: String(known.list), idx: Number(known.idx) };
      return this.#drawPlace(of);
    });
    if ((await this.ctx.storage.getAlarm()) === null) await this.#purgeLater();
    return place;
  }

  /** Applies a change, whether or not the workflow has a place. */
  async learn(change: WorkflowChange): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      const [row] = this.#sql
        .exec('SELECT status, at FROM standing WHERE workflow = ?', change.workflow)
        .toArray();
      const known = row && { status: row.status as Status, at: Number(row.at) };
      const { status, at }: KnownStatus = statusAfter(known, change);
      this.#sql.exec(
        'INSERT OR REPLACE INTO standing (workflow, status, at) VALUES (?, ?, ?)',
        ...[change.workflow, status, at],
      );
    });
    if ((await this.ctx.storage.getAlarm()) === null) await this.#purgeLater();
  }

  /** Returns the signed list, at most one signature a second, or undefined if it does not exist. */
  async token(list: string): Promise<string | undefined> {
    const last = this.#signed.get(list);
    if (last && isWithin(last.at, readClock(), STATUS_LIST_SIGNED_MILLISECONDS)) return last.token;
    const signed = readSeconds();
    // The time is written before signing, so a replaced instance cannot sign a newer list.
    const [row] = this.#sql
      .exec('UPDATE list SET signed = MAX(signed, ?) WHERE id = ? RETURNING signed', signed, list)
      .toArray();
    if (!row) return undefined;
    const token = this.#sign(list, Number(row.signed));
    this.#signed.set(list, { at: readClock(), token });
    token.catch(() => this.#signed.delete(list));
    return token;
  }

  override async alarm(): Promise<void> {
    const now = readSeconds();
    this.ctx.storage.transactionSync(() => {
      const dead = this.#sql
        .exec(
          'SELECT id FROM list WHERE ends < ? AND (taken >= ? OR opened < ?)',
          ...[now, STATUS_LIST_TAKEN_MAX, now - STATUS_LIST_OPEN_SECONDS],
        )
        .toArray();
      for (const { id } of dead) {
        for (const [table, column] of [
          ...[['place', 'list'] as const, ['named', 'list'] as const, ['list', 'id'] as const],
        ]) {
          this.#sql.exec(`DELETE FROM ${table} WHERE ${column} = ?`, String(id));
        }
        this.#signed.delete(String(id));
      }
      const over = toMilliseconds(now - latestEnd(0));
      this.#sql.exec('DELETE FROM standing WHERE at < ?', over);
    });
    const left = this.#sql.exec('SELECT 1 FROM standing UNION ALL SELECT 1 FROM list LIMIT 1');
    if (left.toArray().length > 0) await this.#purgeLater();
  }

  async #sign(list: string, now: UnixSeconds): Promise<string> {
    const { issuer, signals } = readConfig(this.env);
    if (!signals) throw new Error('Cannot sign a status list: no signal key is configured.');
    const body = await packStatuses(STATUS_LIST_ENTRIES, this.#marks(list, now));
    const claims = statusListClaims(issuer, `${issuer}/status/v1/${list}`, body, now);
    return signSignal(signals.key, STATUS_LIST_TYPE, claims);
  }

  /** Returns every index that is not valid: the strictest status of a workflow or an ancestor. */
  #marks(list: string, now: UnixSeconds): [number, Status][] {
    const changed = this.#sql.exec(
      `SELECT idx, MIN(status) AS status FROM named JOIN standing USING (workflow)
       WHERE list = ? AND status <> 'valid' GROUP BY idx`, // 'invalid' sorts before 'suspended'
      list,
    );
    const over = this.#sql.exec('SELECT idx FROM place WHERE list = ? AND ends < ?', list, now);
    return [
      ...changed
        .toArray()
        .map(({ idx, status }): [number, Status] => [Number(idx), status as Status]),
      ...over.toArray().map(({ idx }): [number, Status] => [Number(idx), 'invalid']),
    ];
  }

  #drawPlace({ workflow, ancestors, issuedAt }: ReferredWorkflow): StatusPlace {
    const list = this.#openList();
    const idx = this.#drawIndex(list);
    const ends = latestEnd(issuedAt);
    this.#sql.exec(
      'INSERT INTO place (workflow, list, idx, ends) VALUES (?, ?, ?, ?)',
      ...[workflow, list, idx, ends],
    );
    for (const name of new Set([workflow, ...ancestors])) {
      this.#sql.exec('INSERT INTO named (workflow, list, idx) VALUES (?, ?, ?)', name, list, idx);
    }
    this.#sql.exec(
      'UPDATE list SET taken = taken + 1, ends = MAX(ends, ?) WHERE id = ?',
      ends,
      list,
    );
    return { list, idx };
  }

  /** Returns the newest list while it is young and has room, or a new one. */
  #openList(): string {
    const [open] = this.#sql
      .exec(
        'SELECT id FROM list WHERE taken < ? AND opened >= ? ORDER BY opened DESC LIMIT 1',
        ...[STATUS_LIST_TAKEN_MAX, readSeconds() - STATUS_LIST_OPEN_SECONDS],
      )
      .toArray();
    if (open) return String(open.id);
    const id = toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
    this.#sql.exec(
      'INSERT INTO list (id, opened, taken, ends, signed) VALUES (?, ?, 0, 0, 0)',
      ...[id, readSeconds()],
    );
    return id;
  }

  /** Draws an index at random, so it does not reveal when a workflow began (section 13.2). */
  #drawIndex(list: string): number {
    for (let draw = 0; draw < STATUS_LIST_DRAWS_MAX; draw++) {
      const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
      const idx = number % STATUS_LIST_ENTRIES;
      const taken = this.#sql.exec('SELECT 1 FROM place WHERE list = ? AND idx = ?', list, idx);
      if (taken.toArray().length === 0) return idx;
    }
    throw new Error('A status list has no free index, although it is not full.');
  }

  #purgeLater(): Promise<void> {
    return this.ctx.storage.setAlarm(readClock() + STATUS_LIST_PURGE_SECONDS * 1000);
  }
}
