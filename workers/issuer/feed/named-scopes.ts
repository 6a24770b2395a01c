import type { UnixSeconds } from '../../../src/clock.ts';
import type { WatermarkScope } from '../../../src/feed/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import type { AdmissionRequest } from './denial.ts';

const NAMED_SECONDS = 300; // Expiry is rounded up to steps of this, so most mints write nothing.
const NAMED_PURGED_PER_MINT_MAX = 64; // More than one mint can add.
const NAMED_KNOWN_MAX = 10_000; // In memory; each takes about 100 bytes.

/**
 * The scopes that living tokens may name, and until when. A token is noted here before it is handed
 * out, so no unexpired token names a scope that is missing here.
 */
export class NamedScopes {
  readonly #sql: SqlStorage;
  /** What this instance has noted, so that a scope is written once in `NAMED_SECONDS`. */
  readonly #known = new Map<string, UnixSeconds>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Notes the scopes of a token. */
  note({ expires, ...token }: AdmissionRequest, now: UnixSeconds): void {
    const until = Math.ceil((expires + CLOCK_SKEW_SECONDS_MAX) / NAMED_SECONDS) * NAMED_SECONDS;
    const scopes = scopesOf(token).filter(
      // A row is deleted only after it has expired, so what is known until then is stored.
      ([scope, value]) => (this.#known.get(`${scope} ${value}`) ?? 0) < until,
    );
    if (scopes.length === 0) return;
    for (const [scope, value] of scopes) this.#note(scope, value, until);
    this.#sql.exec(
      `DELETE FROM named_scope WHERE (scope, value) IN
         (SELECT scope, value FROM named_scope WHERE expires < ? LIMIT ?)`,
      now,
      NAMED_PURGED_PER_MINT_MAX,
    );
  }

  /**
   * After a restore, when notes are lost: assumes that tokens name any scope until all have ended.
   */
  forget(now: UnixSeconds): void {
    this.#note('all', '', now + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX);
  }

  /** Returns until when a token of the scope may live, or undefined if no token does. */
  until(scope: WatermarkScope, value: string, now: UnixSeconds): UnixSeconds | undefined {
    const { until } = this.#sql
      .exec(
        `SELECT MAX(expires) AS until FROM named_scope
           WHERE expires >= ? AND ((scope = ? AND value = ?) OR scope = 'all' OR ? = 'all')`,
        ...[now, scope, value, scope],
      )
      .one();
    return until === null ? undefined : Number(until);
  }

  #note(scope: WatermarkScope, value: string, until: UnixSeconds): void {
    this.#sql.exec(
      `INSERT INTO named_scope (scope, value, expires) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET expires = excluded.expires WHERE excluded.expires > expires`,
      ...[scope, value, until],
    );
    if (this.#known.size >= NAMED_KNOWN_MAX) this.#known.clear();
    this.#known.set(`${scope} ${value}`, until);
  }
}

function scopesOf({
  agent,
  subject,
  owner,
  audience,
  issuerKey,
  tools,
}: Omit<AdmissionRequest, 'expires'>): readonly (readonly [WatermarkScope, string])[] {
  return [
    ['agent', agent],
    ['subject', subject],
    ['owner', owner],
    ['audience', audience],
    ['issuer_key', issuerKey],
    ...tools.map((tool) => ['tool', tool] as const),
  ];
}
