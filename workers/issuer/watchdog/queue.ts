import { isWithin, type UnixMilliseconds } from '../../../src/clock.ts';
import { keyOf, kindOf, type Notice, type Target } from '../../../src/notices/index.ts';
import type { TargetState } from './binding.ts';
import { NOTICE } from './columns.ts';
import { noticeTable } from './tables.ts';

/** Notices that wait for one target. A person who was not reached for a day reads the console. */
const QUEUE_MAX = 200;
const NOTICE_MILLISECONDS_MAX = 24 * 3_600_000;
/** Keys of notices that are not sent again yet. */
const QUIET_MAX = 2_000;

export interface QueuedNotice {
  readonly seq: number;
  readonly id: string;
  readonly at: UnixMilliseconds;
  readonly notice: Notice;
  readonly refusals: number;
}

/** The notices that wait, by target, in the order of arrival. Delivered notices are deleted. */
export class NoticeQueue {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  get #sql(): SqlStorage {
    return this.#storage.sql;
  }

  /** Adds a notice for each target that wants it, unless the same was taken a while ago. */
  add(notice: Notice, targets: readonly Target[], now: UnixMilliseconds): void {
    this.#storage.transactionSync(() => {
      if (!this.#isNew(notice, now)) return;
      const wanted = targets.filter(({ events }) => events.includes(notice.type));
      for (const { name } of wanted) this.addTo(name, notice, now);
    });
  }

  /** Adds a notice for one target. */
  addTo(target: string, notice: Notice, now: UnixMilliseconds): void {
    this.#sql.exec('INSERT OR IGNORE INTO target (name) VALUES (?)', target);
    this.#sql.exec(
      'INSERT INTO notice (target, id, at, notice) VALUES (?, ?, ?, ?)',
      ...[target, `msg_${crypto.randomUUID()}`, now, NOTICE.write(notice)],
    );
    const full = this.#sql.exec(
      `DELETE FROM notice WHERE target = ? AND seq NOT IN
         (SELECT seq FROM notice WHERE target = ? ORDER BY seq DESC LIMIT ?) RETURNING 1`,
      ...[target, target, QUEUE_MAX],
    );
    this.countDropped(target, full.toArray().length, 'queue_full');
  }

  /** Returns the first notice of a target that may be sent now. */
  next(target: string, now: UnixMilliseconds): QueuedNotice | undefined {
    const [row] = this.#sql
      .exec(
        'SELECT * FROM notice WHERE target = ? AND due <= ? ORDER BY seq LIMIT 1',
        ...[target, now],
      )
      .toArray();
    return row && noticeTable.read(row);
  }

  remove({ seq }: QueuedNotice): void {
    this.#sql.exec('DELETE FROM notice WHERE seq = ?', seq);
  }

  postpone({ seq }: QueuedNotice, due: UnixMilliseconds): void {
    this.#sql.exec('UPDATE notice SET due = ?, refusals = refusals + 1 WHERE seq = ?', due, seq);
  }

  /** Drops what is too old, and what belongs to a target that is no longer configured. */
  dropOld(targets: readonly Target[], now: UnixMilliseconds): void {
    const names = targets.map(({ name }) => name);
    const old = this.#sql
      .exec('DELETE FROM notice WHERE at < ? RETURNING target', now - NOTICE_MILLISECONDS_MAX)
      .toArray();
    for (const [target, rows] of Map.groupBy(old, (row) => String(row.target))) {
      this.countDropped(target, rows.length, 'too_old');
    }
    for (const { name } of this.#sql.exec('SELECT name FROM target').toArray()) {
      if (names.includes(String(name))) continue;
      this.#sql.exec('DELETE FROM notice WHERE target = ?', name);
      this.#sql.exec('DELETE FROM target WHERE name = ?', name);
    }
  }

  /** Returns when the first notice may be sent. Returns undefined if none waits. */
  dueAt(): UnixMilliseconds | undefined {
    const { due } = this.#sql
      .exec(
        `SELECT MIN(MAX(notice.due, target.due)) AS due
           FROM notice JOIN target ON target.name = notice.target`,
      )
      .one();
    return due === null ? undefined : Number(due);
  }

  /** Returns the names of the targets that something can be sent to now. */
  dueTargets(
    now: UnixMilliseconds,
  ): readonly { readonly name: string; readonly failures: number }[] {
    return this.#sql
      .exec(
        `SELECT name, failures FROM target WHERE due <= ? AND EXISTS
           (SELECT 1 FROM notice WHERE target = target.name AND due <= ?)`,
        ...[now, now],
      )
      .toArray()
      .map(({ name, failures }) => ({ name: String(name), failures: Number(failures) }));
  }

  /** Notes how the deliveries to a target went. */
  note(
    target: string,
    { failures, fault, due }: { failures: number; fault?: string; due: UnixMilliseconds },
  ): void {
    this.#sql.exec(
      'UPDATE target SET failures = ?, fault = ?, due = ? WHERE name = ?',
      ...[failures, fault ?? null, due, target],
    );
  }

  noteDelivered(target: string, now: UnixMilliseconds): void {
    this.#sql.exec('UPDATE target SET delivered = ? WHERE name = ?', now, target);
  }

  /** Reports lost notices, in the log and in the count of the target. */
  countDropped(target: string, count: number, why: string): void {
    if (count === 0) return;
    console.error({ event: 'notices.dropped', target, count, why });
    this.#sql.exec('UPDATE target SET dropped = dropped + ? WHERE name = ?', count, target);
  }

  stateOf({ name, kind, events }: Target): TargetState {
    const [row] = this.#sql.exec('SELECT * FROM target WHERE name = ?', name).toArray();
    const { n } = this.#sql.exec('SELECT COUNT(*) AS n FROM notice WHERE target = ?', name).one();
    const { dropped = 0, failures = 0, fault = null, delivered = null } = row ?? {};
    return {
      name,
      kind,
      events,
      queued: Number(n),
      dropped: Number(dropped),
      failures: Number(failures),
      ...(fault !== null && { fault: String(fault) }),
      ...(delivered !== null && { deliveredAt: Number(delivered) }),
    };
  }

  /** Remembers the notice for its quiet time. Returns false if that has not passed yet. */
  #isNew(notice: Notice, now: UnixMilliseconds): boolean {
    const key = keyOf(notice);
    const quiet = kindOf(notice.type).quietSeconds * 1_000;
    const [known] = this.#sql.exec('SELECT until FROM quiet WHERE key = ?', key).toArray();
    if (known && isWithin(Number(known.until) - quiet, now, quiet)) return false;
    this.#sql.exec('DELETE FROM quiet WHERE until <= ?', now);
    this.#sql.exec(
      `DELETE FROM quiet WHERE key IN
         (SELECT key FROM quiet ORDER BY until DESC LIMIT -1 OFFSET ?)`,
      QUIET_MAX,
    );
    this.#sql.exec('INSERT OR REPLACE INTO quiet (key, until) VALUES (?, ?)', key, now + quiet);
    return true;
  }
}
