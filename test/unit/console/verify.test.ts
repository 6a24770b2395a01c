import { describe, expect, test } from 'vitest';
import { type Proofs, verifyRecords } from '../../../src/console/trail/verify/index.ts';
import { leafHash, proveInclusionIn, toBase64 } from '../../../src/tlog/index.ts';
import {
  checkpointOf,
  decision,
  exportOf,
  LOG_KEY,
  logOfRecords,
  WITNESS_KEY,
} from '../audit/proof/signed-log.ts';

const RECORDS = Array.from({ length: 7 }, (_, n) => decision(n + 1));
const LOG = await logOfRecords(RECORDS);
const ORIGIN = 'issuer.example/audit/decisions-1-1';
const SHOWN = RECORDS.map((record, index) => ({ log: LOG.log, index, record }));

/** What the issuer answers for these records. */
async function proofs(changes: Partial<Proofs['logs'][number]> = {}): Promise<Proofs> {
  const [, ...lines] = await exportOf(LOG);
  const leaves = LOG.entries.map(({ entry }) => leafHash(entry));
  const checkpoint = await checkpointOf(LOG);
  const [origin = '', size, root = ''] = checkpoint.split('\n');
  const log = { log: LOG.log, origin, size: Number(size), root, checkpoint };
  return {
    logs: [{ ...log, key: LOG_KEY, witnesses: [WITNESS_KEY], quorum: 1, ...changes }],
    records: lines.map((line, index) => ({
      ...(JSON.parse(line) as Proofs['records'][number]),
      record: RECORDS[index] as never,
      proof: proveInclusionIn(index, leaves).map(toBase64),
    })),
    unproven: [],
  };
}

const whys = async (shown: typeof SHOWN, given: Proofs) =>
  (await verifyRecords(shown, given)).faults.map(({ index, why }) => `${index} ${why}`);

describe('the check of the trail in the browser', () => {
  test('proves what the page shows, and names the witnesses', async () => {
    const verdict = await verifyRecords(SHOWN, await proofs());
    expect(verdict).toMatchObject({ proven: 7, faults: [] });
    expect(verdict.logs).toMatchObject([{ size: 7, witnesses: ['witness.example/w1'] }]);
    expect(verdict.logs[0]?.origin).toBe((await proofs()).logs[0]?.origin);
    expect(verdict.logs[0]?.origin).toContain(ORIGIN.split('/').at(-1));
  });

  test('finds a record on the page that its entry does not say', async () => {
    const shown = SHOWN.with(2, {
      log: LOG.log,
      index: 2,
      record: decision(3, { allowed: false }),
    });
    expect(await whys(shown, await proofs())).toEqual(['2 differs']);
  });

  test('finds a member on the page that the entry does not have', async () => {
    const shown = SHOWN.with(1, { log: LOG.log, index: 1, record: decision(2, { code: 'x' }) });
    expect(await whys(shown, await proofs())).toEqual(['1 differs']);
  });

  test('finds records in another order', async () => {
    const [first, second, ...rest] = SHOWN;
    const swapped = [{ ...second, index: 0 }, { ...first, index: 1 }, ...rest] as typeof SHOWN;
    expect(await whys(swapped, await proofs())).toEqual(['0 differs', '1 differs']);
  });

  test('finds an entry that is not in the tree', async () => {
    const given = await proofs();
    const records = given.records.map((one, index) =>
      index === 4 ? { ...one, entry: one.entry.replace('vx-1.5', 'vx-1.6') } : one,
    );
    expect(await whys(SHOWN, { ...given, records })).toEqual(['4 not_in_log']);
  });

  test('finds openings that the entry does not commit to', async () => {
    const given = await proofs();
    const text = JSON.stringify(given.records[3]).replace('answer letters', 'delete letters');
    const records = given.records.map((one, index) =>
      index === 3 ? (JSON.parse(text) as Proofs['records'][number]) : one,
    );
    expect(await whys(SHOWN, { ...given, records })).toEqual(['3 entry_malformed']);
  });

  test('believes no checkpoint that the key of the log has not signed', async () => {
    const checkpoint = (await checkpointOf(LOG)).replace(/\n7\n/, '\n8\n');
    const faults = await whys(SHOWN, await proofs({ checkpoint }));
    expect(new Set(faults.map((one) => one.split(' ')[1]))).toEqual(
      new Set(['checkpoint_invalid']),
    );
    expect(await whys(SHOWN, await proofs({ key: 'no key' }))).toHaveLength(7);
    expect(await whys(SHOWN, await proofs({ origin: 'another' }))).toHaveLength(7);
  });

  test('says when too few witnesses signed', async () => {
    const faults = await whys(SHOWN, await proofs({ quorum: 2 }));
    expect(faults[0]).toBe('0 witnesses_missing');
    expect(faults).toHaveLength(7);
  });

  test('says when the issuer gave no proof for a record', async () => {
    const given = await proofs();
    expect(await whys(SHOWN, { ...given, records: given.records.slice(1) })).toEqual([
      '0 no_proof',
    ]);
    expect(await whys(SHOWN, { ...given, logs: [] })).toHaveLength(7);
  });
});
