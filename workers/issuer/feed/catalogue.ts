import type { UnixSeconds } from '../../../src/clock.ts';
import type { KeptCatalogue } from './archive-binding.ts';

/** The catalogue that the heads of a log name. Only the log of shard 0 has one. */
export class LogCatalogue {
  readonly #sql: SqlStorage;
  readonly #shard: number;

  constructor(sql: SqlStorage, shard: number) {
    this.#sql = sql;
    this.#shard = shard;
  }

  /** Undefined until a version of policy and catalogue was activated for the first time. */
  get current(): KeptCatalogue | undefined {
    return readCatalogue(this.#sql);
  }

  /**
   * Returns false if the log names this catalogue already. Throws a `TypeError` if `hash` is no
   * hash, or for a log of another shard than 0.
   */
  set(hash: string, now: UnixSeconds): boolean {
    if (this.#shard !== 0 || !/^[0-9a-f]{64}$/.test(hash)) {
      throw new TypeError('Only shard 0 names a catalogue, by the SHA-256 of its text in hex.');
    }
    const { current } = this;
    if (current?.hash === hash) return false;
    writeCatalogue(this.#sql, { change: (current?.change ?? 0) + 1, hash, at: now });
    return true;
  }

  /** After a restore: takes back what the archive has, if it is newer. */
  restore(kept: KeptCatalogue | undefined): void {
    if (kept && kept.change > (this.current?.change ?? 0)) writeCatalogue(this.#sql, kept);
  }
}

/** Reads the one row of a table `catalogue`, of the log or of its archive. */
export function readCatalogue(sql: SqlStorage): KeptCatalogue | undefined {
  const [row] = sql.exec('SELECT change, hash, at FROM catalogue').toArray();
  return row && { change: Number(row.change), hash: String(row.hash), at: Number(row.at) };
}

/** Writes it, unless the row is of a later change. */
export function writeCatalogue(sql: SqlStorage, { change, hash, at }: KeptCatalogue): void {
  sql.exec(
    `INSERT INTO catalogue (one, change, hash, at) VALUES (1, ?, ?, ?)
     ON CONFLICT (one) DO UPDATE SET change = excluded.change, hash = excluded.hash,
       at = excluded.at
     WHERE excluded.change > change`,
    ...[change, hash, at],
  );
}
