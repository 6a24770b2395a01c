import { DatabaseSync } from 'node:sqlite';

/** The newest checkpoint that was cosigned for an origin. */
export interface Cosigned {
  readonly size: bigint;
  readonly root: Buffer;
  /** With the lines of the log that were verified, and the cosignature. */
  readonly note: string;
}

/** The memory of a witness. A witness that forgets can be shown a second history. */
export class WitnessStore {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 5_000 });
    this.#database.exec(
      `PRAGMA synchronous = FULL;
       CREATE TABLE IF NOT EXISTS cosigned
         (origin TEXT PRIMARY KEY, size TEXT NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL)`,
    );
  }

  newest(origin: string): Cosigned | undefined {
    const row = this.#database
      .prepare('SELECT size, root, note FROM cosigned WHERE origin = ?')
      .get(origin);
    if (!row) return undefined;
    const { size, root, note } = row;
    return {
      size: BigInt(String(size)),
      root: Buffer.from(root as Uint8Array),
      note: String(note),
    };
  }

  /**
   * Runs a check and stores what it returns in one transaction, which no other process interrupts.
   * It is on the disk when this returns.
   */
  advance(origin: string, check: (newest: Cosigned | undefined) => Cosigned | undefined): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const next = check(this.newest(origin));
      if (next) {
        this.#database
          .prepare('INSERT OR REPLACE INTO cosigned (origin, size, root, note) VALUES (?, ?, ?, ?)')
          .run(origin, String(next.size), next.root, next.note);
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}
