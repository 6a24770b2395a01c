import type { UnixSeconds } from '../../../../src/clock.ts';
import type { KeptHeadKeys } from '../archive-binding.ts';
import { HEAD_KEYS } from '../columns.ts';
import { headKeysTable } from '../tables.ts';
import { type HeadKeysState, NO_HEAD_KEYS } from './state.ts';

/** The keys that the heads of a log name beside the root keys. Only the log of shard 0 has any. */
export class LogHeadKeys {
  readonly #sql: SqlStorage;
  readonly #shard: number;

  constructor(sql: SqlStorage, shard: number) {
    this.#sql = sql;
    this.#shard = shard;
  }

  /** Undefined until the first key was added. */
  get current(): KeptHeadKeys | undefined {
    return readHeadKeys(this.#sql);
  }

  get state(): HeadKeysState {
    return this.current?.lists ?? NO_HEAD_KEYS;
  }

  /** Throws a `TypeError` for a log of another shard than 0. */
  write(lists: HeadKeysState, now: UnixSeconds): void {
    if (this.#shard !== 0) throw new TypeError('Only shard 0 names these keys.');
    writeHeadKeys(this.#sql, { change: (this.current?.change ?? 0) + 1, lists, at: now });
  }

  /** After a restore: takes back what the archive has, if it is newer. */
  restore(kept: KeptHeadKeys | undefined): void {
    if (kept && kept.change > (this.current?.change ?? 0)) writeHeadKeys(this.#sql, kept);
  }
}

/** Reads the one row of a table `head_keys`, of the log or of its archive. */
export function readHeadKeys(sql: SqlStorage): KeptHeadKeys | undefined {
  const [row] = sql.exec('SELECT * FROM head_keys').toArray();
  if (!row) return undefined;
  const { change, lists, at } = headKeysTable.read(row);
  return { change, lists, at };
}

/** Writes it, unless the row is of a later change. */
export function writeHeadKeys(sql: SqlStorage, { change, lists, at }: KeptHeadKeys): void {
  sql.exec(
    `INSERT INTO head_keys (one, change, lists, at) VALUES (1, ?, ?, ?)
     ON CONFLICT (one) DO UPDATE SET change = excluded.change, lists = excluded.lists,
       at = excluded.at
     WHERE excluded.change > change`,
    ...[change, HEAD_KEYS.write(lists), at],
  );
}
