import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readBlocks } from '../../../../src/audit/find/index.ts';
import { type AuditRecord, linkInput, TRAIL_START } from '../../../../src/audit/index.ts';
import { fromUtf8, toHex } from '../../../../src/encoding.ts';
import {
  decodeBundle,
  leafHash,
  noteSigner,
  openNote,
  readCheckpoint,
  rootOf,
} from '../../../../src/tlog/index.ts';
import { auditSchema } from '../../../../workers/issuer/audit/schema.ts';
import { DailyRetention } from '../../../../workers/issuer/log/daily-retention.ts';
import { rangeProofOf, receiptOf } from '../../../../workers/issuer/log/proofs.ts';
import { readRecords, readState } from '../../../../workers/issuer/log/read.ts';
import { readTail } from '../../../../workers/issuer/log/seal/tail.ts';
import {
  archiveOf,
  auditLog,
  type IssuerEnv,
  subjectKeys,
  transparencyLog,
} from '../../../../workers/issuer/platform/env.ts';
import { migrate } from '../../../../workers/issuer/platform/sqlite.ts';
import { rebuildPart } from '../../../../workers/issuer/search/rebuild.ts';
import { readLogs, searchLogs } from '../../../../workers/issuer/search/search.ts';
import { digitOf } from '../../../../workers/issuer/subject-keys/keys.ts';

/** The log of releases before 0.4.0, and its records on their way to the log `old`. */
const bindings = untyped as unknown as IssuerEnv;

let reported: string[];
beforeEach(() => {
  reported = [];
  vi.spyOn(console, 'error').mockImplementation((line) => void reported.push(JSON.stringify(line)));
  vi.spyOn(console, 'warn').mockImplementation((line) => void reported.push(JSON.stringify(line)));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const recordOf = (n: number): AuditRecord => ({
  event: 'refusal',
  id: `r.${n}`,
  at: Date.UTC(2026, n < 300 ? 9 : 10, 3),
  agent: `https://idp.example#agent-${n % 7}`,
  ...(n === 7 && { subject: 'alice' }),
  error: 'invalid_request',
  code: 'body_too_large',
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** Writes records as 0.3.0 did, and returns their entries. */
async function writeFormer(count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const entries: Uint8Array<ArrayBuffer>[] = [];
  await runInDurableObject(auditLog(bindings), (_log, { storage }) => {
    let previous = TRAIL_START;
    storage.transactionSync(() => {
      for (let seq = 1; seq <= count; seq++) {
        const record = recordOf(seq);
        const entry = linkInput(previous, seq, record);
        const hash = toHex(sha256(entry));
        storage.sql.exec(
          'INSERT INTO record (seq, id, workflow, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)',
          ...[seq, record.id, null, JSON.stringify(record), previous, hash],
        );
        entries.push(entry);
        previous = hash;
      }
      storage.sql.exec("INSERT INTO numbered (verifier, n) VALUES ('gateway-1', 41)");
    });
  });
  return entries;
}

/** Runs alarms until everything is carried over, or `most` times. */
async function runAlarms(most = 40): Promise<number> {
  for (let times = 0; times < most; times++) {
    if ((await auditLog(bindings).carried()).isEmpty) return times;
    await runDurableObjectAlarm(auditLog(bindings));
  }
  return most;
}

const signer = () => noteSigner('issuer.example/audit/old', 'log', bindings.LOG_KEY ?? '');

async function checkpoint(env = bindings) {
  const stored = await archiveOf(env, 'old').get('checkpoint');
  const opened = stored && (await openNote(stored.bytes, [await signer()]));
  const read = opened?.ok ? readCheckpoint(opened.value.text) : undefined;
  return read?.ok ? read.value : undefined;
}

describe('the former audit log', () => {
  test('ends where its chain ended, and says so ever after', async () => {
    const entries = await writeFormer(3);
    const end = { size: 3, hash: toHex(sha256(entries[2] ?? new Uint8Array())) };
    expect(await auditLog(bindings).close()).toEqual(end);
    await runAlarms();
    expect(await auditLog(bindings).close()).toEqual(end);
  });

  test('carries its records over to the archive, and is empty afterwards', async () => {
    const entries = await writeFormer(600);
    await auditLog(bindings).close();
    expect(await runAlarms()).toBeLessThan(10);
    const archive = archiveOf(bindings, 'old');
    expect(await checkpoint()).toMatchObject({ size: 600, root: rootOf(entries.map(leafHash)) });
    const { paths } = await archive.list('');
    expect(paths).toEqual([
      ...[
        'checkpoint',
        'index-key',
        'm/2026-10/entries/000',
        'm/2026-10/index/2026-10-03.00000000',
      ],
      ...['m/2026-11/entries/001', 'm/2026-11/index/2026-11-03.00000000'],
      ...['tail', 'tile/0/000', 'tile/0/001'],
    ]);
    const first = await archive.get('m/2026-10/entries/000');
    expect(first && decodeBundle(first.bytes)).toEqual(entries.slice(0, 256));
    const tail = await archive.get('tail');
    expect(tail && readTail(tail.bytes)).toMatchObject({
      floor: 512,
      months: [
        ['2026-10', 0],
        ['2026-11', 1],
      ],
      entries: entries.slice(512),
    });
    expect(await auditLog(bindings).carried()).toMatchObject({ size: 600, isEmpty: true });
    expect(await auditLog(bindings).read({ after: 0 })).toEqual([]);
    // Else a record that a verifier lost over the change of logs would not be missed.
    expect(await auditLog(bindings).numbered('gateway-1')).toBe(41);
    await evictDurableObject(auditLog(bindings));
    expect(await auditLog(bindings).carried()).toMatchObject({ size: 600, isEmpty: true });
    expect(reported).toEqual([]);
  });

  test('lives on as a log: in the root log, and under the rule of retention', async () => {
    const leaves = (await writeFormer(600)).slice(512).map(leafHash);
    await auditLog(bindings).close();
    await runAlarms();
    expect(await runDurableObjectAlarm(auditLog(bindings))).toBe(true);
    const { months, ...state } = await readState(bindings, 'old');
    expect(state).toMatchObject({ size: 600, committed: 600, checkpoint: { size: 600 } });
    // A search asks the index of the whole, and finds what is in the tail as well.
    const find = async (agent: string) =>
      await searchLogs(bindings, { filter: { where: { agent } }, limit: 1_000 });
    expect((await find('https://idp.example#agent-3')).records).toHaveLength(86);
    const subject = await searchLogs(bindings, {
      filter: { where: { subject: 'alice' } },
      limit: 9,
    });
    expect(subject.records).toMatchObject([{ log: 'old', index: 6 }]);
    const index = await archiveOf(bindings, 'old').get('m/2026-10/index/2026-10-03.00000000');
    expect(readBlocks(index?.bytes ?? new Uint8Array())).toMatchObject([{ bundle: 0 }]);
    await archiveOf(bindings, 'old').delete(['m/2026-10/index/2026-10-03.00000000']);
    expect(await rebuildPart(bindings, 'old', 0)).toEqual({ bundles: 2 });
    const again = await archiveOf(bindings, 'old').get('m/2026-10/index/2026-10-03.00000000');
    expect(again?.bytes).toEqual(index?.bytes);
    const root = await readRecords(bindings, 'root', 0, 100);
    expect(root.map(({ record }) => record)).toMatchObject([{ log: 'old' }]);
    expect(await readLogs(bindings)).toContainEqual(
      expect.objectContaining({ log: 'old', checkpoint: state.checkpoint }),
    );
    // The next round is due without a record.
    expect(await runDurableObjectAlarm(auditLog(bindings))).toBe(true);
    expect(reported).toEqual([]);

    const archive = archiveOf(bindings, 'old');
    const ruled: IssuerEnv = { ...bindings, AUDIT_RETENTION: '{"old":2}' };
    const apply = () => new DailyRetention(ruled, 'old', archive).run(months, Date.UTC(2027, 5));
    const held = await subjectKeys(bindings, digitOf('alice')).hold({
      subject: 'alice',
      actor: 'operator',
      reason: 'a lawsuit',
    });
    await apply();
    expect((await archive.list('m/')).paths).toHaveLength(4);
    await subjectKeys(bindings, digitOf('alice')).release(held.id);
    await apply();
    // Also the last month: no record will ever begin another.
    expect((await archive.list('m/')).paths).toEqual([]);
    const tail = await archive.get('tail');
    expect(tail && readTail(tail.bytes)).toMatchObject({ floor: 512, entries: [], leaves });
    expect(fromUtf8(tail?.bytes ?? new Uint8Array())).toBeUndefined(); // Hashes are no text.
    // The log is whole: it compares itself with its archive, and proves how it grew.
    await evictDurableObject(transparencyLog(bindings, 'old'));
    await apply();
    expect(await transparencyLog(bindings, 'old').round()).toMatchObject({ committed: 600 });
    expect(await rangeProofOf(bindings, 'old', { from: 0 })).toMatchObject({ ok: true });
    expect(await receiptOf(bindings, 'old', 599)).toMatchObject({
      error: { code: 'record_unknown' },
    });
    expect(await readRecords(bindings, 'old', 0, 600)).toEqual([]);
  });

  test('cannot be opened by the release before once it is closed', async () => {
    await writeFormer(300);
    const open = () =>
      runInDurableObject(auditLog(bindings), (_log, { storage }) =>
        migrate(storage, { ...auditSchema, steps: auditSchema.steps.slice(0, 2) }),
      );
    await open();
    await auditLog(bindings).close();
    await expect(open()).rejects.toThrow('deploy the release that wrote it');
    await runAlarms();
    expect(await auditLog(bindings).carried()).toMatchObject({ isEmpty: true });
    await expect(open()).rejects.toThrow('deploy the release that wrote it');
  });

  test('writes what it still counted and awaited before it closes', async () => {
    await runInDurableObject(auditLog(bindings), (_log, { storage }) => {
      storage.sql.exec("INSERT INTO awaited (verifier, n, latest, due) VALUES ('v', 2, 2, 9e15)");
      storage.sql.exec(
        "INSERT INTO refused (minute, agent, at, code, n, sample) VALUES (1, '', 'call', 'x', 5, NULL)",
      );
    });
    expect(await auditLog(bindings).close()).toMatchObject({ size: 2 });
    const records = await auditLog(bindings).read({ after: 0 });
    expect(records.map(({ record }) => record)).toMatchObject([
      { event: 'gap', verifier: 'v', after: 0, before: 3 },
      { event: 'refusals', count: 5 },
    ]);
  });

  test('closes with one gap up to the newest announcement, recorded when it closed', async () => {
    await writeFormer(255);
    await runInDurableObject(auditLog(bindings), (_log, { storage }) => {
      storage.sql.exec(
        "INSERT INTO awaited (verifier, n, latest, due) VALUES ('gateway-1', 43, 45, 9e15)",
      );
    });
    const begun = Date.now();
    expect(await auditLog(bindings).close()).toMatchObject({ size: 256 });
    const [gap] = (await auditLog(bindings).read({ after: 255 })).map(({ record }) => record);
    expect(gap).toMatchObject({ event: 'gap', verifier: 'gateway-1', after: 41, before: 46 });
    expect(gap?.at).toBeGreaterThanOrEqual(begun);
    expect(gap?.at).toBeLessThanOrEqual(Date.now());
    expect(await auditLog(bindings).numbered('gateway-1')).toBe(45);
    // It ends a bundle, whose month is that of the gap.
    expect(await runAlarms()).toBeLessThan(10);
  });

  test('keeps its records while it cannot sign, and says why', async () => {
    await writeFormer(300);
    const unsigned = { ...bindings, LOG_KEY: undefined };
    await runInDurableObject(auditLog(bindings), async (log) => {
      Object.assign(log, { env: unsigned });
      await (log as unknown as { close(): void }).close();
    });
    await runAlarms(4);
    expect(reported.join()).toContain('unsigned');
    expect(await auditLog(bindings).carried()).toMatchObject({ isEmpty: false });
    expect(await auditLog(bindings).read({ after: 298 })).toHaveLength(2);
  });

  test('is not emptied while the archive has anything else', async () => {
    const entries = await writeFormer(600);
    await auditLog(bindings).close();
    await runDurableObjectAlarm(auditLog(bindings));
    await runDurableObjectAlarm(auditLog(bindings));
    const archive = archiveOf(bindings, 'old');
    const bundle = await archive.get('m/2026-11/entries/001');
    const forged = bundle?.bytes.slice() ?? new Uint8Array();
    forged[100] = (forged[100] ?? 0) ^ 1;
    await archive.replace('m/2026-11/entries/001', forged, bundle?.etag);
    await runAlarms(4);
    expect(reported.join()).toContain('archive_differs');
    expect(await auditLog(bindings).carried()).toMatchObject({ isEmpty: false });
    expect(await auditLog(bindings).read({ after: 0 })).not.toEqual([]);
    expect(entries).toHaveLength(600);
  });

  test('does not carry over a chain that was altered', async () => {
    await writeFormer(300);
    await runInDurableObject(auditLog(bindings), (_log, { storage }) => {
      storage.sql.exec('DROP TRIGGER record_is_final');
      storage.sql.exec(
        `UPDATE record SET body = replace(body, 'agent-3', 'agent-4') WHERE seq = 3`,
      );
    });
    await auditLog(bindings).close();
    await runAlarms(4);
    expect(reported.join()).toContain('record 3 was altered');
    expect(await auditLog(bindings).carried()).toMatchObject({ isEmpty: false, archived: 0 });
  });

  // After each prefix of the steps, a crash that loses whatever the object had in memory and, for
  // the archive, leaves what the step had written.
  test('continues after a crash in every step', async () => {
    for (let steps = 1; steps <= 5; steps++) {
      const entries = await writeFormer(600);
      await auditLog(bindings).close();
      for (let step = 0; step < steps; step++) {
        const before = await runInDurableObject(auditLog(bindings), (_log, { storage }) =>
          storage.sql.exec('SELECT * FROM carried').toArray(),
        );
        await runDurableObjectAlarm(auditLog(bindings));
        const isEmpty = (await auditLog(bindings).carried()).isEmpty;
        if (step < steps - 1 || isEmpty) continue;
        // The archive has the writes of the step, and the rows do not know.
        await runInDurableObject(auditLog(bindings), (_log, { storage }) => {
          const [row = {}] = before;
          const names = Object.keys(row);
          storage.sql.exec(
            `INSERT OR REPLACE INTO carried (${names.join()}) VALUES (${names.map(() => '?').join()})`,
            ...Object.values(row),
          );
        });
        await evictDurableObject(auditLog(bindings));
      }
      await runAlarms();
      expect(await auditLog(bindings).carried()).toMatchObject({ isEmpty: true, compared: 600 });
      expect(await checkpoint()).toMatchObject({ root: rootOf(entries.map(leafHash)) });
      expect(reported).toEqual([]);
      await reset();
    }
  });
});
