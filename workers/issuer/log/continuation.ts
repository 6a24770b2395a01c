import {
  type LogName,
  type LogOpenedRecord,
  logKindOf,
  nextControlLog,
} from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';
import { sha256 } from '../../../src/tlog/index.ts';
import { OPENED } from './columns.ts';
import type { SealState } from './seal/state.ts';

/**
 * Where a control log ends. Its last record is the first record of the log that continues it, and
 * commits to what the archive had of it by then. Call every write in a transaction.
 */
export class Continuation {
  readonly #sql: SqlStorage;
  readonly #log: LogName;

  constructor(sql: SqlStorage, log: LogName) {
    this.#sql = sql;
    this.#log = log;
  }

  /** The last record of this log; undefined while it is open. */
  last(): LogOpenedRecord | undefined {
    if (logKindOf(this.#log) !== 'control') return undefined;
    const [row] = this.#sql.exec('SELECT record FROM continued').toArray();
    return row && OPENED.read(row.record);
  }

  /** Closes the log, and returns the record to append to it. */
  close(sealed: SealState, now: UnixMilliseconds): LogOpenedRecord {
    const next = nextControlLog(this.#log);
    const record: LogOpenedRecord = {
      event: 'log_opened',
      id: openingId(next),
      at: now,
      log: next,
      after: endOf(this.#log, sealed),
    };
    this.#sql.exec('INSERT INTO continued (one, record) VALUES (1, ?)', OPENED.write(record));
    return record;
  }

  /** A log that was restored to a time before its end learns of it from its archive. */
  noteRestored(known: ReadonlySet<string>, sealed: SealState, now: UnixMilliseconds): void {
    if (logKindOf(this.#log) !== 'control' || this.last()) return;
    if (known.has(openingId(nextControlLog(this.#log)))) this.close(sealed, now);
  }
}

/** Returns what a record commits to that continues a log. */
export const endOf = (log: LogName, { committed, root }: SealState): LogOpenedRecord['after'] => ({
  log,
  size: committed,
  // The root of a tree without leaves is the hash of nothing.
  end: root ?? toHex(sha256(new Uint8Array())),
});

const openingId = (log: LogName): string => `opened.${log}`;

/** Returns the log that a control log continues; undefined for the first, and for other logs. */
export function previousControlLog(log: LogName): LogName | undefined {
  if (!log.startsWith('control-')) return undefined;
  const number = Number(log.slice('control-'.length)) - 1;
  return number === 1 ? 'control' : `control-${number}`;
}
