import type { WatermarkScope } from '../../../src/feed/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import type { AdmissionRequest } from './denial.ts';

const NAMED_SECONDS = 300; // What living tokens name is known in such steps.
const NAMED_PURGED_PER_MINT_MAX = 64; // More than one mint can add.

/**
 * Which scopes the tokens that are out may name, and until when. A token is handed out only after
 * it was noted here, so what is not here is named by no living token.
 */
export class NamedScopes {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** In whole steps of time, so that most mints of an agent write nothing. */
  note({ expires, ...mint }: AdmissionRequest, nowSeconds: number): void {
    const until = Math.ceil((expires + CLOCK_SKEW_SECONDS_MAX) / NAMED_SECONDS) * NAMED_SECONDS;
    for (const [scope, value] of scopesOf(mint)) this.#note(scope, value, until);
    this.#sql.exec(
      `DELETE FROM named_scope WHERE (scope, value) IN
         (SELECT scope, value FROM named_scope WHERE expires < ? LIMIT ?)`,
      nowSeconds,
      NAMED_PURGED_PER_MINT_MAX,
    );
  }

  /** After a restore, when notes are lost: for as long as one token lives, any may be out. */
  forget(nowSeconds: number): void {
    this.#note('all', '', nowSeconds + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX);
  }

  /** Unix seconds until which a token of the scope may live; undefined where none is out. */
  until(scope: WatermarkScope, value: string, nowSeconds: number): number | undefined {
    const { until } = this.#sql
      .exec(
        `SELECT MAX(expires) AS until FROM named_scope
           WHERE expires >= ? AND ((scope = ? AND value = ?) OR scope = 'all' OR ? = 'all')`,
        ...[nowSeconds, scope, value, scope],
      )
      .one();
    return until === null ? undefined : Number(until);
  }

  #note(scope: WatermarkScope, value: string, until: number): void {
    this.#sql.exec(
      `INSERT INTO named_scope (scope, value, expires) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET expires = excluded.expires WHERE excluded.expires > expires`,
      ...[scope, value, until],
    );
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
