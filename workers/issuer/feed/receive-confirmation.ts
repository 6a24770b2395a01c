import * as v from 'valibot';
import { DECISION_LOGS, LOG_ORIGIN } from '../../../src/audit/index.ts';
import { AUDIENCE_BYTES_MAX } from '../../../src/limits.ts';
import { logOfVerifier } from '../log/which-log.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog, transparencyLog } from '../platform/env.ts';
import type { Confirmation } from './confirmations.ts';

const VERIFIER_NAME_BYTES_MAX = 64;
/** A clock that is years ahead or behind is a fault of its own. */
const HEAD_AGE_SECONDS_MAX = 1_000_000_000;
const RECORD_COUNTS_MAX = 16; // Audit logs that one verifier reports on.

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A verifier's report of itself, over HTTP or a service binding. */
export const confirmationSchema = v.strictObject({
  verifier: v.pipe(v.string(), v.maxLength(VERIFIER_NAME_BYTES_MAX), v.regex(/^[A-Za-z0-9_.:-]+$/)),
  epoch: v.pipe(count, v.minValue(1)),
  seq: count,
  records: v.exactOptional(
    v.pipe(
      v.array(v.strictObject({ origin: v.pipe(v.string(), v.maxLength(64)), n: count })),
      v.maxLength(RECORD_COUNTS_MAX),
    ),
  ),
  audience: v.exactOptional(v.pipe(v.string(), v.maxLength(AUDIENCE_BYTES_MAX))),
  version: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w.+-]{1,32}$/))),
  head_age: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(HEAD_AGE_SECONDS_MAX))),
  error: v.exactOptional(v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/))),
});

/**
 * Passes a confirmation on: its position to the feed, for operators who revoke, and its record
 * counts to the logs of decisions. All run in parallel.
 */
export async function receiveConfirmation(
  env: IssuerEnv,
  shard: number,
  confirmation: Confirmation,
): Promise<void> {
  if (shard >= readConfig(env).shards) return;
  const { verifier, records = [] } = confirmation;
  const counts = new Map(records.map(({ origin, n }) => [origin, n]));
  const all = counts.get(LOG_ORIGIN);
  await Promise.all([
    revocationLog(env, shard).confirm(confirmation),
    all !== undefined && transparencyLog(env, logOfVerifier(verifier)).expect(verifier, all),
    ...DECISION_LOGS.map((log, place) => {
      const n = counts.get(log);
      // A verifier numbers its records for each log under a name of its own: see `ShardedOutbox`.
      return n !== undefined && transparencyLog(env, log).expect(`${verifier}-${place}`, n);
    }),
  ]);
}
