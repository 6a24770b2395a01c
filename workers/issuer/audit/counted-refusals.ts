import {
  type AuditRecord,
  type DecisionRecord,
  type RefusalRecord,
  type RefusalSample,
  type RefusalsRecord,
  refusedPartyOf,
} from '../../../src/audit/index.ts';
import { canonicalJson, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { utf8 } from '../../../src/encoding.ts';
import { SAMPLE } from './columns.ts';

/** Refused token requests of one agent that get a record each. Further ones are counted. */
const REFUSALS_PER_AGENT_HOUR_MAX = 60;
/**
 * Calls without a token that a route let through because it only observes: those of one source and
 * hour that get a record each, as samples, and those of all sources together.
 */
const SAMPLES_PER_SOURCE_HOUR_MAX = 600;
const SAMPLES_PER_HOUR_MAX = 6_000;
/**
 * Reasons that are counted separately, per agent or for all strangers. Further ones are `other`.
 */
const REFUSAL_CODES_PER_MINUTE_MAX = 32;
/** A sample has about 600 bytes, so this many fit into one record. */
const REFUSAL_SAMPLES_PER_MINUTE_MAX = 4;

const MINUTE_MILLISECONDS = 60_000;
const HOUR_MILLISECONDS = 60 * MINUTE_MILLISECONDS;
const OTHER = 'other';
/** The reason of a call that was let through and has no sample. */
const OBSERVED = 'observed';

/** A refusal: of a token request at the issuer, or of a call at a verifier. */
type Refusal = DecisionRecord | RefusalRecord;

/**
 * Members that the issuer or a verifier wrote. The caller chose the others: samples digest them.
 */
const OWN_MEMBERS: ReadonlySet<string> = new Set([
  ...['event', 'id', 'at', 'verifier', 'n', 'error', 'code', 'allowed', 'tier'],
]);

type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => string;

/**
 * Refusals without a record of their own, counted by minute, caller and reason. A flood of refusals
 * increments a few rows and writes one record a minute, so that neither strangers nor hijacked
 * agents can fill the log. Call every method in a transaction.
 */
export class CountedRefusals {
  readonly #sql: SqlStorage;
  readonly #sha256: Sha256;

  constructor(sql: SqlStorage, sha256: Sha256) {
    this.#sql = sql;
    this.#sha256 = sha256;
  }

  /**
   * Returns whether a record is a refusal that is only counted: every one of a stranger, and the
   * refused token requests of an agent beyond its hourly share. Uses up one of that share. A call
   * without a token that was let through is counted like that of a stranger, beyond its share.
   */
  isCounted(record: AuditRecord, now: UnixMilliseconds): record is Refusal {
    if (isObservedStranger(record)) return !this.#takeSample(record, now);
    const party = refusedPartyOf(record);
    if (party === undefined) return false;
    if (party === 'stranger') return true;
    if (record.event !== 'refusal') return false;
    return !this.#takeShare(party.agent, REFUSALS_PER_AGENT_HOUR_MAX, now);
  }

  /** Counts a refusal. Keeps the first one for a few of the reasons as samples. */
  count(refusal: Refusal, now: UnixMilliseconds): void {
    const party = refusedPartyOf(refusal);
    const agent = typeof party === 'object' ? party.agent : '';
    const at = refusal.event === 'refusal' ? 'token' : 'call';
    const reason = typeof refusal.code === 'string' ? refusal.code : 'unknown';
    const code = isObservedStranger(refusal) ? OBSERVED : reason;
    const minute = Math.floor(now / MINUTE_MILLISECONDS);
    const { known, rows } = this.#sql
      .exec(
        `SELECT COUNT(*) AS rows, COUNT(*) FILTER (WHERE at = ? AND code = ?) AS known
         FROM refused WHERE minute = ? AND agent = ?`,
        ...[at, code, minute, agent],
      )
      .one();
    const isFull = Number(known) === 0 && Number(rows) >= REFUSAL_CODES_PER_MINUTE_MAX;
    const isSampled = Number(rows) < REFUSAL_SAMPLES_PER_MINUTE_MAX;
    this.#sql.exec(
      `INSERT INTO refused (minute, agent, at, code, n, sample) VALUES (?, ?, ?, ?, 1, ?)
       ON CONFLICT DO UPDATE SET n = n + 1`,
      ...[minute, agent, at, isFull ? OTHER : code],
      isSampled ? SAMPLE.write(sampleOf(refusal, this.#sha256)) : null,
    );
  }

  /** Removes the minutes that are over and returns their records. */
  takeFinished(now: UnixMilliseconds): readonly RefusalsRecord[] {
    const minute = Math.floor(now / MINUTE_MILLISECONDS);
    const rows = this.#sql
      .exec('SELECT * FROM refused WHERE minute < ? ORDER BY minute, agent, n DESC', minute)
      .toArray();
    if (rows.length === 0) return [];
    this.#sql.exec('DELETE FROM refused WHERE minute < ?', minute);
    const groups = Map.groupBy(rows, (row) => `${row.minute} ${row.agent}`);
    return [...groups.values()].map(recordOf);
  }

  /** Returns when `takeFinished` has something to return; undefined if nothing is counted. */
  dueAt(): UnixMilliseconds | undefined {
    const { first } = this.#sql.exec('SELECT MIN(minute) AS first FROM refused').one();
    return first === null ? undefined : (Number(first) + 1) * MINUTE_MILLISECONDS;
  }

  #takeSample({ sample }: DecisionRecord, now: UnixMilliseconds): boolean {
    const source = canonicalJson((sample?.source ?? {}) as JsonObject);
    return (
      this.#takeShare(`${OBSERVED} ${source}`, SAMPLES_PER_SOURCE_HOUR_MAX, now) &&
      this.#takeShare(OBSERVED, SAMPLES_PER_HOUR_MAX, now)
    );
  }

  #takeShare(agent: string, most: number, now: UnixMilliseconds): boolean {
    const hour = Math.floor(now / HOUR_MILLISECONDS);
    this.#sql.exec('DELETE FROM refuser WHERE hour < ?', hour);
    const { n } = this.#sql
      .exec(
        `INSERT INTO refuser (agent, hour, n) VALUES (?, ?, 1)
         ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n`,
        ...[agent, hour],
      )
      .one();
    return Number(n) <= most;
  }
}

const isObservedStranger = (record: AuditRecord): record is DecisionRecord =>
  record.event === 'decision' && record.observed === true && record.workflow === undefined;

function sampleOf(refusal: Refusal, sha256: Sha256): RefusalSample {
  const members = Object.entries(refusal as unknown as JsonObject).map(
    ([name, value]: [string, Json]) => {
      if (OWN_MEMBERS.has(name) && (typeof value !== 'object' || value === null)) {
        return [name, value];
      }
      const form = utf8(canonicalJson(value));
      return [name, { sha256: sha256(form), bytes: form.length }];
    },
  );
  return Object.fromEntries(members) as RefusalSample;
}

function recordOf(rows: readonly Record<string, SqlStorageValue>[]): RefusalsRecord {
  const [first] = rows;
  const from = Number(first?.minute) * MINUTE_MILLISECONDS;
  const agent = String(first?.agent);
  return {
    event: 'refusals',
    id: `refusals.${crypto.randomUUID()}`,
    at: from + MINUTE_MILLISECONDS,
    ...(agent !== '' && { agent }),
    from,
    to: from + MINUTE_MILLISECONDS,
    count: rows.reduce((sum, { n }) => sum + Number(n), 0),
    reasons: rows.map(({ at, code, n }) => ({
      at: at === 'call' ? 'call' : 'token',
      code: String(code),
      count: Number(n),
    })),
    samples: rows.flatMap(({ sample }) => (sample === null ? [] : [SAMPLE.read(sample)])),
  };
}
