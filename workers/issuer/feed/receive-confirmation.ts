import * as v from 'valibot';
import { LOG_ORIGIN } from '../../../src/audit/index.ts';
import { logOfVerifier } from '../log/which-log.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog, transparencyLog } from '../platform/env.ts';
import type { Confirmation } from './confirmations.ts';

const VERIFIER_NAME_BYTES_MAX = 64;
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
});

/**
 * Passes a confirmation on: its position to the log, for operators who revoke, and its record count
 * to the audit log. The two run in parallel.
 */
export async function receiveConfirmation(
  env: IssuerEnv,
  shard: number,
  confirmation: Confirmation,
): Promise<void> {
  if (shard >= readConfig(env).shards) return;
  const { verifier, records = [] } = confirmation;
  const ours = records.find(({ origin }) => origin === LOG_ORIGIN);
  await Promise.all([
    revocationLog(env, shard).confirm(confirmation),
    ours && transparencyLog(env, logOfVerifier(verifier)).expect(verifier, ours.n),
  ]);
}
