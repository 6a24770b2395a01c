import { readSeconds } from '../../../src/clock.ts';
import type { ListedSession, NewSession, Session } from './binding.ts';
import { CLAIMS } from './columns.ts';
import { sessionTable } from './tables.ts';

/** The browsers and shells of one person. The oldest session ends for another one. */
const SESSIONS_PER_PERSON_MAX = 16;

/** The sessions that have not ended. Runs inside the object that owns the tables. */
export class SessionRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns false if the proof of the session began one before. */
  add({ digest, session, proof }: NewSession): boolean {
    if (proof && !this.#use(proof)) return false;
    const { name, provider, claims, source, begun, ends } = session;
    this.#sql.exec(
      'INSERT INTO session (digest, name, provider, claims, source, begun, ends) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[digest, name, provider, CLAIMS.write(claims), source, begun, ends],
    );
    this.#sql.exec(
      `DELETE FROM session WHERE digest IN (
         SELECT digest FROM session WHERE name = ? ORDER BY begun DESC, digest LIMIT -1 OFFSET ?
       )`,
      name,
      SESSIONS_PER_PERSON_MAX,
    );
    return true;
  }

  find(digest: string): Session | undefined {
    const [row] = this.#sql
      .exec('SELECT * FROM session WHERE digest = ? AND ends > ?', digest, readSeconds())
      .toArray();
    return row && readRow(row);
  }

  /** Returns them, the newest first. */
  all(): ListedSession[] {
    return this.#sql
      .exec('SELECT * FROM session WHERE ends > ? ORDER BY begun DESC, digest', readSeconds())
      .toArray()
      .map((row) => sessionTable.read(row));
  }

  end(digest: string): void {
    this.#sql.exec('DELETE FROM session WHERE digest = ?', digest);
  }

  /** Ends every session of a person. Returns how many there were. */
  endAllOf(name: string): number {
    const count = this.all().filter((session) => session.name === name).length;
    this.#sql.exec('DELETE FROM session WHERE name = ?', name);
    return count;
  }

  dropEnded(): void {
    const now = readSeconds();
    this.#sql.exec('DELETE FROM session WHERE ends <= ?', now);
    this.#sql.exec('DELETE FROM proof WHERE until <= ?', now);
  }

  /** Takes a proof that may be used once. */
  #use({ digest, until }: NonNullable<NewSession['proof']>): boolean {
    const known = this.#sql.exec('SELECT 1 FROM proof WHERE digest = ?', digest).toArray();
    if (known.length > 0) return false;
    this.#sql.exec('INSERT INTO proof (digest, until) VALUES (?, ?)', digest, until);
    return true;
  }
}

function readRow(row: Readonly<Record<string, SqlStorageValue>>): Session {
  const { digest: _, ...session } = sessionTable.read(row);
  return session;
}
