import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type DecisionRecord,
  findLogFault,
  findTrailFault,
  type RefusalRecord,
} from '../../../../src/audit/index.ts';
import { appendRecords } from '../../../../workers/issuer/log/append.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { evictLogs } from '../logs.scene.ts';
import { readMerged } from '../merged.ts';

/** The chain of the audit log, and the gaps in it. */
const env = untyped as unknown as IssuerEnv;

afterEach(() => reset());

const refusal = (id: string): RefusalRecord => ({
  event: 'refusal',
  id,
  at: 1_000,
  agent: 'https://idp.example#agent',
  error: 'invalid_request',
  code: 'body_too_large',
});

describe('the audit log', () => {
  test('keeps the order of records, even across an eviction', async () => {
    await appendRecords(env, [refusal('a'), refusal('b')]);
    await evictLogs(env);
    const end = await appendRecords(env, [refusal('c')]);
    const trail = await readMerged(env, { after: 0 });
    expect(trail.map(({ seq, record }) => [seq, record.id])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(end).toMatchObject([{ log: 'control', index: 2 }]);
    expect(await findTrailFault(trail)).toBeUndefined();
  });

  test('writes a repeated batch once', async () => {
    await appendRecords(env, [refusal('a')]);
    await appendRecords(env, [refusal('a'), refusal('b')]);
    expect((await readMerged(env, { after: 0 })).map(({ record }) => record.id)).toEqual([
      'a',
      'b',
    ]);
  });
});

describe("a verifier's numbered records", () => {
  const record = (n: number, verifier = 'v'): DecisionRecord => ({
    event: 'decision',
    id: `${verifier}.${n}`,
    verifier,
    n,
    at: 1_000,
    blocks: [],
    allowed: true,
  });
  const gaps = async () =>
    (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
      record.event === 'gap' ? [[record.verifier, record.after, record.before]] : [],
    );

  test('that never arrived leave a gap in the log, for each verifier', async () => {
    await appendRecords(env, [record(1), record(2), record(1, 'w'), record(4), record(5)]);
    expect(await gaps()).toEqual([['v', 2, 4]]);
    await evictLogs(env);
    await appendRecords(env, [record(5), record(6), record(3, 'w')]);
    expect(await gaps()).toEqual([
      ['v', 2, 4],
      ['w', 1, 3],
    ]);
  });

  test('that arrive late or twice leave no gap', async () => {
    await appendRecords(env, [record(1), record(3), record(2), record(3)]);
    await appendRecords(env, [record(3), record(4)]);
    expect(await gaps()).toEqual([['v', 1, 3]]);
    expect(await findLogFault(await readMerged(env, { after: 0 }), 0)).toBeUndefined();
  });

  test('leave a gap before the first one that arrived, because a verifier counts from one', async () => {
    await appendRecords(env, [record(7)]);
    expect(await gaps()).toEqual([['v', 0, 7]]);
  });
});

test('a record that was removed from the log leaves a gap, wherever it was', async () => {
  await appendRecords(env, [refusal('a'), refusal('b'), refusal('c')]);
  const log = await readMerged(env, { after: 0 });
  expect(await findLogFault(log, 0)).toBeUndefined();
  expect(await findLogFault(log.slice(1), 1)).toBeUndefined();
  expect(await findLogFault(log.slice(1), 0)).toEqual({ seq: 1, fault: 'gap' });
  const holed = log.filter(({ seq }) => seq !== 2);
  expect(await findLogFault(holed, 0)).toEqual({ seq: 2, fault: 'gap' });
});
