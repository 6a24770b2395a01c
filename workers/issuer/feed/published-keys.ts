import type { UnixSeconds } from '../../../src/clock.ts';

/** Since when the heads of a log have named a key, or have been signed with it. */
export interface PublishedKey {
  /** 32 bytes in lower-case hex. */
  readonly publicKey: string;
  readonly since: UnixSeconds;
}

/**
 * Remembers when each key was first published. The configuration of a Worker has keys and no times,
 * and the age of a key tells an operator when to rotate it.
 */
export class PublishedKeys {
  readonly #sql: SqlStorage;
  readonly #known = new Set<string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Notes the keys of a head that is about to be signed. A key that is known costs nothing. */
  note(publicKeys: readonly string[], now: UnixSeconds): void {
    for (const key of publicKeys) {
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      this.#sql.exec(
        'INSERT OR IGNORE INTO published_key (public_key, since) VALUES (?, ?)',
        key,
        now,
      );
    }
  }
}

/** Returns every key that was published, also those that are not published any more. */
export const readPublishedKeys = (sql: SqlStorage): readonly PublishedKey[] =>
  sql
    .exec('SELECT public_key, since FROM published_key')
    .toArray()
    .map((row) => ({ publicKey: String(row.public_key), since: Number(row.since) }));
