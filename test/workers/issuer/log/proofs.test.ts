import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type AuditRecord,
  type DecisionRecord,
  decisionLogOf,
  originOf,
} from '../../../../src/audit/index.ts';
import {
  ExportVerifier,
  readTrust,
  type Trust,
  verifyReceipt,
} from '../../../../src/audit/proof/index.ts';
import { formatVerifierKey, noteSigner } from '../../../../src/tlog/index.ts';
import { appendRecords } from '../../../../workers/issuer/log/append.ts';
import { transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { admin, env } from '../token.scene.ts';

/** Receipts and proofs from the issuer, verified as a stranger does. */
afterEach(() => reset());

const ALICE = 'https://idp.example#alice';
const WORKFLOW = 'wf_0123456789abcdefghijkl';
const LOG = decisionLogOf(WORKFLOW, 'vx');
const SHARD = LOG.slice(-1);

const decision = (n: number): DecisionRecord => ({
  event: 'decision',
  id: `vx-${SHARD}.${n}`,
  at: Date.now(),
  verifier: `vx-${SHARD}`,
  n,
  workflow: WORKFLOW,
  subject: ALICE,
  task: 'letters',
  blocks: [],
  allowed: true,
});

async function trust(): Promise<Trust> {
  const signer = await noteSigner(originOf(env.ISSUER, 'control'), 'log', env.LOG_KEY ?? '');
  const read = readTrust(formatVerifierKey(signer), []);
  if (!read.ok) throw new Error(read.error.code);
  return read.value;
}

async function write(count: number): Promise<readonly DecisionRecord[]> {
  const records = Array.from({ length: count }, (_, n) => decision(n + 1));
  await appendRecords(env, records as readonly AuditRecord[]);
  return records;
}

async function receipt(index: number) {
  const { status, body } = await admin(`audit/logs/${LOG}/receipts/${index}`);
  return { status, text: String(body.receipt), error: body.error };
}

/** Returns the lines of a provable export, as the command line writes them. */
async function exported(query = ''): Promise<readonly string[]> {
  const proof = await admin(`audit/logs/${LOG}/proof${query}`);
  expect(proof.status).toBe(200);
  const lines: string[] = [JSON.stringify(proof.body)];
  for (let next: unknown = proof.body.from; next !== undefined; ) {
    const page = await admin(`audit/logs/${LOG}/entries?from=${next}&to=${proof.body.to}`);
    for (const entry of page.body.entries as readonly object[]) lines.push(JSON.stringify(entry));
    next = page.body.next;
  }
  return lines;
}

async function faults(lines: readonly string[]) {
  const verifier = new ExportVerifier(await trust());
  for (const line of lines) await verifier.line(line);
  return verifier.end().faults;
}

describe('a receipt of the issuer', () => {
  test('proves a record that was appended a moment before', async () => {
    const records = await write(5);
    const { status, text } = await receipt(3);
    expect(status).toBe(200);
    expect(await verifyReceipt(text, await trust())).toMatchObject({
      ok: true,
      value: { record: records[3], erased: [], log: LOG, index: 3, size: 5 },
    });
  });

  test('proves records of full bundles and of the tail', async () => {
    const records = await write(600);
    for (const index of [0, 255, 256, 511, 512, 599]) {
      const { text } = await receipt(index);
      expect(await verifyReceipt(text, await trust())).toMatchObject({
        value: { record: records[index], index, size: 600 },
      });
    }
  });

  test('proves the rest of a record after its person was erased', async () => {
    await write(3);
    const before = (await receipt(1)).text;
    expect(await admin('audit/erasures', { subject: ALICE })).toMatchObject({ status: 200 });
    const after = await verifyReceipt((await receipt(1)).text, await trust());
    expect(after).toMatchObject({ ok: true, value: { erased: ['subject', 'task'] } });
    expect(JSON.stringify(after)).not.toContain('alice');
    // What was given out before stays valid, with all that it says.
    expect(await verifyReceipt(before, await trust())).toMatchObject({ value: { erased: [] } });
  });

  test('does not exist for a record that does not, or for another log', async () => {
    await write(3);
    expect(await receipt(3)).toMatchObject({ status: 404, error: 'record_unknown' });
    expect((await admin('audit/logs/control-1/receipts/0')).body.error).toBe('log_unknown');
    expect((await admin(`audit/logs/${LOG}/receipts/-1`)).body.error).toBe('record_unknown');
  });
});

describe('a provable export of the issuer', () => {
  test('is accepted, whole and in part', async () => {
    await write(600);
    await transparencyLog(env, LOG).round();
    expect(await faults(await exported())).toEqual([]);
    for (const query of ['?from=1', '?from=300&to=550', '?from=600']) {
      expect(await faults(await exported(query))).toEqual([]);
    }
  });

  test('shows a record that the command line left out', async () => {
    await write(10);
    const lines = await exported();
    expect(await faults(lines)).toEqual([]);
    expect(await faults(lines.toSpliced(4, 1))).toMatchObject([
      { code: 'removed', index: 3 },
      { code: 'gap' },
    ]);
  });

  test('does not exist beyond the end of the log', async () => {
    await write(3);
    expect(await admin(`audit/logs/${LOG}/proof?from=4`)).toMatchObject({ status: 404 });
    expect(await admin(`audit/logs/${LOG}/proof?to=x`)).toMatchObject({ status: 400 });
  });
});
