import type { GapRecord } from '../../../src/audit/index.ts';

const RECORDS_SILENT_SECONDS = 30; // After their number was told: a batch and its retries.

/**
 * What verifiers say that they have numbered and the log has not yet seen. A number that is skipped
 * is noticed with the next record; where a verifier ends there is none, and only what it has said
 * before tells that something is missing. Every change is in a transaction of the caller's.
 */
export class AwaitedRecords {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** `verifier` has numbered `n` records. Nothing is stored where all of them have come. */
  expect(verifier: string, n: number, now: number): void {
    const seen = this.#seen(verifier);
    if (n <= seen) return;
    const due = now + RECORDS_SILENT_SECONDS * 1_000;
    const [waiting] = this.#sql
      .exec('SELECT n FROM awaited WHERE verifier = ?', verifier)
      .toArray();
    // What was awaited keeps its time, or a verifier that goes on would put it off for as long.
    const isPending = waiting !== undefined && Number(waiting.n) > seen;
    this.#sql.exec(
      isPending
        ? 'UPDATE awaited SET latest = MAX(latest, ?2) WHERE verifier = ?1'
        : `INSERT INTO awaited (verifier, n, latest, due) VALUES (?1, ?2, ?2, ?3)
           ON CONFLICT DO UPDATE SET n = ?2, latest = ?2, due = ?3`,
      ...(isPending ? [verifier, n] : [verifier, n, due]),
    );
  }

  /** What should have come by now: from here on it is missing, and comes late if it comes. */
  takeMissing(now: number): readonly GapRecord[] {
    return this.#sql
      .exec('SELECT * FROM awaited WHERE due <= ? ORDER BY due', now)
      .toArray()
      .flatMap(({ verifier, n, latest }) =>
        this.#settle(String(verifier), Number(n), Number(latest), now),
      );
  }

  /** Unix milliseconds of the next `takeMissing`. */
  dueAt(): number | undefined {
    const { due } = this.#sql.exec('SELECT MIN(due) AS due FROM awaited').one();
    return due === null ? undefined : Number(due);
  }

  #settle(verifier: string, n: number, latest: number, now: number): readonly GapRecord[] {
    const after = this.#seen(verifier);
    const isMissing = n > after;
    if (isMissing) {
      this.#sql.exec(
        `INSERT INTO numbered (verifier, n) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET n = MAX(n, ?2)`,
        ...[verifier, n],
      );
    }
    this.#sql.exec('DELETE FROM awaited WHERE verifier = ?', verifier);
    this.expect(verifier, latest, now);
    if (!isMissing) return [];
    const before = n + 1;
    const id = `gap.${verifier}.${before}`;
    return [{ event: 'gap', id, at: now, verifier, after, before }];
  }

  #seen(verifier: string): number {
    const [known] = this.#sql.exec('SELECT n FROM numbered WHERE verifier = ?', verifier).toArray();
    return Number(known?.n ?? 0);
  }
}
