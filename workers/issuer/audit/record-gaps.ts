import type { GapRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';

/**
 * Returns the gaps of all records that verifiers announced to the log of releases before 0.4.0 and
 * that never arrived, due or not: nothing arrives there any more. A record that arrives elsewhere
 * afterwards counts as late. Call it in a transaction.
 */
export function takeAwaited(sql: SqlStorage, now: UnixMilliseconds): readonly GapRecord[] {
  const missing = sql
    .exec(
      `SELECT verifier, latest, COALESCE(numbered.n, 0) AS known
       FROM awaited LEFT JOIN numbered USING (verifier) WHERE latest > known ORDER BY due`,
    )
    .toArray();
  sql.exec(
    `INSERT INTO numbered (verifier, n) SELECT verifier, latest FROM awaited WHERE TRUE
     ON CONFLICT DO UPDATE SET n = MAX(n, excluded.n)`,
  );
  sql.exec('DELETE FROM awaited');
  return missing.map(({ verifier, latest, known }) =>
    gapOf(String(verifier), Number(known), Number(latest) + 1, now),
  );
}

/** Returns the record of numbers between two that arrived. */
export const gapOf = (
  verifier: string,
  after: number,
  before: number,
  at: UnixMilliseconds,
): GapRecord => ({ event: 'gap', id: `gap.${verifier}.${before}`, at, verifier, after, before });
