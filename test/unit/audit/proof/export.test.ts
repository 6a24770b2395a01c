import { describe, expect, test } from 'vitest';
import { ExportVerifier, policyFor, readTrust } from '../../../../src/audit/proof/index.ts';
import { requireQuorum } from '../../../../src/tlog/index.ts';
import {
  checkpointOf,
  decision,
  exportOf,
  LOG_KEY,
  logOfRecords,
  receiptOf,
  type SignedLog,
  WITNESS_KEY,
} from './signed-log.ts';

const LOG = await logOfRecords(Array.from({ length: 300 }, (_, n) => decision(n + 1)));
const read = readTrust(LOG_KEY, [WITNESS_KEY]);
if (!read.ok) throw new Error(read.error.code);
const TRUST = read.value;

async function known(log: SignedLog, size: number) {
  const checkpoint = await requireQuorum(await checkpointOf(log, size), policyFor(TRUST, log.log));
  if (!checkpoint.ok) throw new Error(checkpoint.error);
  return checkpoint.value;
}

async function verify(lines: readonly string[], checkpoints: readonly [SignedLog, number][] = []) {
  const notes = await Promise.all(checkpoints.map(([log, size]) => known(log, size)));
  const verifier = new ExportVerifier(TRUST, notes);
  for (const line of lines) await verifier.line(line);
  return verifier.end();
}
const codes = async (...given: Parameters<typeof verify>) =>
  (await verify(...given)).faults.map(({ code, index }) => `${code} ${index ?? ''}`.trim());

/** Changes a member of a line of JSON. */
const edit = (line: string | undefined, change: object): string =>
  JSON.stringify({ ...(JSON.parse(line ?? '{}') as object), ...change });

describe('a whole export', () => {
  test('is accepted', async () => {
    expect(await verify(await exportOf(LOG))).toEqual({
      logs: [{ log: LOG.log, size: 300, records: 300, range: { from: 0, to: 300 } }],
      erased: 0,
      faults: [],
    });
  });

  test.each([0, 1, 255, 256, 299, 300])('from record %d on is accepted', async (from) => {
    expect(await codes(await exportOf(LOG, { from }))).toEqual([]);
  });

  test('of a part of the log is accepted', async () => {
    expect(await codes(await exportOf(LOG, { from: 100, to: 200 }))).toEqual([]);
  });

  test('counts the records whose person is erased, and is accepted', async () => {
    const report = await verify(await exportOf(LOG, { erased: true }));
    expect(report).toMatchObject({ erased: 300, faults: [] });
  });

  test('is accepted with earlier checkpoints of the same history', async () => {
    const checkpoints: [SignedLog, number][] = [
      [LOG, 0],
      [LOG, 1],
      [LOG, 256],
      [LOG, 300],
    ];
    expect(await codes(await exportOf(LOG), checkpoints)).toEqual([]);
    expect(await codes(await exportOf(LOG, { from: 256 }), checkpoints)).toEqual([]);
  });
});

describe('an export shows', () => {
  test.each([1, 2, 150, 299])('that the record of line %d was removed', async (place) => {
    const lines = (await exportOf(LOG)).toSpliced(place, 1);
    const [first] = await codes(lines);
    expect(first).toBe(`removed ${place - 1}`);
  });

  test('that the last records were cut off', async () => {
    expect(await codes((await exportOf(LOG)).slice(0, -3))).toEqual(['truncated 297']);
  });

  test('that records were cut off, if an earlier checkpoint of a longer log is known', async () => {
    const lines = await exportOf(LOG, { to: 200, size: 200 });
    expect(await codes(lines)).toEqual([]);
    expect(await codes(lines, [[LOG, 300]])).toEqual(['truncated']);
  });

  test('that the records end before the checkpoint that the head of the export claims', async () => {
    const lines = await exportOf(LOG, { to: 200 });
    expect(await codes(lines.with(0, edit(lines[0], { to: 300 })))).toEqual(['truncated 200']);
  });

  test('that a record was changed', async () => {
    const lines = await exportOf(LOG);
    const changed = (lines[100] ?? '').replace('\\"allowed\\":true', '\\"allowed\\":false');
    expect(changed).not.toBe(lines[100]);
    expect(await codes(lines.with(100, changed))).toEqual(['changed']);
  });

  test('that the readable form of a record differs from its entry', async () => {
    const lines = await exportOf(LOG);
    const right = edit(lines[100], { record: decision(100) });
    expect(await codes(lines.with(100, right))).toEqual([]);
    const wrong = edit(lines[100], { record: { ...decision(100), allowed: false } });
    expect(await codes(lines.with(100, wrong))).toEqual(['changed 99']);
  });

  test('that a personal member was changed', async () => {
    const lines = await exportOf(LOG);
    const changed = (lines[100] ?? '').replace('#alice', '#carol');
    expect(await codes(lines.with(100, changed))).toEqual(['changed 99']);
  });

  test('that two records were exchanged', async () => {
    const lines = await exportOf(LOG);
    const [a = '', b = ''] = [lines[10], lines[11]];
    expect(await codes(lines.with(10, b).with(11, a))).toEqual(['removed 9', 'reordered 9']);
    const [one, two] = [edit(b, { index: 9 }), edit(a, { index: 10 })];
    expect(await codes(lines.with(10, one).with(11, two))).toEqual(['changed']);
  });

  test('that a record was put in', async () => {
    const lines = await exportOf(LOG);
    expect(await codes(lines.toSpliced(10, 0, lines[10] ?? ''))).toEqual(['reordered 9']);
  });

  test('that the log signed another history of the same size or of an earlier one', async () => {
    const other = await logOfRecords(
      Array.from({ length: 300 }, (_, n) => decision(n + 1, n === 7 ? { allowed: false } : {})),
    );
    const lines = await exportOf(other);
    expect(await codes(lines)).toEqual([]);
    expect(await codes(lines, [[LOG, 300]])).toEqual(['forked']);
    expect(await codes(lines, [[LOG, 8]])).toEqual(['forked']);
    expect(await codes(lines, [[LOG, 7]])).toEqual([]);
  });

  test('a gap in the numbers of a verifier that the log does not name', async () => {
    const numbers = [1, 2, 4, 5];
    const log = await logOfRecords(numbers.map((n) => decision(n)));
    const report = await verify(await exportOf(log));
    expect(report.faults).toEqual([
      {
        code: 'gap',
        detail: 'the log has no records 3 of vx-1, and names no gap',
      },
    ]);
  });

  test('that the first records of a verifier are missing in a log from its start', async () => {
    const log = await logOfRecords([3, 4].map((n) => decision(n)));
    expect(await codes(await exportOf(log))).toEqual(['gap']);
    expect(await codes(await exportOf(LOG, { from: 10 }))).toEqual([]);
  });

  test('a gap that the log has recorded', async () => {
    const gap = {
      event: 'gap',
      id: 'gap.1',
      at: 1,
      verifier: 'vx-1',
      after: 1,
      before: 3,
    } as const;
    const log = await logOfRecords([decision(1), gap, decision(3)]);
    const { faults } = await verify(await exportOf(log));
    expect(faults).toEqual([
      { code: 'gap', detail: 'the records of vx-1 between 1 and 3 never arrived' },
    ]);
  });
});

describe('an export is refused', () => {
  test('without a checkpoint', async () => {
    const [, ...records] = await exportOf(LOG, { to: 2 });
    expect(await codes(records)).toContain('checkpoint_invalid 0');
    expect(await codes([])).toEqual(['checkpoint_invalid']);
  });

  test('with a checkpoint of another log, without the witness, or with a bad signature', async () => {
    const lines = await exportOf(LOG, { to: 2, size: 2 });
    const head = lines[0] ?? '';
    for (const forged of [
      edit(head, { log: 'control' }),
      head.replace(/— witness[^"]*/, ''),
      head.replace('\\n2\\n', '\\n3\\n'),
    ]) {
      expect(forged).not.toBe(head);
      expect(await codes(lines.with(0, forged))).toContain('checkpoint_invalid');
    }
  });

  test('with a line of another form', async () => {
    const lines = await exportOf(LOG, { to: 2, size: 2 });
    expect(await codes(lines.toSpliced(1, 0, '[1]'))).toEqual(['line_malformed']);
    expect(await codes(lines.toSpliced(1, 0, ''))).toEqual([]);
  });
});

describe('single records of an export', () => {
  const lines = async (index: number, claimed = index) => {
    const [extra, , ...proof] =
      (await receiptOf(LOG, index)).split('\n\n')[0]?.split('\n').slice(1) ?? [];
    const content = JSON.parse(Buffer.from(extra?.slice(6) ?? '', 'base64').toString()) as object;
    return [
      JSON.stringify({ log: LOG.log, checkpoint: await checkpointOf(LOG) }),
      JSON.stringify({ log: LOG.log, index: claimed, ...content, proof }),
    ];
  };

  test('are accepted with proofs of their own, and name no gaps', async () => {
    expect(await verify(await lines(200))).toEqual({
      logs: [{ log: LOG.log, size: 300, records: 1 }],
      erased: 0,
      faults: [],
    });
  });

  test('are refused at another place', async () => {
    expect(await codes(await lines(200, 201))).toEqual(['changed 201']);
  });
});
