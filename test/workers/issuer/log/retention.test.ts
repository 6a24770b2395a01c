import { reset } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { type AuditRecord, CONTROL_LOG } from '../../../../src/audit/index.ts';
import { readTrust, verifyReceipt } from '../../../../src/audit/proof/index.ts';
import { formatVerifierKey, noteSigner } from '../../../../src/tlog/index.ts';
import { appendRecords } from '../../../../workers/issuer/log/append.ts';
import { DailyRetention } from '../../../../workers/issuer/log/daily-retention.ts';
import { readRecords, readState } from '../../../../workers/issuer/log/read.ts';
import { archiveOf, type IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { admin, env } from '../token.scene.ts';

/** Retention over the real log and its archive. */
afterEach(() => reset());

const record = (n: number): AuditRecord => ({
  event: 'rule_armed',
  id: `r.${n}`,
  at: Date.now(),
  rule: 'r',
  actor: 'operator',
  reason: 'why',
});

test('a month that is over goes by the rule, and receipts of its records stay valid', async () => {
  await appendRecords(
    env,
    Array.from({ length: 300 }, (_, n) => record(n)),
  );
  const { body } = await admin(`audit/logs/${CONTROL_LOG}/receipts/7`);
  const { months } = await readState(env, CONTROL_LOG);
  expect(months).toHaveLength(1);
  const ruled: IssuerEnv = { ...env, AUDIT_RETENTION: '{"control":2}' };
  const archive = archiveOf(env, CONTROL_LOG);
  const later = Date.now() + 100 * 24 * 60 * 60 * 1000;
  // In three months the log writes to another month.
  const then = [...months, ['2999-01', 1]] as const;
  await new DailyRetention(env, CONTROL_LOG, archive).run(then, later);
  expect((await archive.list('m/')).paths.length).toBeGreaterThan(0);
  await new DailyRetention(ruled, CONTROL_LOG, archive).run(then, later);
  expect((await archive.list('m/')).paths).toEqual([]);
  expect((await readRecords(env, CONTROL_LOG, 0, 400)).map(({ index }) => index)).toEqual(
    Array.from({ length: 44 }, (_, n) => 256 + n),
  );
  const signer = await noteSigner('issuer.example/audit/control', 'log', env.LOG_KEY ?? '');
  const trust = readTrust(formatVerifierKey(signer), []);
  if (!trust.ok) throw new Error(trust.error.code);
  expect(await verifyReceipt(String(body.receipt), trust.value)).toMatchObject({ ok: true });
  expect(await admin(`audit/logs/${CONTROL_LOG}/receipts/7`)).toMatchObject({
    status: 404,
    body: { error: 'record_unknown' },
  });
  expect((await admin(`audit/logs/${CONTROL_LOG}/receipts/290`)).status).toBe(200);
});
