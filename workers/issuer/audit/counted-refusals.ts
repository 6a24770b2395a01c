import type { RefusalsRecord } from '../../../src/audit/index.ts';
import { SAMPLE } from './columns.ts';
import type { Refused } from './strangers.ts';

const REFUSALS_PER_AGENT_HOUR_MAX = 60; // In full; the others are counted by the minute.
const REFUSAL_CODES_PER_MINUTE_MAX = 32; // Counted apart, of one agent or of all strangers.
const REFUSAL_SAMPLES_PER_MINUTE_MAX = 4; // Of about 600 bytes: as many as a record holds.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OTHER = 'other';

/**
 * Refusals that are not a record each, by minute, caller and reason. A flood of them is a few rows
 * that are counted up, and one record a minute: strangers and hijacked agents fill no log.
 */
export class CountedRefusals {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether the refusal of a proven agent may be a record of its own; takes one of its hour. */
  hasShare(agent: string, now: number): boolean {
    const hour = Math.floor(now / HOUR);
    this.#sql.exec('DELETE FROM refuser WHERE hour < ?', hour);
    const { n } = this.#sql
      .exec(
        `INSERT INTO refuser (agent, hour, n) VALUES (?, ?, 1)
         ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n`,
        agent,
        hour,
      )
      .one();
    return Number(n) <= REFUSALS_PER_AGENT_HOUR_MAX;
  }

  add({ agent = '', at, code, sample }: Refused, now: number): void {
    const minute = Math.floor(now / MINUTE);
    const { known, rows } = this.#sql
      .exec(
        `SELECT COUNT(*) AS rows, COUNT(*) FILTER (WHERE at = ? AND code = ?) AS known
         FROM refused WHERE minute = ? AND agent = ?`,
        at,
        code,
        minute,
        agent,
      )
      .one();
    const isFull = Number(known) === 0 && Number(rows) >= REFUSAL_CODES_PER_MINUTE_MAX;
    const isSampled = Number(rows) < REFUSAL_SAMPLES_PER_MINUTE_MAX;
    this.#sql.exec(
      `INSERT INTO refused (minute, agent, at, code, n, sample) VALUES (?, ?, ?, ?, 1, ?)
       ON CONFLICT DO UPDATE SET n = n + 1`,
      minute,
      agent,
      at,
      isFull ? OTHER : code,
      isSampled ? SAMPLE.write(sample) : null,
    );
  }

  /** The records of the minutes that are over, whose rows go; in a transaction of the caller's. */
  takeOver(now: number): readonly RefusalsRecord[] {
    const minute = Math.floor(now / MINUTE);
    const rows = this.#sql
      .exec('SELECT * FROM refused WHERE minute < ? ORDER BY minute, agent, n DESC', minute)
      .toArray();
    if (rows.length === 0) return [];
    this.#sql.exec('DELETE FROM refused WHERE minute < ?', minute);
    const groups = Map.groupBy(rows, (row) => `${row.minute} ${row.agent}`);
    return [...groups.values()].map(toRecord);
  }

  /** Unix milliseconds at which `takeOver` has something; undefined where nothing is counted. */
  dueAt(): number | undefined {
    const { first } = this.#sql.exec('SELECT MIN(minute) AS first FROM refused').one();
    return first === null ? undefined : (Number(first) + 1) * MINUTE;
  }
}

function toRecord(rows: readonly Record<string, SqlStorageValue>[]): RefusalsRecord {
  const [first] = rows;
  const from = Number(first?.minute) * MINUTE;
  const agent = String(first?.agent);
  return {
    event: 'refusals',
    id: `refusals.${crypto.randomUUID()}`,
    at: from + MINUTE,
    ...(agent !== '' && { agent }),
    from,
    to: from + MINUTE,
    count: rows.reduce((sum, { n }) => sum + Number(n), 0),
    reasons: rows.map(({ at, code, n }) => ({
      at: at === 'call' ? 'call' : 'token',
      code: String(code),
      count: Number(n),
    })),
    samples: rows.flatMap(({ sample }) => (sample === null ? [] : [SAMPLE.read(sample)])),
  };
}
